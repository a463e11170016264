import { storageFailed } from "./errors.ts";
import { type OverlayDatabase, openOverlayDatabase } from "./overlay-database.ts";

/** The overlays' database: opened at the first use, and again after it was lost. */
export class OverlayConnection {
  #database: Promise<OverlayDatabase> | undefined;

  constructor(readonly name: string) {}

  /**
   * Throws `storage-failed`; `what` completes "The browser could not ...". When the connection turns out to be closed,
   * `work` is called once more, with a new one.
   */
  async run<T>(what: string, work: (database: OverlayDatabase) => Promise<T>): Promise<T> {
    const opening = this.#open();
    try {
      return await work(await opening).catch((cause: unknown) => {
        if (!(cause instanceof DOMException && cause.name === "InvalidStateError")) throw cause;
        this.#drop(opening);
        return this.#open().then(work);
      });
    } catch (cause) {
      throw storageFailed(what, cause);
    }
  }

  async close(): Promise<void> {
    const opening = this.#database;
    this.#database = undefined;
    (await opening)?.close();
  }

  #open(): Promise<OverlayDatabase> {
    if (this.#database) return this.#database;
    const opening = openOverlayDatabase(this.name, () => this.#drop(opening));
    opening.catch(() => this.#drop(opening));
    this.#database = opening;
    return opening;
  }

  #drop(opening: Promise<OverlayDatabase>): void {
    if (this.#database === opening) this.#database = undefined;
  }
}
