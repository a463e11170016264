/**
 * `npm run bench:disk [-- --rounds N] [--only storage,guest,boot]`: what requests to disks cost.
 *
 * - storage: a disk's changes in IndexedDB and in the origin's private file system, at the TypeScript layer, against IndexedDB
 *   alone, which is the limit of the first;
 * - guest: inside the quick VM, past its page cache, with changes in IndexedDB, and in memory alone;
 * - boot: a real Debian from a file, with changes in memory alone and in IndexedDB, and from an HTTP server: seconds to its shell,
 *   bytes fetched for that, and seconds to install a package, of which dpkg syncs each file.
 *
 * All sides by turns, in Chromium; medians.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { debianDisk } from "../../qemu-wasm/guests/debian-disk.ts";
import { diskBenchInitramfs } from "../../qemu-wasm/guests/disk-bench.ts";
import { imageServer } from "../../src/block/testing/image-server.ts";
import type { Disk } from "../../src/model/profile.ts";
import { bootDebian, debianProfile, installPackage, makePackage } from "../../test/lib/debian-guest.ts";
import { askWorker, buildWorkerExtension } from "../../test/lib/worker-extension.ts";
import { buildExtension } from "../build.ts";
import { launch } from "../lib/chromium.ts";
import { EnginePage } from "../lib/engine-page.ts";
import { importImage } from "../lib/images.ts";
import { type Item, type Results, STORES } from "./disk-items.ts";
import { table } from "./disk-report.ts";
import type { Task } from "./disk-worker.ts";
import { countOf, median } from "./statistics.ts";
import { withoutStore } from "./without-store.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, only: { type: "string", default: "storage,guest,boot" } },
});
const roundCount = countOf(values.rounds);

/** Each side's results of all rounds, the sides taking turns. */
async function inTurns<S extends string, R>(sides: readonly S[], run: (side: S, round: number) => Promise<R>) {
  const rounds = new Map<S, R[]>(sides.map((side) => [side, []]));
  for (let round = 1; round <= roundCount; round++) {
    for (const side of sides) {
      process.stderr.write(`[round ${round} of ${roundCount}] ${side} ...\n`);
      rounds.get(side)?.push(await run(side, round));
    }
  }
  return rounds;
}

async function storage(): Promise<string> {
  const worker = fileURLToPath(new URL("disk-worker.ts", import.meta.url));
  const browser = await launch({ extension: await buildWorkerExtension(worker) });
  try {
    const page = await browser.context.newPage();
    await page.goto(browser.url("page.html"));
    const rounds = await inTurns(STORES, async (store, seed) => {
      const task: Task = { store, seed };
      const answer = await askWorker<Results | { error: string }>(page, task);
      if ("error" in answer) throw new Error(`${store}: ${answer.error}`);
      return answer;
    });
    return table(rounds);
  } finally {
    await browser.close();
  }
}

/** Bytes of the guest's disk. */
const GUEST_AREA = 32 << 20;

const DISK = { format: "raw", interface: "virtio", access: "persistent" } as const;

