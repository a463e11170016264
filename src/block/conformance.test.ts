import "fake-indexeddb/auto";
import { setMaxListeners } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, test, vi } from "vitest";
import { conformance } from "./testing/conformance.ts";
import { FakeOpfsFile, fakeLocks } from "./testing/fakes.ts";
import { imageServer } from "./testing/image-server.ts";
import { subjects } from "./testing/subjects.ts";

// Many readers listen to one device's end; to Node that looks like a leak.
setMaxListeners(0);

// Megabytes through fake-indexeddb, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const server = await imageServer();
afterAll(() => server.close());
const all = subjects({ server: server.url, takeLock: fakeLocks(), opfsFile: async () => new FakeOpfsFile() });

for (const subject of all) describe(subject.name, () => conformance(subject, test));

test("every device is in the list", () => {
  const folder = new URL(".", import.meta.url);
  const devices = readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .filter((file) =>
      /(?<!abstract )class \w+ extends CheckedDevice|implements Overlay\b/.test(
        readFileSync(new URL(file, folder), "utf8"),
      ),
    )
    .map((file) => file.replace(/\.ts$/, "").replace("idb-overlay", "idb"));
  const covered = all.map((subject) => subject.name).join(" ");
  expect(devices.length).toBeGreaterThan(8);
  expect(devices.filter((device) => !covered.includes(device))).toEqual([]);
});
