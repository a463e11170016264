import { expect, test } from "vitest";
import type { ImageInfo, VmInfo } from "../engine/api.ts";
import { describeSource, filterImages, usersOf, whyKept } from "./images.ts";

const image = (change: Partial<ImageInfo>): ImageInfo => ({
  id: "1",
  name: "debian.qcow2",
  format: "qcow2",
  virtualSize: 1,
  storedBytes: 1,
  source: "stored",
  created: 0,
  users: [],
  ...change,
});
const vm = (id: string, name: string) => ({ id, profile: { name } }) as VmInfo;
const user = (vm: string, disk = "disk0") => ({ vm, disk, access: "persistent" as const });

test("a filter looks at name, format and server", () => {
  const images = [
    image({}),
    image({ name: "a.img", format: "raw", source: { url: "https://cloud.example:8443/a.img" } }),
  ];
  const found = (filter: string) => filterImages(images, filter).map((found) => found.name);
  expect(found("")).toHaveLength(2);
  expect(found("DEB qcow")).toEqual(["debian.qcow2"]);
  expect(found("cloud.example:8443")).toEqual(["a.img"]);
  expect(found("nothing")).toEqual([]);
  expect(describeSource(image({}))).toBe("Stored");
});

test("an image is kept while VMs use it, and the reason names each once", () => {
  const vms = [vm("a", "Debian"), vm("b", "Web server")];
  const used = image({ users: [user("a"), user("b"), user("a", "disk1"), user("gone")] });
  expect(usersOf(used, vms).map(({ name, disks }) => [name, disks])).toEqual([
    ["Debian", ["disk0", "disk1"]],
    ["Web server", ["disk0"]],
    ["gone", ["disk0"]],
  ]);
  expect(whyKept(used, vms)).toBe("Used by Debian, Web server, and gone: detach it there first.");
  expect(whyKept(image({}), vms)).toBeUndefined();
});