async function guest(extension: string): Promise<string> {
  const initrd = await diskBenchInitramfs();
  const folder = mkdtempSync(join(tmpdir(), "qemuweb-bench-"));
  const raw = join(folder, "disk.img");
  writeFileSync(raw, new Uint8Array(GUEST_AREA));
  const extensions = { memory: await withoutStore(extension), IndexedDB: extension };
  const rounds = await inTurns(["memory", "IndexedDB"] as const, async (side) => {
    const browser = await launch({ extension: extensions[side] });
    try {
      const engine = await EnginePage.open(browser);
      const quick = await engine.quickProfile();
      if (!quick.boot) throw new Error("The quick VM has no kernel of its own.");
      const user = (name: string) => ({ from: "user", name }) as const;
      const disk = { file: user(basename(raw)), ...DISK };
      const boot = { ...quick.boot, initrd: user(basename(initrd)) };
      const files = { [basename(raw)]: raw, [basename(initrd)]: initrd };
      const vm = await engine.create({ ...quick, boot, disks: [disk as Disk] }, files);
      await vm.start();
      await vm.prompt();
      return parse(await vm.run(`disk-bench /dev/vda ${GUEST_AREA >> 20} 2`));
    } finally {
      await browser.close();
    }
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
  return table(rounds);
}

/** What `disk-bench` printed. */
function parse(text: string): Results {
  if (text.includes("bench-error")) throw new Error(text);
  const results: Results = {};
  for (const [, item, bytes, nanoseconds] of text.matchAll(/^item (.+) (\d+) (\d+)$/gm)) {
    results[item as Item] = { bytes: Number(bytes), seconds: Number(nanoseconds) / 1e9 };
  }
  return results;
}

async function boot(extension: string): Promise<string> {
  const raw = await debianDisk();
  const inMemory = await withoutStore(extension);
  const server = await imageServer({
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Expose-Headers": "*",
  });
  const url = server.put("debian.raw", readFileSync(raw));
  const sides = ["file, memory", "file, IndexedDB", "server, IndexedDB"] as const;
  try {
    const rounds = await inTurns(sides, async (side) => {
      const folder = mkdtempSync(join(tmpdir(), "qemuweb-bench-"));
      const browser = await launch({ extension: side === "file, memory" ? inMemory : extension, profile: folder });
      try {
        const engine = await EnginePage.open(browser);
        const before = server.requests.length;
        const file =
          side === "server, IndexedDB"
            ? ({ from: "image", id: (await importImage(engine, "debian.raw", new URL(url))).id } as const)
            : ({ from: "user", name: basename(raw) } as const);
        const files = file.from === "user" ? { [file.name]: raw } : {};
        const vm = await engine.create(await debianProfile(engine, { file, ...DISK }), files);
        const begun = performance.now();
        await bootDebian(vm);
        const seconds = (performance.now() - begun) / 1000;
        const fetched = bytesOf(server.requests.slice(before));
        await makePackage(vm, "bench", "/etc /usr/share/perl5");
        const ready = performance.now();
        await installPackage(vm);
        return { seconds, fetched, install: (performance.now() - ready) / 1000 };
      } finally {
        await browser.close();
        rmSync(folder, { recursive: true, force: true });
      }
    });
    const of = (side: (typeof sides)[number], what: "seconds" | "fetched" | "install") =>
      median((rounds.get(side) ?? []).map((run) => run[what]));
    const cell = (side: (typeof sides)[number], what: "seconds" | "install") => {
      const seconds = of(side, what);
      return `${seconds.toFixed(2).padStart(8)} s (${(seconds / of(sides[0], what)).toFixed(2)})`;
    };
    const fetched = (side: (typeof sides)[number]) => `${(of(side, "fetched") / 1e6).toFixed(1).padStart(12)} MB`;
    const line = (head: string, cells: string[]) => head.padEnd(18) + cells.map((text) => text.padStart(20)).join("");
    return [
      line("(ratio to the first)", ["to the shell", "dpkg -i", "fetched to boot"]),
      ...sides.map((side) => line(side, [cell(side, "seconds"), cell(side, "install"), fetched(side)])),
    ].join("\n");
  } finally {
    await server.close();
  }
}

/** Bytes that the ranges ask for. */
function bytesOf(ranges: readonly string[]): number {
  return ranges.reduce((sum, range) => {
    const [, first, last] = /(\d+)-(\d+)/.exec(range) ?? [];
    return first === undefined ? sum : sum + Number(last) - Number(first) + 1;
  }, 0);
}

const only = values.only.split(",");
const parts = [
  ["storage", "The browser's storage, 64 MiB, at the TypeScript layer", storage],
  ["guest", "Inside a guest, 32 MiB of a disk", async () => guest(await buildExtension())],
  ["boot", "Debian to its shell, raw image of 512 MiB", async () => boot(await buildExtension())],
] as const;
for (const [name, title, run] of parts) {
  if (only.includes(name)) console.log(`\n${title}; ${roundCount} rounds, interleaved.\n\n${await run()}`);
}
