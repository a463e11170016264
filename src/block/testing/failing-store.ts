/** Makes fake-indexeddb fail as a browser does when its storage is full. */

interface Abortable extends IDBTransaction {
  _abort(name: string): void;
}

/**
 * From now on a `put` fails when `isFull` says so: its transaction is aborted, later, with QuotaExceededError. The
 * function that comes back ends this.
 */
export function fillStore(isFull: () => boolean): () => void {
  const real = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof real>) {
    const request = real.apply(this, args);
    if (isFull()) queueMicrotask(() => (this.transaction as Abortable)._abort("QuotaExceededError"));
    return request;
  };
  return () => {
    IDBObjectStore.prototype.put = real;
  };
}

/** The transactions that write, as they were begun from now on, until `stop`. */
export function watchTransactions(): { durabilities: string[]; puts: number[]; stop(): void } {
  const begin = IDBDatabase.prototype.transaction;
  const put = IDBObjectStore.prototype.put;
  const seen: { durabilities: string[]; puts: number[]; stop(): void } = {
    durabilities: [],
    puts: [],
    stop() {
      IDBDatabase.prototype.transaction = begin;
      IDBObjectStore.prototype.put = put;
    },
  };
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...args: Parameters<typeof begin>) {
    if (args[1] === "readwrite") {
      seen.durabilities.push(args[2]?.durability ?? "default");
      seen.puts.push(0);
    }
    return begin.apply(this, args);
  };
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
    seen.puts.push((seen.puts.pop() ?? 0) + 1);
    return put.apply(this, args);
  };
  return seen;
}
