/** Stable identifiers of everything that can go wrong in front of a user. Never renamed: scripts match on them. */
export type ErrorCode =
  | "capability-missing"
  | "command-refused"
  | "command-timeout"
  | "disk-busy"
  | "engine-corrupt"
  | "engine-missing"
  | "file-unreadable"
  | "guest-panicked"
  | "image-broken"
  | "image-changed"
  | "image-in-use"
  | "image-unsupported"
  | "internal"
  | "memory-not-granted"
  | "no-such-disk"
  | "no-such-image"
  | "no-such-snapshot"
  | "no-such-vm"
  | "overlay-file-bad"
  | "overlay-foreign"
  | "profile-invalid"
  | "qemu-exited"
  | "snapshot-bad"
  | "snapshot-unfit"
  | "state-failed"
  | "storage-failed"
  | "storage-full"
  | "transport-lost"
  | "vm-state"
  | "worker-died";

/** The plain-data form of an error: it crosses a MessagePort unchanged. */
export interface ErrorData {
  code: ErrorCode;
  /** One sentence saying what happened. */
  message: string;
  /** One sentence saying what the user can do about it. */
  hint: string;
}

/** An error that a user may see: what happened, what to do, and a code that scripts can rely on. */
export class QemuWebError extends Error {
  override readonly name = "QemuWebError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  toData(): ErrorData {
    return { code: this.code, message: this.message, hint: this.hint };
  }

  static fromData(data: ErrorData): QemuWebError {
    return new QemuWebError(data.code, data.message, data.hint);
  }
}

/** Anything thrown, as an error that can be shown; what was not expected becomes `internal`. */
export function toErrorData(thrown: unknown): ErrorData {
  if (thrown instanceof QemuWebError) return thrown.toData();
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "internal", message, hint: "This is a bug in QemuWeb: see the VM's log, and start the VM again." };
}
