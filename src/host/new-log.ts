import { openDB } from "idb";

/** What fills LevelDB's write buffer (4 MiB), in transactions of so many values of a size that it keeps in its log. */
const TRANSACTIONS = 5;
const VALUES = 32;
const VALUE = 32 << 10;

/**
 * Has Chromium begin a new log for all of the origin's databases; resolves when what is written from now on goes there. It would go
 * on with the log that the last browser left, even where that ends in half a record, since the browser was killed, and would find a
 * wrong checksum there the next time: then it deletes every database of the origin (docs/decisions/0014-torn-logs.md).
 */
export async function beginNewLog(): Promise<void> {
  const database = await openDB("qemuweb-log", 1, {
    upgrade: (database) => void database.createObjectStore("filler"),
  });
  try {
    for (let n = 0; n < TRANSACTIONS; n++) {
      const { store, done } = database.transaction("filler", "readwrite");
      const puts = Array.from({ length: VALUES }, (_, key) => store.put(new Uint8Array(VALUE), key));
      await Promise.all([...puts, done]);
    }
    await database.clear("filler");
  } finally {
    database.close();
  }
}
