import { expect, test } from "vitest";
import type { ErrorData } from "../core/errors.ts";
import type { VmAction, VmReason, VmState } from "../model/vm.ts";
import { disabledActions, next, type VmInput, type VmStatus } from "./vm-state.ts";

const STATES: VmState[] = [
  ...(["off", "starting", "restoring", "running", "paused", "saving"] as const),
  ...(["shutting-down", "stopping", "crashed", "failed"] as const),
];
const error: ErrorData = { code: "worker-died", message: "Died.", hint: "Again." };
const exit = (status: number): VmInput => ({ type: "exited", status, lastLine: "bad option." });

const waits: VmReason = { code: "disk-stopped", message: "Full.", hint: "Free space." };

/** From each state of STATES, in their order, the state after the input; "." where nothing may change. */
const TABLE: [string, VmInput, string][] = [
  ["start", { type: "start" }, "starting . starting . . . . . starting starting"],
  ["restoring", { type: "restoring" }, ". restoring . . . . . . . ."],
  ["stop", { type: "stop" }, ". stopping stopping stopping stopping stopping stopping . stopping ."],
  ["saving", { type: "saving" }, ". . . saving saving . . . . ."],
  ["saved, was running", { type: "saved", running: true }, ". . . . . running . . . ."],
  ["saved, was paused", { type: "saved", running: false }, ". . . . . paused . . . ."],
  ["shutdown", { type: "shutdown" }, ". . . shutting-down . . . . . ."],
  ["not reacting", { type: "not-reacting" }, ". . . . . . shutting-down . . ."],
  ["running", { type: "running", at: 5 }, ". running running . running . . . running ."],
  ["paused", { type: "paused" }, ". paused paused paused . . paused . . ."],
  ["disk stopped", { type: "disk-stopped", reason: waits }, ". . . . paused . . . . ."],
  ["reset by us", { type: "reset", byGuest: false }, ". . . . . . running . running ."],
  [
    "reset by the guest",
    { type: "reset", byGuest: true },
    ". starting restoring running paused saving running . running .",
  ],
  ["watchdog, pause", { type: "watchdog", action: "pause" }, ". . . paused . . paused . . ."],
  ["watchdog, power off", { type: "watchdog", action: "poweroff" }, ". . . stopping . . stopping . . ."],
  ["watchdog, reset", { type: "watchdog", action: "reset" }, ". . . . . . . . . ."],
  [
    "guest-shutdown",
    { type: "guest-shutdown" },
    ". stopping stopping stopping stopping stopping stopping . stopping .",
  ],
  ["panicked", { type: "panicked" }, ". crashed crashed crashed crashed crashed crashed . . ."],
  [
    "panicked, in words",
    { type: "panicked", detail: "no init" },
    ". crashed crashed crashed crashed crashed crashed . crashed .",
  ],
  ["exited 0", exit(0), ". off off off off off off off failed ."],
  ["exited 1", exit(1), ". failed failed failed failed failed failed off failed ."],
  ["failed", { type: "failed", error }, ". failed failed failed failed failed failed off failed ."],
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

test("a guest that hung says so, and what can be done with what its watchdog made of it", () => {
  const hung = (action: "pause" | "poweroff") => walk(...START, { type: "watchdog", action });
  expect(next(hung("pause"), { type: "paused" }).reason).toMatchObject({
    code: "watchdog",
    hint: expect.stringContaining("resume it"),
  });
  expect(next(hung("pause"), { type: "running", at: 9 }).reason).toBeUndefined();
  const off = next(hung("poweroff"), exit(0));
  expect(off).toMatchObject({
    state: "off",
    reason: { code: "watchdog", hint: expect.stringContaining("start it again") },
  });
});

test("a guest that was asked and stays is told of; asked again, it has its time anew", () => {
  const asked = walk(...START, { type: "shutdown" });
  expect(asked).toEqual({ state: "shutting-down", startedAt: 5 });
  const late = next(asked, { type: "not-reacting" });
  expect(late.reason?.code).toBe("not-reacting");
  expect(next(late, { type: "shutdown" })).toEqual(asked);
  expect(next(late, { type: "paused" })).toEqual({ state: "paused", startedAt: 5 });
});

test("a disk's failure is the reason to be paused, in its newest words, until the VM runs again", () => {
  const stopped = walk(...START, { type: "paused" }, { type: "disk-stopped", reason: waits });
  expect(stopped).toEqual({ state: "paused", startedAt: 5, reason: waits });
  const reason: VmReason = { ...waits, message: "Fuller." };
  expect(next(stopped, { type: "disk-stopped", reason }).reason).toBe(reason);
  expect(next(stopped, { type: "running", at: 9 })).toEqual({ state: "running", startedAt: 5 });
});

test("the guest's own reboots are counted, ours are not, and a new start counts anew", () => {
  const twice = walk(...START, { type: "reset", byGuest: true }, { type: "reset", byGuest: true });
  expect(twice).toEqual({ state: "running", startedAt: 5, reboots: 2 });
  expect(next(twice, { type: "reset", byGuest: false })).toBe(twice);
  expect(walk(...START, { type: "reset", byGuest: true }, { type: "stop" }, exit(0), { type: "start" })).toEqual({
    state: "starting",
  });
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
  const may = (action: VmAction) => STATES.filter((state) => !disabledActions(state)[action]);
  expect(may("start")).toEqual(["off", "crashed", "failed"]);
  expect(may("shutdown")).toEqual(["running", "shutting-down"]);
  expect(may("stop")).toEqual([
    ...["starting", "restoring", "running", "paused", "saving", "shutting-down", "crashed"],
  ]);
  expect(may("pause")).toEqual(["running"]);
  expect(may("resume")).toEqual(["paused"]);
  expect(may("reset")).toEqual(["running", "paused", "shutting-down", "crashed"]);
  expect(may("snapshot")).toEqual(["running", "paused"]);
  expect(may("delete")).toEqual(["off", "failed"]);
});
