import { expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMemory,
  formatProgress,
  formatShortMoment,
  formatTimeLeft,
  formatUptime,
} from "./format.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const MIB = 1024 * 1024;

test.each([
  [-5, "0:00"],
  [999, "0:00"],
  [7 * SECOND, "0:07"],
  [754 * SECOND, "12:34"],
  [HOUR + 123 * SECOND, "1:02:03"],
  [3 * 24 * HOUR + 4 * HOUR + 300 * SECOND, "3d 04:05"],
])("an uptime of %d ms reads %s", (ms, text) => {
  expect(formatUptime(ms)).toBe(text);
});

test.each([
  [0, "0 B"],
  [1023, "1,023 B"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [600 * 1024 * 1024, "600 MiB"],
  [1.5 * 1024 ** 3, "1.5 GiB"],
  [3 * 1024 ** 5, "3,072 TiB"],
])("%d bytes read %s", (bytes, text) => {
  expect(formatBytes(bytes).replace(" ", " ")).toBe(text);
});

test("memory, durations and counts", () => {
  expect(formatMemory(512)).toBe("512 MiB");
  expect(formatMemory(8192)).toBe("8 GiB");
  expect(formatDuration(840.4)).toBe("840 ms");
  expect(formatDuration(3210)).toBe("3.2 s");
  expect(formatCount(1, "VM", "VMs")).toBe("1 VM");
  expect(formatCount(2, "VM", "VMs")).toBe("2 VMs");
});

test.each([
  [{ done: 0 }, "0 B"],
  [{ done: 512 * MIB, total: 2048 * MIB }, "512 MiB of 2 GiB"],
  [{ done: 512 * MIB, total: 2048 * MIB, rate: 192 * MIB }, "512 MiB of 2 GiB, 192 MiB/s, 8 s left"],
  [{ done: 512 * MIB, rate: 192 * MIB }, "512 MiB, 192 MiB/s"],
  [{ done: MIB, total: MIB, rate: MIB }, "1 MiB of 1 MiB, 1 MiB/s"],
  [{ done: MIB, total: 2 * MIB, rate: 0 }, "1 MiB of 2 MiB"],
])("progress of %j reads %s", (progress, text) => {
  expect(formatProgress(progress)).toBe(text);
});

test("times left get coarser the longer they are", () => {
  expect([1, 59_001, 90_000, 2 * HOUR].map(formatTimeLeft)).toEqual(["1 s", "1 min", "2 min", "2 h"]);
});

test("a moment of today is its time, another its date", () => {
  const noon = new Date(2026, 4, 17, 12).getTime();
  expect(formatShortMoment(noon, noon + HOUR)).toMatch(/12.?00/);
  expect(formatShortMoment(noon, noon + 24 * HOUR)).toMatch(/2026/);
});
