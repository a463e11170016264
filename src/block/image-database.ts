import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { DiskFormat } from "../model/profile.ts";
import type { HttpImage } from "./http-image.ts";
import type { BaseIdentity } from "./identity.ts";

/** An image of the library. */
export interface ImageRecord {
  id: string;
  name: string;
  format: DiskFormat;
  /** What a guest sees, bytes. */
  virtualSize: number;
  /** Milliseconds since 1970. */
  created: number;
  /** Where its bytes are: in the file of its id, all zeroes, or on a server. */
  bytes:
    | { from: "file"; size: number; identity: BaseIdentity }
    | { from: "blank" }
    | { from: "http"; image: HttpImage; identity: BaseIdentity };
}

interface Schema extends DBSchema {
  images: { key: string; value: ImageRecord };
}

export type ImageDatabase = IDBPDatabase<Schema>;

/** From each version to the next. Never changed once shipped; a new one gets a fixture in testing/. */
const MIGRATIONS: ((database: ImageDatabase) => void)[] = [
  (database) => {
    database.createObjectStore("images", { keyPath: "id" });
  },
];

/** `lost` is called when the connection ended without having been closed here. */
export function openImageDatabase(name: string, lost: () => void): Promise<ImageDatabase> {
  return openDB<Schema>(name, MIGRATIONS.length, {
    upgrade(database, from) {
      for (const migrate of MIGRATIONS.slice(from)) migrate(database);
    },
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
      lost();
    },
    terminated: lost,
  });
}
