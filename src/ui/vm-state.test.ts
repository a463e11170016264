import { expect, test } from "vitest";
import type { VmInfo, VmState } from "../engine/api.ts";
import { announcement, isAlive, STATE_LOOKS } from "./vm-state.ts";

const vm = (state: VmState, message?: string) =>
  ({ profile: { name: "Box" }, state, ...(message && { reason: { message } }) }) as VmInfo;

test("every change of state is one or two sentences, with the reason where there is one", () => {
  for (const state of Object.keys(STATE_LOOKS) as VmState[]) {
    const before = vm(state === "off" ? "running" : "off");
    expect(announcement(before, vm(state))).toMatch(/^Box (is|has) .*\.$/);
  }
  expect(announcement(vm("running"), vm("crashed", "The kernel panicked."))).toBe(
    "Box has crashed. The kernel panicked.",
  );
});

test("nothing is said of what did not change, or was just found", () => {
  expect(announcement(vm("running"), vm("running"))).toBeUndefined();
  expect(announcement(undefined, vm("running"))).toBeUndefined();
});

test("off and failed VMs have no engine behind them", () => {
  const states = Object.keys(STATE_LOOKS) as VmState[];
  expect(states.filter((state) => !isAlive(state))).toEqual(["off", "failed"]);
});
