import { expect, test } from "vitest";
import { parseProfile } from "../model/parse-profile.ts";
import type { SnapshotFacts } from "../model/snapshot.ts";
import { readSnapshotFile, snapshotTrailer } from "./snapshot-file.ts";
import first from "./testing/snapshot-v1.json" with { type: "json" };
import second from "./testing/snapshot-v2.json" with { type: "json" };

const facts: SnapshotFacts = {
  id: "one",
  name: "Before the upgrade",
  description: "",
  created: 1_700_000_000_000,
  parents: ["zero"],
  profile: parseProfile({ name: "Test" }),
  state: { engine: "ab", args: ["-m", "64M"], consoles: { serial0: "aGk=" } },
};
const state = new TextEncoder().encode("pretend that this is gzip");

async function file(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Blob([state, await snapshotTrailer(facts)]).arrayBuffer());
}

test("what was written is read", async () => {
  const read = await readSnapshotFile(new Blob([await file()]));
  expect(read.facts).toEqual(facts);
  expect(await read.state.text()).toBe("pretend that this is gzip");
});

test("the parts of disks are found between the state and the facts", async () => {
  const disks = [
    { disk: "disk0", bytes: 5 },
    { disk: "disk1", bytes: 0 },
    { disk: "disk2", bytes: 3 },
  ];
  const trailer = await snapshotTrailer({ ...facts, disks: ["disk0", "disk1", "disk2"] }, disks);
  const read = await readSnapshotFile(new Blob([state, "zero.two", trailer]));
  expect(await read.state.text()).toBe("pretend that this is gzip");
  const texts = await Promise.all(read.disks.map(async ({ disk, file }) => `${disk} ${await file.text()}`));
  expect(texts).toEqual(["disk0 zero.", "disk1 ", "disk2 two"]);
  await expect(readSnapshotFile(new Blob(["zero.tw", trailer]))).rejects.toThrow("cut off at its beginning");
});

test.each([
  [1, first, facts, []],
  [2, second, { ...facts, disks: ["disk0"] }, ["disk0 disk"]],
] as const)("what version %i wrote is read", async (_version, { base64 }, expected, parts) => {
  const read = await readSnapshotFile(new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))]));
  expect(read.facts).toEqual(expected);
  expect(await read.state.text()).toBe("pretend that this is gzip");
  expect(await Promise.all(read.disks.map(async ({ disk, file }) => `${disk} ${await file.text()}`))).toEqual(parts);
});

test("a file without a state is read", async () => {
  const { state: _, ...rest } = facts;
  const read = await readSnapshotFile(new Blob([await snapshotTrailer(rest)]));
  expect(read.facts).toEqual(rest);
  expect(read.state.size).toBe(0);
});

test("a file that was cut, wherever, is refused", async () => {
  const whole = await file();
  for (let length = 0; length < whole.length; length++) {
    await expect(readSnapshotFile(new Blob([whole.subarray(0, length)]))).rejects.toMatchObject({
      code: "snapshot-bad",
    });
  }
});

test("an altered byte of the facts or behind them is refused", async () => {
  const whole = await file();
  for (let at = state.length; at < whole.length; at++) {
    const altered = whole.slice();
    altered[at] = (altered[at] ?? 0) ^ 1;
    await expect(readSnapshotFile(new Blob([altered]))).rejects.toMatchObject({ code: "snapshot-bad" });
  }
});

test("a later version is named", async () => {
  const whole = await file();
  new DataView(whole.buffer).setUint32(whole.length - 44, 3, true);
  await expect(readSnapshotFile(new Blob([whole]))).rejects.toThrow("has version 3");
});
