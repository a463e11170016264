/**
 * `npm run bench:snapshot [-- --rounds N]`: what a snapshot of a running quick VM costs, with 512 MB of memory and a disk: seconds in
 * all and of them those in which the guest stood still, by QEMU's clock; bytes; seconds until the restored guest answers.
 */
import { parseArgs } from "node:util";
import type { Disk } from "../../src/model/profile.ts";
import { buildExtension } from "../build.ts";
import { launch } from "../lib/chromium.ts";
import { EnginePage } from "../lib/engine-page.ts";
import type { Guest } from "../lib/guest.ts";
import { call } from "../lib/images.ts";
import { countOf, median } from "./statistics.ts";

const MIB = 1 << 20;
/** Bytes of the disk, and of what is written to it before each snapshot. */
const DISK = 256 * MIB;
const WRITTEN = 32 * MIB;

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
const rounds = countOf(values.rounds);

const extension = await buildExtension();
const browser = await launch({ extension });
try {
  const engine = await EnginePage.open(browser);
  const image = await call(engine, "createImage", { name: "bench", format: "raw", virtualSize: DISK });
  const file = { from: "image", id: image.id } as const;
  const disk: Disk = { id: "disk0", file, format: "raw", interface: "virtio", access: "persistent" };
  const guest = await engine.startQuick({ disks: [disk] });
  await guest.prompt();
  const rows: number[][] = [];
  console.log(row(["round", "seconds", "paused", "bytes", "restore"]));
  for (let round = 1; round <= rounds; round++) {
    await guest.run(`dd if=/dev/urandom of=/dev/vda bs=1M count=${WRITTEN / MIB} seek=${round} conv=notrunc; sync`);
    const began = performance.now();
    const { id } = await guest.snapshot(`Round ${round}`);
    const total = seconds(began);
    await guest.state(["running"]);
    const paused = await secondsPaused(engine);
    const { bytes = 0 } = (await call(engine, "listSnapshots", guest.id)).find((info) => info.id === id) ?? {};
    rows.push([total, paused, bytes, await restoreSeconds(guest, id)]);
    console.log(row([String(round), ...cells(rows.at(-1) ?? [])]));
  }
  console.log(row(["median", ...cells([0, 1, 2, 3].map((n) => median(rows.map((values) => values[n] ?? 0))))]));
} finally {
  await browser.close();
}

/** Of the last time, from QEMU's events. */
async function secondsPaused(engine: EnginePage): Promise<number> {
  const [log] = await engine.logs();
  const last = (event: string): number => {
    const line = log?.[1].split("\n").findLast((line) => line.includes(`"event":"${event}"`));
    const { seconds, microseconds } = JSON.parse(line ?? "{}").timestamp;
    return seconds + microseconds / 1e6;
  };
  return last("RESUME") - last("STOP");
}

async function restoreSeconds(guest: Guest, snapshot: string): Promise<number> {
  await guest.act("stop");
  const began = performance.now();
  await guest.restore(snapshot);
  await guest.run("true");
  return seconds(began);
}

function seconds(began: number): number {
  return (performance.now() - began) / 1000;
}

function cells([total = 0, paused = 0, bytes = 0, restore = 0]: number[]): string[] {
  return [total.toFixed(2), paused.toFixed(3), bytes.toLocaleString("en"), restore.toFixed(2)];
}

function row(cells: string[]): string {
  return cells.map((cell) => cell.padStart(14)).join("");
}
