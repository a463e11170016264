/** The patterns of requests of `npm run bench:disk`, the same for the browser's storage and inside a guest. */
const ORDERS = ["sequential", "random"] as const;
const ACTIONS = ["write", "read", "write+flush"] as const;

export const items = ([64, 4] as const).flatMap((size) =>
  ORDERS.flatMap((order) => ACTIONS.map((action) => `${order} ${size} KiB ${action}` as const)),
);
export type Item = (typeof items)[number];

/** Bytes of the disk's part that is written to and read from. */
export const AREA = 64 << 20;

/** Bytes handled, and seconds that it took. */
export interface Result {
  bytes: number;
  seconds: number;
}

/** What one side did in one round. */
export type Results = Partial<Record<Item, Result>>;

/** What `disk-worker.ts` compares; the first is the limit of the second. */
export const STORES = ["raw IndexedDB", "IndexedDB overlay", "OPFS overlay", "OPFS file"] as const;
export type Store = (typeof STORES)[number];
