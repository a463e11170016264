/** Where things lie in a qcow2 image (version 3, clusters of 64 KiB) that is written front to back: docs/interop/qcow2.rst. */
import { QCOW2_MAGIC } from "./header.ts";

export const CLUSTER = 1 << 16;
const CLUSTER_BITS = 16;
/** Entries of 8 bytes in a cluster: of an L2 table, of the tables of tables. */
const ENTRIES = CLUSTER / 8;
/** Reference counts of 2 bytes in a cluster. */
const COUNTS = CLUSTER / 2;
const HEADER_LENGTH = 104;
/** The cluster is referred to once: it may be written in place. */
const COPIED = 1n << 63n;

/** Successive clusters of the guest's that have data. */
export interface ClusterRun {
  first: number;
  count: number;
}

/** Everything counts in clusters: header, reference count table and blocks, L1 table, L2 tables, data, one after the other. */
export interface Qcow2Layout {
  virtualSize: number;
  runs: readonly ClusterRun[];
  referenceTable: number;
  referenceBlocks: number;
  l1: number;
  l2: number;
  data: number;
  total: number;
  /** Of the whole image, bytes. */
  size: number;
}

/** `runs` are in the guest's order and don't overlap. */
export function layOut(virtualSize: number, runs: readonly ClusterRun[]): Qcow2Layout {
  const data = runs.reduce((sum, run) => sum + run.count, 0);
  const l1 = Math.max(1, Math.ceil(l1Length(virtualSize) / ENTRIES));
  const l2 = tables(runs).length;
  let [referenceTable, referenceBlocks] = [1, 1];
  for (;;) {
    const total = 1 + referenceTable + referenceBlocks + l1 + l2 + data;
    const blocks = Math.ceil(total / COUNTS);
    const table = Math.ceil(blocks / ENTRIES);
    if (blocks <= referenceBlocks && table <= referenceTable) {
      return { virtualSize, runs, referenceTable, referenceBlocks, l1, l2, data, total, size: total * CLUSTER };
    }
    // More of them need more themselves.
    [referenceTable, referenceBlocks] = [table, blocks];
  }
}

/** All before the data, in pieces of a cluster. The data follow in their order, whole clusters. */
export function* metadata(layout: Qcow2Layout): Generator<Uint8Array<ArrayBuffer>> {
  const { runs, referenceTable, referenceBlocks, l1, total, virtualSize } = layout;
  const blocksAt = 1 + referenceTable;
  const l1At = blocksAt + referenceBlocks;
  const l2At = l1At + l1;
  yield header(virtualSize, l1At, referenceTable);
  yield* table(referenceTable, referenceBlocks, (n) => BigInt((blocksAt + n) * CLUSTER));
  for (let n = 0; n < referenceBlocks; n++) yield counts(Math.min(COUNTS, total - n * COUNTS));
  const used = new Map(tables(runs).map((index, n) => [index, n]));
  yield* table(l1, l1Length(virtualSize), (index) => {
    const n = used.get(index);
    return n === undefined ? 0n : BigInt((l2At + n) * CLUSTER) | COPIED;
  });
  yield* l2Tables(runs, l2At + layout.l2);
}

function header(virtualSize: number, l1At: number, referenceTable: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(CLUSTER));
  view.setUint32(0, QCOW2_MAGIC);
  view.setUint32(4, 3);
  view.setUint32(20, CLUSTER_BITS);
  view.setBigUint64(24, BigInt(virtualSize));
  view.setUint32(36, l1Length(virtualSize));
  view.setBigUint64(40, BigInt(l1At * CLUSTER));
  view.setBigUint64(48, BigInt(CLUSTER));
  view.setUint32(56, referenceTable);
  view.setUint32(96, 4); // counts of 16 bits
  view.setUint32(100, HEADER_LENGTH);
  return new Uint8Array(view.buffer);
}

/** `length` entries in so many clusters. */
function* table(clusters: number, length: number, entry: (n: number) => bigint): Generator<Uint8Array<ArrayBuffer>> {
  for (let cluster = 0; cluster < clusters; cluster++) {
    const view = new DataView(new ArrayBuffer(CLUSTER));
    for (let n = 0; n < ENTRIES && cluster * ENTRIES + n < length; n++) {
      view.setBigUint64(n * 8, entry(cluster * ENTRIES + n));
    }
    yield new Uint8Array(view.buffer);
  }
}

/** A block of reference counts, the first `length` of which are 1. */
function counts(length: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(CLUSTER));
  for (let n = 0; n < length; n++) view.setUint16(n * 2, 1);
  return new Uint8Array(view.buffer);
}

/** The L2 tables that have entries, in order. The data begin at cluster `at`. */
function* l2Tables(runs: readonly ClusterRun[], at: number): Generator<Uint8Array<ArrayBuffer>> {
  let [view, open, next] = [new DataView(new ArrayBuffer(CLUSTER)), -1, at];
  for (const { first, count } of runs) {
    for (let index = first; index < first + count; index++) {
      const which = Math.floor(index / ENTRIES);
      if (which !== open) {
        if (open >= 0) yield new Uint8Array(view.buffer);
        [view, open] = [new DataView(new ArrayBuffer(CLUSTER)), which];
      }
      view.setBigUint64((index % ENTRIES) * 8, BigInt(next++ * CLUSTER) | COPIED);
    }
  }
  if (open >= 0) yield new Uint8Array(view.buffer);
}

/** Indexes of the L2 tables that have entries, in order. */
function tables(runs: readonly ClusterRun[]): number[] {
  const found: number[] = [];
  for (const { first, count } of runs) {
    const last = Math.floor((first + count - 1) / ENTRIES);
    for (let index = Math.max(Math.floor(first / ENTRIES), (found.at(-1) ?? -1) + 1); index <= last; index++) {
      found.push(index);
    }
  }
  return found;
}

function l1Length(virtualSize: number): number {
  return Math.ceil(virtualSize / (CLUSTER * ENTRIES));
}
