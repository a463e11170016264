/** TypeScript half of QEMU's sleep (qemu-wasm/web/wake.h): a device's flag word, and the sequence word that QEMU sleeps on. */
export class Waker {
  readonly #flag: Int32Array<SharedArrayBuffer>;
  readonly #sequence: Int32Array<SharedArrayBuffer>;

  /** The words' addresses (bytes) in the engine's memory. */
  constructor(memory: SharedArrayBuffer, flag: number, sequence: number) {
    this.#flag = new Int32Array(memory, flag >>> 0, 1);
    this.#sequence = new Int32Array(memory, sequence >>> 0, 1);
  }

  /** Whether QEMU has yet to look after the device. */
  get pending(): boolean {
    return Atomics.load(this.#flag, 0) !== 0;
  }

  /** Has QEMU's main loop look after the device; no wake-up is lost. */
  wake(): void {
    Atomics.store(this.#flag, 0, 1);
    Atomics.add(this.#sequence, 0, 1);
    Atomics.notify(this.#sequence, 0);
  }
}
