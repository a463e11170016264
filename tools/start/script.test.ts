import { expect, it } from "vitest";
import { endsByItself, planScript } from "./script.ts";

it("waits for the quick VM's prompt before each --type without an --until", () => {
  expect(planScript([{ type: "a" }, { type: "b" }, { until: "C" }, { type: "d" }], "quick")).toEqual([
    { wait: "prompt" },
    { type: "a" },
    { wait: "prompt" },
    { type: "b" },
    { wait: "text", text: "C" },
    { type: "d" },
  ]);
});

it("waits for the first output of another guest", () => {
  expect(planScript([{ type: "a" }, { type: "b" }], "own")).toEqual([{ wait: "output" }, { type: "a" }, { type: "b" }]);
  expect(planScript([{ until: "login:" }, { type: "root" }], "own")).toEqual([
    { wait: "text", text: "login:" },
    { type: "root" },
  ]);
});

it("ends with a last --until, and with the VM otherwise", () => {
  expect(endsByItself([{ type: "a" }, { until: "A" }])).toBe(true);
  expect(endsByItself([{ until: "A" }, { type: "poweroff" }])).toBe(false);
  expect(endsByItself([])).toBe(false);
});
