import { expect, test } from "vitest";
import { joinWords, splitWords } from "./words.ts";

test.each([
  ["", []],
  ["  ", []],
  ["-device virtio-rng-pci", ["-device", "virtio-rng-pci"]],
  ["  -a\t-b\n -c ", ["-a", "-b", "-c"]],
  [`-append "console=ttyS0 quiet"`, ["-append", "console=ttyS0 quiet"]],
  [`-name 'it "is" \\ here'`, ["-name", 'it "is" \\ here']],
  [`a"b c"d`, ["ab cd"]],
  [`''`, [""]],
  [`x "" y`, ["x", "", "y"]],
  [`"a\\"b\\\\c\\n"`, ['a"b\\c\\n']],
  ["a\\ b", ["a b"]],
])("%j splits into %j", (line, words) => {
  expect(splitWords(line)).toEqual({ words });
});

test.each([["'a"], ['"a'], ["a\\"]])("%j is refused with a sentence", (line) => {
  expect(splitWords(line)).toEqual({ problem: expect.stringMatching(/\.$/) });
});

test.each([[["-append", "console=ttyS0 quiet"]], [["it's", "", "a\\b", '"', "$HOME"]]])(
  "%j survives a round trip",
  (words) => {
    expect(splitWords(joinWords(words))).toEqual({ words });
  },
);

test("plain words stay unquoted", () => {
  expect(joinWords(["-m", "512", "-drive", "file=/a/b,format=raw"])).toBe("-m 512 -drive file=/a/b,format=raw");
});
