import { expect, test } from "vitest";
import type { VmInfo } from "../engine/api.ts";
import { filterVms, findVm, neighbour, noVms, reduceVms } from "./vms.ts";

function vm(id: string, state: VmInfo["state"] = "off"): VmInfo {
  const profile = {
    version: 2 as const,
    name: `Box ${id}`,
    arch: "x86_64" as const,
    machine: "q35" as const,
    cpu: "max",
    smp: 1,
    memory: 128,
    disks: [],
    serials: [],
    display: "none" as const,
    pointer: "tablet" as const,
    sound: "none" as const,
    rng: true,
    agent: true,
    nics: [] as [],
    extraArgs: [],
  };
  return { id, profile, state, disabled: {}, consoles: [] };
}

const problem = { code: "transport-lost" as const, message: "Gone.", hint: "Retry." };

test("a list makes the link ready and replaces what was known", () => {
  const before = reduceVms(noVms, { type: "event", event: { seq: 3, type: "vm", vm: vm("x") } });
  const after = reduceVms(before, { type: "listed", vms: [vm("a"), vm("b")] });
  expect(after.link).toBe("ready");
  expect(after.vms.map((v) => v.id)).toEqual(["a", "b"]);
  expect(after.seq).toBe(3);
});

test("events add, change in place and delete", () => {
  let state = reduceVms(noVms, { type: "listed", vms: [vm("a"), vm("b")] });
  state = reduceVms(state, { type: "event", event: { seq: 1, type: "vm", vm: vm("a", "running") } });
  state = reduceVms(state, { type: "event", event: { seq: 2, type: "vm", vm: vm("c") } });
  expect(state.vms.map((v) => `${v.id}:${v.state}`)).toEqual(["a:running", "b:off", "c:off"]);
  state = reduceVms(state, { type: "event", event: { seq: 3, type: "vm-deleted", id: "b" } });
  expect(state.vms.map((v) => v.id)).toEqual(["a", "c"]);
  expect(state.seq).toBe(3);
});

test("a lost link keeps the VMs and says why; connecting again forgets the reason", () => {
  let state = reduceVms(noVms, { type: "listed", vms: [vm("a")] });
  state = reduceVms(state, { type: "lost", problem });
  expect(state).toMatchObject({ link: "lost", problem, vms: [{ id: "a" }] });
  state = reduceVms(state, { type: "connecting" });
  expect(state.problem).toBeUndefined();
  expect(state.vms).toHaveLength(1);
});

test("a VM is found by its id", () => {
  const state = reduceVms(noVms, { type: "listed", vms: [vm("a")] });
  expect(findVm(state, "a")?.id).toBe("a");
  expect(findVm(state, "z")).toBeUndefined();
  expect(findVm(state, undefined)).toBeUndefined();
});

test("every word of a filter must match, in any case", () => {
  const vms = [vm("a", "running"), vm("b")];
  expect(filterVms(vms, " ")).toBe(vms);
  expect(filterVms(vms, "BOX run").map((v) => v.id)).toEqual(["a"]);
  expect(filterVms(vms, "box zzz")).toEqual([]);
});

test("after a VM comes its neighbour, below or above", () => {
  const vms = [vm("a"), vm("b"), vm("c")];
  expect(neighbour(vms, "a")).toBe("b");
  expect(neighbour(vms, "c")).toBe("b");
  expect(neighbour([vm("a")], "a")).toBeUndefined();
});

test("what may have changed in storage is counted, also when the engine is another", () => {
  const once = reduceVms(noVms, { type: "event", event: { seq: 1, type: "storage" } });
  expect(once.storage).toBe(noVms.storage + 1);
  expect(once.vms).toBe(noVms.vms);
  expect(reduceVms(once, { type: "listed", vms: [] }).storage).toBeGreaterThan(once.storage);
});
