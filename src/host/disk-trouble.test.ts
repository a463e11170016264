import { expect, test } from "vitest";
import type { ErrorData } from "../core/errors.ts";
import type { VmReason } from "../model/vm.ts";
import { DiskTrouble } from "./disk-trouble.ts";

const full: ErrorData = { code: "storage-failed", message: "There is no space left.", hint: "Free some." };
const event = { device: "disk0", "qom-path": "/machine", operation: "write", action: "stop", reason: "no" } as const;

function trouble() {
  const told: VmReason[] = [];
  return {
    told,
    trouble: new DiskTrouble(
      (disk) => `${disk}.img`,
      (reason) => told.push(reason),
    ),
  };
}

test("says which disk, what the guest wanted and what to do", () => {
  const { told, trouble: disks } = trouble();
  disks.failed("disk0", full);
  disks.event(event);
  expect(told).toEqual([]); // not before the VM waits
  disks.stopped();
  expect(told).toEqual([
    {
      code: "disk-stopped",
      message: "The VM was paused: writing the disk disk0.img failed.",
      hint: "There is no space left. Free some.",
    },
  ]);
});

test("says what it knows, and more when it comes", () => {
  const { told, trouble: disks } = trouble();
  disks.stopped();
  disks.failed("disk0", full);
  disks.event({ ...event, operation: "read" });
  expect(told.map((reason) => reason.message)).toEqual([
    "The VM was paused: a request to a disk failed.",
    "The VM was paused: a request to the disk disk0.img failed.",
    "The VM was paused: reading the disk disk0.img failed.",
  ]);
  expect(told[0]?.hint).toMatch(/resume/);
});

test("an event that comes after the VM was resumed says nothing", () => {
  const { told, trouble: disks } = trouble();
  disks.stopped();
  disks.resumed();
  disks.event(event);
  disks.failed("disk0", full);
  expect(told).toHaveLength(1);
});
