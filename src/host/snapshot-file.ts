/** The snapshot file: docs/formats/snapshot.md has its layout and the reasons. */
import { QemuWebError } from "../core/errors.ts";
import { parseProfile } from "../model/parse-profile.ts";
import type { SnapshotFacts } from "../model/snapshot.ts";

const MAGIC = Uint8Array.of(0x89, 0x51, 0x57, 0x53, 0x4e, 0x0d, 0x0a, 0x1a);
const VERSION = 2;
const DIGEST = 32;
/** Length of the contents, version, digest of the contents, magic. */
const TRAILER = 4 + 4 + DIGEST + MAGIC.length;

/** A disk's part of the file: an overlay file (docs/formats/overlay.md). */
interface DiskPart {
  disk: string;
  bytes: number;
}

/** What the file says of itself. Version 1 had the facts alone. */
interface Contents {
  facts: SnapshotFacts;
  /** In the order of the file, behind the state. */
  disks: DiskPart[];
}

export interface SnapshotFile {
  facts: SnapshotFacts;
  /** gzip; empty when it has none. */
  state: Blob;
  /** None in the store, where the disks' contents are with their overlays. */
  disks: { disk: string; file: Blob }[];
}

/** What follows the state, and the disks' parts, in the file. */
export async function snapshotTrailer(facts: SnapshotFacts, disks: DiskPart[] = []): Promise<Uint8Array<ArrayBuffer>> {
  const contents: Contents = { facts, disks };
  const json = new TextEncoder().encode(JSON.stringify(contents));
  const bytes = new Uint8Array(json.length + TRAILER);
  const view = new DataView(bytes.buffer, json.length);
  bytes.set(json);
  view.setUint32(0, json.length, true);
  view.setUint32(4, VERSION, true);
  bytes.set(await sha256(json), json.length + 8);
  bytes.set(MAGIC, json.length + 8 + DIGEST);
  return bytes;
}

/** Reads the file's end, and finds its parts. Throws `snapshot-bad`. */
export async function readSnapshotFile(file: Blob): Promise<SnapshotFile> {
  const bytes = async (start: number, end: number) => new Uint8Array(await file.slice(start, end).arrayBuffer());
  if (file.size < TRAILER) throw snapshotBad("is too short");
  const trailer = await bytes(file.size - TRAILER, file.size);
  const view = new DataView(trailer.buffer);
  if (!equal(trailer.subarray(8 + DIGEST), MAGIC)) throw snapshotBad("is none, or its end is missing");
  const version = view.getUint32(4, true);
  if (version > VERSION) throw snapshotBad(`has version ${version}, newer than this QemuWeb`, "Update the extension.");
  const end = file.size - TRAILER - view.getUint32(0, true);
  if (end < 0) throw snapshotBad("is altered");
  const json = await bytes(end, file.size - TRAILER);
  if (!equal(await sha256(json), trailer.subarray(8, 8 + DIGEST))) throw snapshotBad("is altered");
  const { facts, disks } = parsed(json);
  let at = end - disks.reduce((sum, part) => sum + part.bytes, 0);
  if (at < 0) throw snapshotBad("is cut off at its beginning");
  const state = file.slice(0, at);
  const parts = disks.map(({ disk, bytes }) => {
    at += bytes;
    return { disk, file: file.slice(at - bytes, at) };
  });
  return { facts, state, disks: parts };
}

/** Written by us, as the digest says; but by which version of us? */
function parsed(json: Uint8Array): Contents {
  const said = JSON.parse(new TextDecoder().decode(json)) as Contents | SnapshotFacts;
  const { facts, disks } = "facts" in said ? said : { facts: said, disks: [] };
  return { facts: { ...facts, profile: parseProfile(facts.profile) }, disks };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, n) => byte === b[n]);
}

/** `why` completes "The snapshot file ...". */
export function snapshotBad(why: string, hint?: string, options?: ErrorOptions): QemuWebError {
  const again = "Export the snapshot again, and copy the file whole.";
  return new QemuWebError("snapshot-bad", `The snapshot file ${why}.`, hint ?? again, options);
}
