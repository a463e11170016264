import { expect, test } from "vitest";
import { cpio } from "./cpio.ts";

test("an archive as the kernel reads it", () => {
  const archive = cpio([
    { path: "etc", type: "folder" },
    { path: "etc/a", type: "file", content: new TextEncoder().encode("hello") },
    { path: "b", type: "link", target: "etc/a" },
  ]);
  expect(archive.length % 4).toBe(0);
  expect(read(archive)).toEqual([
    ["etc", 0o040755, ""],
    ["etc/a", 0o100644, "hello"],
    ["b", 0o120755, "etc/a"],
    ["TRAILER!!!", 0, ""],
  ]);
});

/** By Documentation/driver-api/early-userspace/buffer-format.rst: fields at fixed places, name and data padded to four bytes. */
function read(archive: Uint8Array): [string, number, string][] {
  const text = (from: number, length: number) => new TextDecoder().decode(archive.subarray(from, from + length));
  const entries: [string, number, string][] = [];
  for (let at = 0; at < archive.length; ) {
    const field = (index: number) => Number.parseInt(text(at + 6 + index * 8, 8), 16);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    expect(text(at, 6)).toBe("070701");
    const data = (at + 110 + nameSize + 3) & ~3;
    entries.push([text(at + 110, nameSize - 1), mode, text(data, size)]);
    at = (data + size + 3) & ~3;
  }
  return entries;
}
