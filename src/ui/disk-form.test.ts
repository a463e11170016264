import { expect, test } from "vitest";
import {
  blankImage,
  type DiskForm,
  diskOf,
  diskProblems,
  emptyDisk,
  interfaceChoices,
  nameOfUrl,
  urlProblem,
  wantsDisk,
} from "./disk-form.ts";

const form = (change: Partial<DiskForm>): DiskForm => ({ ...emptyDisk("file"), ...change });

test("only a file may be left out", () => {
  expect(wantsDisk(form({}))).toBe(false);
  expect(wantsDisk(form({ file: new File([], "d") }))).toBe(true);
  expect(wantsDisk(form({ origin: "blank" }))).toBe(true);
});

test("each origin wants its own field", () => {
  expect(Object.keys(diskProblems(form({ origin: "image" }), "q35"))).toEqual(["image"]);
  expect(Object.keys(diskProblems(form({ origin: "url", url: "d.img" }), "q35"))).toEqual(["url"]);
  expect(diskProblems(form({ origin: "blank", size: { amount: "x", unit: "GiB" } }), "q35").size).toMatch(/number/);
  expect(diskProblems(form({ origin: "blank", interface: "ide" }), "microvm").interface).toMatch(/virtio/);
  expect(diskProblems(form({ origin: "image", image: "7" }), "q35")).toEqual({});
});

test("an address is http or https, and names what is there", () => {
  expect(urlProblem(" https://example.org/a/debian%2013.qcow2?x=1 ")).toBeUndefined();
  expect(urlProblem("file:///etc/passwd")).toMatch(/https/);
  expect(nameOfUrl("https://example.org/a/debian%2013.qcow2?x=1")).toBe("debian 13.qcow2");
  expect(nameOfUrl("https://example.org/")).toBe("example.org");
  expect(nameOfUrl("https://example.org/50%.img")).toBe("50%.img");
});

test("a blank disk's image has its size and format", () => {
  const blank = form({ origin: "blank", format: "qcow2", size: { amount: "2", unit: "MiB" } });
  expect(blankImage(blank, "d")).toEqual({ name: "d", format: "qcow2", virtualSize: 2 * 1024 ** 2 });
  expect(blankImage(form({ origin: "image" }), "d")).toBeUndefined();
});

test("a disk over an image has the image's format", () => {
  expect(diskOf(form({ origin: "image", format: "raw" }), { id: "7", format: "qcow2" })).toEqual({
    file: { from: "image", id: "7" },
    format: "qcow2",
    interface: "virtio",
    access: "persistent",
  });
  expect(Object.keys(interfaceChoices("q35", true))).toEqual(["virtio", "nvme"]);
});
