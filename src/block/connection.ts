import { storageFailed } from "./errors.ts";

/** A database of the browser's: opened at the first use, and again after it was lost. */
export class Connection<Database extends { close(): void }> {
  readonly #openDatabase: (name: string, lost: () => void) => Promise<Database>;
  #database: Promise<Database> | undefined;

  /** `open` calls `lost` when the connection ended without having been closed here. */
  constructor(
    readonly name: string,
    open: (name: string, lost: () => void) => Promise<Database>,
  ) {
    this.#openDatabase = open;
  }

  /**
   * Throws `storage-failed` or `storage-full`; `what` completes "The browser could not ...". When the connection turns out to
   * be closed, `work` is called once more, with a new one.
   */
  async run<T>(what: string, work: (database: Database) => Promise<T>): Promise<T> {
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

  #open(): Promise<Database> {
    if (this.#database) return this.#database;
    const opening = this.#openDatabase(this.name, () => this.#drop(opening));
    opening.catch(() => this.#drop(opening));
    this.#database = opening;
    return opening;
  }

  #drop(opening: Promise<Database>): void {
    if (this.#database === opening) this.#database = undefined;
  }
}
