import { expect, test } from "vitest";
import type { EngineApi } from "../engine/api.ts";
import { freeName, launchQuickVm } from "./quick-vm.ts";

test("names count up and fill gaps", () => {
  expect(freeName("Quick VM", [])).toBe("Quick VM");
  expect(freeName("Quick VM", ["Quick VM"])).toBe("Quick VM 2");
  expect(freeName("Quick VM", ["Quick VM", "Quick VM 3"])).toBe("Quick VM 2");
});

test("a quick VM is created under a free name, announced, then started", async () => {
  const calls: string[] = [];
  const engine = {
    quickProfile: async () => ({ name: "Linux" }),
    listVms: async () => [{ profile: { name: "Quick VM" } }],
    createVm: async (profile: { name: string }) => {
      calls.push(`create ${profile.name}`);
      return { id: "7" };
    },
    startVm: async (id: string) => void calls.push(`start ${id}`),
  } as unknown as EngineApi;
  expect(await launchQuickVm(engine, (id) => calls.push(`created ${id}`))).toBe("7");
  expect(calls).toEqual(["create Quick VM 2", "created 7", "start 7"]);
});
