import { expect, it } from "vitest";
import { type Point, PointReader, same } from "./point.ts";

const read = (lines: string[]) => {
  const reader = new PointReader();
  return lines.map((line) => reader.push(line)).filter((point) => point !== undefined);
};

it("reads a point from its line, and nothing from QEMU's other lines", () => {
  expect(read(["qemu: warning: lockstep", "lockstep 1000 0123 4567 ffffffff81000000", ""])).toEqual([
    { instructions: 1000, registers: "0123", memory: "4567", pc: "ffffffff81000000" },
  ]);
});

it("gives registers and pages to the point they were printed for", () => {
  const points = read([
    "lockstep-registers RAX=1 RBX=2|RIP=3 RFL=4|Code=90 <eb> fe|",
    "lockstep-pages pc.ram+1f000=ab /rom@etc/acpi/tables+0=cd",
    "lockstep 5 1 2 3",
    "lockstep-registers RAX=2 RBX=2|",
    "lockstep-pages",
    "lockstep 7 1 2 3",
  ]);
  expect(points.map(({ details }) => details)).toEqual([
    {
      registers: ["RAX=1 RBX=2", "RIP=3 RFL=4", "Code=90 <eb> fe"],
      pages: new Map([
        ["pc.ram+1f000", "ab"],
        ["/rom@etc/acpi/tables+0", "cd"],
      ]),
    },
    { registers: ["RAX=2 RBX=2"], pages: new Map() },
  ]);
});

it("takes two points for the same only if all of them is", () => {
  const point: Point = { instructions: 1, registers: "a", memory: "b", pc: "c" };
  expect(same(point, { ...point, details: { registers: [], pages: new Map() } })).toBe(true);
  for (const change of [{ instructions: 2 }, { registers: "x" }, { memory: "x" }, { pc: "x" }]) {
    expect(same(point, { ...point, ...change })).toBe(false);
  }
});
