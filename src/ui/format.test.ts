import { expect, test } from "vitest";
import { formatBytes, formatCount, formatDuration, formatMemory, formatUptime } from "./format.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

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
