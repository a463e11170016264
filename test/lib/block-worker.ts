/** The Worker of test/e2e/block-devices.e2e.ts: block devices on the browser's own storage. */
import { BlankDevice } from "../../src/block/blank.ts";
import { CowDevice } from "../../src/block/cow.ts";
import { identify } from "../../src/block/identity.ts";
import { takeWebLock } from "../../src/block/lock.ts";
import type { OpfsFile } from "../../src/block/opfs.ts";
import { BLOCK } from "../../src/block/overlay.ts";
import { OverlayStore } from "../../src/block/overlay-store.ts";
import { differs } from "../../src/block/testing/check.ts";
import { conformance } from "../../src/block/testing/conformance.ts";
import { pattern } from "../../src/block/testing/random.ts";
import { subjects } from "../../src/block/testing/subjects.ts";
import { toErrorData } from "../../src/core/errors.ts";

/** All but the first are about one disk in IndexedDB, which is opened for the first of them and stays open. */
export type Task =
  | { do: "conformance"; server: string }
  | { do: "open" | "flush" | "close" }
  /** Bytes of `blocks` blocks from the seed, at the disk's beginning. */
  | { do: "write" | "verify"; seed: number; blocks: number };

/** For each device the tests that passed, and what the others failed of. */
export type Report = Record<string, { passed: number; failed: string[] }>;

async function runConformance(server: string): Promise<Report> {
  const report: Report = {};
  const root = await navigator.storage.getDirectory();
  const opfsFile = async () => {
    const file = await root.getFileHandle(crypto.randomUUID(), { create: true });
    return file as unknown as OpfsFile; // the DOM's types leave out what only Workers have
  };
  for (const subject of subjects({ server, takeLock: takeWebLock, opfsFile })) {
    const results = { passed: 0, failed: [] as string[] };
    report[subject.name] = results;
    const tests: [string, () => Promise<void>][] = [];
    conformance(subject, (name, run) => tests.push([name, run]));
    for (const [name, run] of tests) {
      await run().then(
        () => results.passed++,
        (thrown: unknown) => results.failed.push(`${name}: ${thrown instanceof Error ? thrown.stack : thrown}`),
      );
    }
  }
  return report;
}

const store = new OverlayStore();
let opened: Promise<CowDevice> | undefined;

async function openDisk(): Promise<CowDevice> {
  const base = new BlankDevice(1 << 30);
  return new CowDevice(base, await store.open("vm", "disk0", await identify(base)));
}

async function run(task: Task): Promise<unknown> {
  if (task.do === "conformance") return runConformance(task.server);
  opened ??= openDisk();
  opened.catch(() => {
    opened = undefined;
  });
  const disk = await opened;
  switch (task.do) {
    case "open":
      break;
    case "flush":
      await disk.flush();
      break;
    case "close":
      await disk.close();
      break;
    case "write": {
      const bytes = pattern(task.blocks * BLOCK, task.seed);
      for (let at = 0; at < bytes.length; at += 16 * BLOCK) await disk.write(at, bytes.subarray(at, at + 16 * BLOCK));
      break;
    }
    case "verify": {
      const bytes = new Uint8Array(task.blocks * BLOCK);
      await disk.read(0, bytes);
      if (differs(bytes, pattern(bytes.length, task.seed)) !== undefined) throw new Error("The disk has other bytes.");
    }
  }
  return "done";
}

addEventListener("message", ({ data }: MessageEvent<Task>) => {
  run(data).then(postMessage, (thrown: unknown) => postMessage({ error: toErrorData(thrown) }));
});
