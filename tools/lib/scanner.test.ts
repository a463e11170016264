import { expect, it } from "vitest";
import { Scanner } from "./scanner.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

it("finds a text that arrives in pieces, even within a character", async () => {
  const scanner = new Scanner();
  const found = scanner.find("grüße");
  for (const byte of bytes("viele grüße")) scanner.push(Uint8Array.of(byte));
  expect(await found).toBe("grüße");
});

it("searches on from where the search before matched", async () => {
  const scanner = new Scanner();
  scanner.push(bytes("# one # two"));
  expect(await scanner.find("# ")).toBe("# ");
  expect(await scanner.find(/# \w+/)).toBe("# two");
  const third = scanner.find("one");
  scanner.push(bytes(" and one"));
  expect(await third).toBe("one");
});

it("finds a text after megabytes of other output", async () => {
  const scanner = new Scanner();
  const found = scanner.find("needle");
  for (let i = 0; i < 40; i++) scanner.push(bytes("x".repeat(100_000)));
  scanner.push(bytes("needle"));
  expect(await found).toBe("needle");
});
