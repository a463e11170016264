/**
 * `npm run bench:display [-- --rounds N] [--seconds N] [--card std|virtio]`: a guest that draws a whole screen of 1024x768 again and
 * again, as fast as it can, by turns unwatched and watched in the panel. Printed are the frames a second that the panel drew; the
 * milliseconds from a key's press in the panel to the guest's answer on its canvas, which holds the way of the key, the guest's
 * own time to draw, and the way of the picture; how many pictures the guest drew less a second while it was watched; and how much
 * more of its CPU's time each of them took. (The difference between the two is that the machine has too few cores for the
 * guest, the browser that draws, and whatever else runs.)
 */
import { parseArgs } from "node:util";
import type { DisplayType } from "../../src/model/profile.ts";
import { buildExtension } from "../build.ts";
import { type DisplayFigures, runDisplay } from "./display-run.ts";
import { median } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "10" },
    card: { type: "string", default: "" },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
if (!Number.isInteger(rounds) || rounds < 1 || !(seconds >= 1))
  throw new Error("--rounds and --seconds are numbers above zero.");
const cards: DisplayType[] = (["std", "virtio"] as const).filter((card) => values.card === "" || values.card === card);
if (cards.length === 0) throw new Error(`--card is std or virtio, not ${values.card}.`);

const extension = await buildExtension();
const lost = ({ vcpuOff, vcpuOn }: DisplayFigures) => 100 * (1 - vcpuOff / vcpuOn);
const slower = ({ drawnOff, drawnOn }: DisplayFigures) => 100 * (1 - drawnOn / drawnOff);
const high = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.9)] ?? Number.NaN;
const cell = (value: number, digits = 1) => value.toFixed(digits).padStart(9);
console.log("1024x768, the whole screen drawn again and again.\n");
const heads = ["fps", "key ms", "90 %", "drawn/s", "watched", "slower %", "vCPU %"];
console.log(`card    round ${heads.map((head) => head.padStart(9)).join("")}`);
for (const card of cards) {
  const runs: DisplayFigures[] = [];
  const print = (name: string, of: (figure: (run: DisplayFigures) => number) => number) =>
    console.log(
      `${card.padEnd(7)} ${name.padEnd(6)}` +
        [
          of((run) => run.delivered),
          of((run) => median(run.latencies)),
          of((run) => high(run.latencies)),
          of((run) => run.drawnOff),
          of((run) => run.drawnOn),
          of(slower),
          of(lost),
        ]
          .map((value) => cell(value))
          .join(""),
    );
  for (let round = 1; round <= rounds; round++) {
    const run = await runDisplay(extension, card, seconds);
    runs.push(run);
    print(String(round), (figure) => figure(run));
  }
  print("median", (figure) => median(runs.map(figure)));
}
