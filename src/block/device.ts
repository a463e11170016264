/**
 * A disk's bytes, wherever they lie. Any offset and length inside the disk will do, a length of 0 too; outside it every
 * method rejects. A read sees every write and discard that was called before it; those that overlap take effect in the
 * order of their calls, others may run at once.
 */
export interface BlockDevice {
  /** Bytes; need not be a multiple of `blockSize`. */
  readonly size: number;
  /** Bytes. Requests that begin and end at multiples of it cost least. */
  readonly blockSize: number;
  /** `write` and `discard` are refused. */
  readonly readonly: boolean;
  /**
   * Fills `into`. After a rejection, with the signal's reason or an error, some of it may be filled; it is touched no
   * more.
   */
  read(offset: number, into: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** `from` must not change until this settles. After a rejection each block of the range holds old or new bytes. */
  write(offset: number, from: Uint8Array): Promise<void>;
  /** Is the range known to read as zeroes, without a look at it? It may be zeroes too where this says no. */
  isHole(offset: number, length: number): boolean;
  /** Resolves when everything that was called before outlasts the browser's end and a power cut. */
  flush(): Promise<void>;
  /** The range reads as zeroes from now on, and takes as little space as the device can manage. */
  discard(offset: number, length: number): Promise<void>;
  /**
   * Ends reads that are under way, waits for writes, flushes and lets go of everything. Rejects when the flush failed,
   * and is closed then too: who wants to try again flushes before.
   */
  close(): Promise<void>;
}
