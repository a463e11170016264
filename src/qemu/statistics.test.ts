import { expect, it } from "vitest";
import { parseStatistics } from "./statistics.ts";

it("keeps the lines that are a name and a number", () => {
  const text = `Accelerator settings:
one-insn-per-tb: off

Translation buffer state:
gen code size       1234/67108864
TB count            42
TB avg target size  17 max=1203 bytes
TB hash occupancy   29.10% avg chain occ. Histogram: [0,10)%|8

Statistics:
TB flush count      0
compiled modules            3
main loop sleeps            1099511627776
`;
  expect(parseStatistics(text)).toEqual({
    "TB count": 42,
    "TB flush count": 0,
    "compiled modules": 3,
    "main loop sleeps": 2 ** 40,
  });
});
