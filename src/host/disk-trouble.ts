import type { ErrorData } from "../core/errors.ts";
import type { VmReason } from "../model/vm.ts";
import type { Events } from "../qemu/qmp/schema.ts";

/**
 * Says why a VM waits for a disk, from what comes in any order: the error of whoever served the disk, and QEMU's event, which
 * says what the guest wanted, but may be late (QEMU sends one a second).
 */
export class DiskTrouble {
  readonly #nameOf: (disk: string) => string;
  readonly #tell: (reason: VmReason) => void;
  #failed: { disk: string; error: ErrorData } | undefined;
  #event: Events["BLOCK_IO_ERROR"] | undefined;
  #waits = false;

  /** `nameOf`: what the user calls a disk. `tell` is called while the VM waits, again when more is known. */
  constructor(nameOf: (disk: string) => string, tell: (reason: VmReason) => void) {
    this.#nameOf = nameOf;
    this.#tell = tell;
  }

  /** A request was answered with an error. */
  failed(disk: string, error: ErrorData): void {
    this.#failed = { disk, error };
    if (this.#waits) this.#tell(this.#reason());
  }

  event(event: Events["BLOCK_IO_ERROR"]): void {
    if (event.action !== "stop") return;
    this.#event = event;
    if (this.#waits) this.#tell(this.#reason());
  }

  /** QEMU stopped the VM: it keeps the request, and tries again when the VM is resumed. */
  stopped(): void {
    this.#waits = true;
    this.#tell(this.#reason());
  }

  resumed(): void {
    this.#waits = false;
    this.#failed = undefined;
    this.#event = undefined;
  }

  #reason(): VmReason {
    const disk = this.#event?.device || this.#failed?.disk;
    const which = disk ? `the disk ${this.#nameOf(disk)}` : "a disk";
    const verb = this.#event?.operation === "read" ? "reading" : "writing";
    const what = this.#event ? `${verb} ${which} failed` : `a request to ${which} failed`;
    const error = this.#failed?.error;
    return {
      code: "disk-stopped",
      message: `The VM was paused: ${what}.`,
      hint: error
        ? `${error.message} ${error.hint}`
        : "Look at the Log tab; resume the VM to try again, or force it off.",
    };
  }
}
