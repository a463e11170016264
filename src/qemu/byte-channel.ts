/** Two byte streams to and from a chardev of ours: what src/qemu/chardev.ts opens, and what its users need of it. */
export interface ByteChannel {
  /** What the guest's side wrote. Not reading it holds the guest's side back. */
  output: ReadableStream<Uint8Array>;
  /** A write resolves when the guest's side took every byte. */
  input: WritableStream<Uint8Array>;
}
