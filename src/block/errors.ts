import { QemuWebError } from "../core/errors.ts";

const BUG = "This is a bug in QemuWeb: see the VM's log, and start the VM again.";

export function outOfRange(offset: number, length: number, size: number): QemuWebError {
  return new QemuWebError("internal", `${length} bytes at ${offset} are not inside a disk of ${size} bytes.`, BUG);
}

export function writeToReadonly(): QemuWebError {
  return new QemuWebError("internal", "The disk is read-only.", "Attach it with an overlay to keep changes.");
}

export function deviceClosed(): QemuWebError {
  return new QemuWebError("internal", "The disk is closed.", BUG);
}

/** `why` completes "The image NAME ...". */
export function imageUnreadable(name: string, why: string, hint: string, cause?: unknown): QemuWebError {
  return new QemuWebError("file-unreadable", `The image ${name} ${why}.`, hint, { cause });
}

/** `why` says what is wrong in the image. */
export function imageBroken(
  format: string,
  why: string,
  hint = "Get the image again: it may have been cut off or altered.",
) {
  return new QemuWebError("image-broken", `The ${format} image is damaged: ${why}.`, hint);
}

/** `what` completes "The image ...". */
export function imageUnsupported(what: string, hint: string): QemuWebError {
  return new QemuWebError("image-unsupported", `The image ${what}, which QemuWeb can't use.`, hint);
}

export function noSuchImage(): QemuWebError {
  return new QemuWebError("no-such-image", "There is no such image any more.", "Choose another image of the library.");
}

export function diskBusy(what: string): QemuWebError {
  return new QemuWebError(
    "disk-busy",
    `${what} is in use by a VM or another window.`,
    "Stop the VM that uses it, wait until its import or export is done, or close the other window; then try again.",
  );
}

export function otherBase(): QemuWebError {
  return new QemuWebError(
    "overlay-foreign",
    "The overlay was made over another base image than this one.",
    "Choose the image that the disk was made with, or discard the disk's changes.",
  );
}

/** `why` completes "The overlay file ...". */
export function overlayFileBad(why: string, hint = "Export it again where it came from. Nothing was changed here.") {
  return new QemuWebError("overlay-file-bad", `The overlay file ${why}.`, hint);
}

/** What the browser threw while it was to `what`, as an error that says how to go on. */
export function storageFailed(what: string, cause: unknown): QemuWebError {
  if (cause instanceof QemuWebError) return cause;
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : "";
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  const [said, hint] =
    name === "QuotaExceededError"
      ? [
          "there is no space left",
          "Free some disk space, then try again, or resume the VM: nothing that was stored is lost.",
        ]
      : name === "VersionError"
        ? ["it was written by a newer version of QemuWeb", "Update the extension."]
        : [why.replace(/\.$/, ""), "Try again; if it fails again, reload the extension. What was flushed is kept."];
  const code = name === "QuotaExceededError" ? "storage-full" : "storage-failed";
  return new QemuWebError(code, `The browser could not ${what}: ${said}.`, hint, { cause });
}

/** Blocks that were stored are not there any more. */
export function storeGone(): QemuWebError {
  return new QemuWebError(
    "storage-failed",
    "The disk's changes were deleted from the browser's storage while the disk was in use.",
    "Stop the VM. If the extension's data was cleared, the changes are lost: import an exported overlay.",
  );
}

/** `why` is a sentence. */
export function overlayBroken(why: string): QemuWebError {
  return new QemuWebError(
    "storage-failed",
    `The disk's changes in the browser's storage are damaged. ${why}`,
    "Discard them, or import an overlay that was exported before.",
  );
}

export function noOverlay(): QemuWebError {
  return new QemuWebError("storage-failed", "Nothing was ever written to this disk.", "There is nothing to export.");
}

export function noSuchState(): QemuWebError {
  return new QemuWebError("no-such-snapshot", "The snapshot keeps nothing of this disk.", "Choose another snapshot.");
}

export function imageChanged(name: string): QemuWebError {
  return new QemuWebError(
    "image-changed",
    `The image ${name} was changed on its server since it was first used.`,
    "Put the old one back, or add the image again and make a new disk: what was kept doesn't fit the new one.",
  );
}
