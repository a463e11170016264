import { expect, test } from "vitest";
import { modelChoices, nicOf } from "./nic-form.ts";

test("offers what the machine has a bus for, and what can come while it runs", () => {
  expect(Object.keys(modelChoices("q35"))).toEqual(["virtio", "e1000", "e1000e", "rtl8139"]);
  expect(Object.keys(modelChoices("q35", true))).toEqual(["virtio", "e1000e"]);
  expect(modelChoices("pc", true)).toEqual(modelChoices("pc"));
  expect(Object.keys(modelChoices("microvm"))).toEqual(["virtio"]);
});

test("an address is left to the engine, or is one that an adapter can have and no other has", () => {
  expect(nicOf("virtio", " ", [])).toEqual({ model: "virtio" });
  expect(nicOf("e1000", "02-00-00-00-00-0A", [])).toEqual({ model: "e1000", mac: "02:00:00:00:00:0a" });
  expect(nicOf("e1000", "02:00", [])).toMatchObject({ problem: expect.stringMatching(/^Enter six bytes/) });
  expect(nicOf("e1000", "02:00:00:00:00:0A", ["02:00:00:00:00:0a"])).toMatchObject({
    problem: expect.stringMatching(/^Another adapter/),
  });
});
