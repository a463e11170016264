import { expect, test } from "vitest";
import type { ErrorData } from "../core/errors.ts";
import type { VmState } from "../model/vm.ts";
import { disabledActions, next, type VmInput, type VmStatus } from "./vm-state.ts";

const STATES: VmState[] = ["off", "starting", "running", "paused", "stopping", "crashed", "failed"];
const error: ErrorData = { code: "worker-died", message: "Died.", hint: "Again." };
const exit = (status: number): VmInput => ({ type: "exited", status, lastLine: "bad option." });

/** From each state of STATES, in their order, the state after the input; "." where nothing may change. */
const TABLE: [string, VmInput, string][] = [
  ["start", { type: "start" }, "starting . . . . starting starting"],
  ["stop", { type: "stop" }, ". stopping stopping stopping . stopping ."],
  ["running", { type: "running", at: 5 }, ". running . running . running ."],
  ["paused", { type: "paused" }, ". paused paused . . . ."],
  ["reset", { type: "reset" }, ". . . . . running ."],
  ["guest-shutdown", { type: "guest-shutdown" }, ". stopping stopping stopping . stopping ."],
  ["panicked", { type: "panicked" }, ". crashed crashed crashed . . ."],
  ["panicked, in words", { type: "panicked", detail: "no init" }, ". crashed crashed crashed . crashed ."],
  ["exited 0", exit(0), ". off off off off failed ."],
  ["exited 1", exit(1), ". failed failed failed off failed ."],
  ["failed", { type: "failed", error }, ". failed failed failed off failed ."],
];

test.each(TABLE.flatMap(([name, input, row]) => row.split(" ").map((to, n) => [name, STATES[n], to, input] as const)))(
  "%s in %s: %s",
  (_name, from, to, input) => {
    const now: VmStatus = { state: from ?? "off" };
    const after = next(now, input);
    if (to === ".") expect(after).toBe(now);
    else expect(after.state).toBe(to);
  },
);

function walk(...inputs: VmInput[]): VmStatus {
  return inputs.reduce(next, { state: "off" } as VmStatus);
}
const START: VmInput[] = [{ type: "start" }, { type: "running", at: 5 }];

test("the start time is that of the first `running`, and goes with the VM", () => {
  expect(walk(...START, { type: "paused" }, { type: "running", at: 9 })).toEqual({ state: "running", startedAt: 5 });
  expect(walk(...START, { type: "stop" }, exit(0))).toEqual({ state: "off" });
});

test("a guest that powers off says so; a stop does not", () => {
  expect(walk(...START, { type: "guest-shutdown" }, exit(0)).reason?.message).toBe("The guest powered off.");
  expect(walk(...START, exit(0)).reason?.message).toBe("QEMU ended by itself.");
});

test("a panic in words is kept, whichever came first", () => {
  const words: VmInput = { type: "panicked", detail: "VFS: no root" };
  for (const order of [
    [words, { type: "panicked" }],
    [{ type: "panicked" }, words],
  ] as VmInput[][]) {
    expect(walk(...START, ...order, { type: "paused" })).toMatchObject({
      state: "crashed",
      reason: { code: "guest-panicked", message: "The guest's kernel panicked: VFS: no root." },
    });
  }
});

test("QEMU's bad end carries its last line, the Worker's its error; a start clears both", () => {
  const bad = walk(...START, exit(1));
  expect(bad.reason).toMatchObject({ code: "qemu-exited", message: "QEMU ended with status 1: bad option." });
  expect(walk(...START, { type: "failed", error }).reason).toBe(error);
  expect(next(bad, { type: "start" })).toEqual({ state: "starting" });
});

test("every action is refused in words where it does not apply", () => {
  const may = (action: "start" | "stop" | "reset" | "delete") =>
    STATES.filter((state) => !disabledActions(state)[action]);
  expect(may("start")).toEqual(["off", "crashed", "failed"]);
  expect(may("stop")).toEqual(["starting", "running", "paused", "crashed"]);
  expect(may("reset")).toEqual(["running", "paused", "crashed"]);
  expect(may("delete")).toEqual(["off", "failed"]);
});
