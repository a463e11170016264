import type { GuestFile } from "../../qemu-wasm/protocol.ts";
import { QemuWebError } from "../core/errors.ts";
import type { FileRef } from "../model/profile.ts";
import type { NeededFile } from "../qemu/args.ts";
import type { EngineFiles } from "./engine-files.ts";

/** The files that a command line names, ready for the Worker. Throws `file-unreadable` naming the file. */
export function guestFiles(
  needed: NeededFile[],
  user: Record<string, Blob>,
  packaged: EngineFiles,
): Promise<GuestFile[]> {
  return Promise.all(
    needed.map(async ({ ref, path, use }) => ({ path, content: await content(ref, use, user, packaged) })),
  );
}

async function content(ref: FileRef, use: NeededFile["use"], user: Record<string, Blob>, packaged: EngineFiles) {
  if (ref.from === "guest") {
    const bytes = await packaged.guest(`${ref.guest}/${ref.name}`);
    return use === "memory" ? bytes : new Blob([new Uint8Array(bytes)]);
  }
  const blob = user[ref.name];
  if (!blob) throw unreadable(ref.name, "is not stored with the VM");
  try {
    if (use === "memory") return new Uint8Array(await blob.arrayBuffer());
    // A File whose original was moved or changed fails at the first read: better now than as a guest's I/O error.
    await blob.slice(0, 512).arrayBuffer();
    return blob;
  } catch (cause) {
    throw unreadable(ref.name, "can't be read: it was moved or changed since it was chosen", cause);
  }
}

function unreadable(name: string, why: string, cause?: unknown): QemuWebError {
  return new QemuWebError("file-unreadable", `The file ${name} ${why}.`, "Make a new VM and choose the file again.", {
    cause,
  });
}
