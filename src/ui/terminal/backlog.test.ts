import { expect, test } from "vitest";
import { Backlog } from "./backlog.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function drain(backlog: Backlog, most = 4): string[] {
  const texts: string[] = [];
  for (let piece = backlog.take(most); piece; piece = backlog.take(most)) texts.push(new TextDecoder().decode(piece));
  return texts;
}

test("bytes come out in order and in pieces", () => {
  const backlog = new Backlog();
  for (const text of ["abcdefghij", "", "kl"]) backlog.push(bytes(text));
  expect(backlog.size).toBe(12);
  expect(drain(backlog)).toEqual(["abcd", "efgh", "ij", "kl"]);
  expect(backlog.size).toBe(0);
});

test("trimming keeps the newest from the start of a line, and says how much is gone", () => {
  const backlog = new Backlog();
  for (const text of ["one\ntwo\n", "three\nfour\n", "five\n"]) backlog.push(bytes(text));
  backlog.trim(14);
  expect(backlog.size).toBe(10);
  const [notice, ...rest] = drain(backlog, 100);
  expect(notice).toContain("14 bytes were not shown");
  expect(rest).toEqual(["four\n", "five\n"]);
});

test("trimming what fits changes nothing; without a line end it cuts where it must", () => {
  const backlog = new Backlog();
  backlog.push(bytes("abcdef"));
  backlog.trim(6);
  expect(backlog.size).toBe(6);
  backlog.trim(2);
  expect(drain(backlog)).toEqual([expect.stringContaining("4 bytes"), "ef"]);
});
