/** The snapshot file: docs/formats/snapshot.md has its layout and the reasons. */
import { QemuWebError } from "../core/errors.ts";
import { parseProfile } from "../model/parse-profile.ts";
import type { SnapshotFacts } from "../model/snapshot.ts";

const MAGIC = Uint8Array.of(0x89, 0x51, 0x57, 0x53, 0x4e, 0x0d, 0x0a, 0x1a);
const VERSION = 1;
const DIGEST = 32;
/** Length of the facts, version, digest of the facts, magic. */
const TRAILER = 4 + 4 + DIGEST + MAGIC.length;

/** What follows the state in the file. */
export async function snapshotTrailer(facts: SnapshotFacts): Promise<Uint8Array<ArrayBuffer>> {
  const json = new TextEncoder().encode(JSON.stringify(facts));
  const bytes = new Uint8Array(json.length + TRAILER);
  const view = new DataView(bytes.buffer, json.length);
  bytes.set(json);
  view.setUint32(0, json.length, true);
  view.setUint32(4, VERSION, true);
  bytes.set(await sha256(json), json.length + 8);
  bytes.set(MAGIC, json.length + 8 + DIGEST);
  return bytes;
}

/** A snapshot file's facts and its state (gzip; empty when it has none). Throws `snapshot-bad`. */
export async function readSnapshotFile(file: Blob): Promise<{ facts: SnapshotFacts; state: Blob }> {
  const bytes = async (start: number, end: number) => new Uint8Array(await file.slice(start, end).arrayBuffer());
  if (file.size < TRAILER) throw bad("is too short");
  const trailer = await bytes(file.size - TRAILER, file.size);
  const view = new DataView(trailer.buffer);
  if (!equal(trailer.subarray(8 + DIGEST), MAGIC)) throw bad("is none, or its end is missing");
  const version = view.getUint32(4, true);
  if (version !== VERSION) throw bad(`has version ${version}, and this QemuWeb knows version ${VERSION}`);
  const stateEnd = file.size - TRAILER - view.getUint32(0, true);
  if (stateEnd < 0) throw bad("is altered");
  const json = await bytes(stateEnd, file.size - TRAILER);
  if (!equal(await sha256(json), trailer.subarray(8, 8 + DIGEST))) throw bad("is altered");
  return { facts: parsed(json), state: file.slice(0, stateEnd) };
}

/** Written by us, as the digest says; but by which version of us? */
function parsed(json: Uint8Array): SnapshotFacts {
  const facts = JSON.parse(new TextDecoder().decode(json)) as SnapshotFacts;
  return { ...facts, profile: parseProfile(facts.profile) };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, n) => byte === b[n]);
}

function bad(why: string): QemuWebError {
  return new QemuWebError(
    "snapshot-bad",
    `The snapshot file ${why}.`,
    "Export the snapshot again, and copy the file whole.",
  );
}
