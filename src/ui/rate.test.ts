import { expect, test } from "vitest";
import { Rate } from "./rate.ts";

test("there is no rate before there is something to tell it from", () => {
  const rate = new Rate();
  expect(rate.perSecond).toBeUndefined();
  rate.add(1000, 0);
  rate.add(1100, 9_000_000);
  expect(rate.perSecond).toBeUndefined();
  rate.add(2000, 10_000_000);
  expect(rate.perSecond).toBe(10_000_000);
});

test("it is that of the last seconds, not of the whole", () => {
  const rate = new Rate();
  for (let second = 0; second <= 10; second++) rate.add(second * 1000, second * 100);
  for (let second = 11; second <= 20; second++) rate.add(second * 1000, 1000 + (second - 10) * 10);
  expect(rate.perSecond).toBeCloseTo(10);
});

test("work that tells little has a rate all the same", () => {
  const rate = new Rate();
  rate.add(0, 0);
  rate.add(20_000, 100);
  rate.add(40_000, 200);
  expect(rate.perSecond).toBe(5);
});
