import { expect, test } from "vitest";
import { PanicWatch } from "./panic-watch.ts";

test("finds a panic over any chunks, with the kernel's words, and its end", () => {
  const text =
    "[    1.0] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\r\n" +
    "CPU: 0\r\n[    1.1] ---[ end Kernel panic - not syncing: VFS ]---\r\n";
  const watch = new PanicWatch();
  const signs = Array.from(text).flatMap((letter) => watch.push(new TextEncoder().encode(letter)));
  expect(signs).toEqual([
    { type: "panic", detail: "VFS: Unable to mount root fs on unknown-block(0,0)" },
    { type: "end", detail: "VFS: Unable to mount root fs on unknown-block(0,0)" },
  ]);
});

test("holds no more than a line of text without line ends", () => {
  const watch = new PanicWatch();
  for (let n = 0; n < 100; n++) expect(watch.push(new Uint8Array(10000).fill(65))).toEqual([]);
  expect(watch.push(new TextEncoder().encode("Kernel panic - not syncing\n"))).toEqual([{ type: "panic" }]);
});

test("a guest that goes on writing was not panicking", () => {
  const watch = new PanicWatch();
  const push = (text: string, now: number) => watch.push(new TextEncoder().encode(text), now).map((sign) => sign.type);
  expect(push("$ grep panic log\nKernel panic - not syncing: old\n", 0)).toEqual(["panic"]);
  expect(push("Call Trace:\n", 4000)).toEqual([]);
  expect(push("$ ", 9000)).toEqual(["alive"]);
  expect(push("ls", 20000)).toEqual([]);
});
