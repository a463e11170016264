import { expect, it } from "vitest";
import { repository } from "../../qemu-wasm/build/cache.ts";
import { npmPackages, thirdPartyText } from "./npm-licences.ts";
import { sourcesText } from "./sources.ts";

it("names every source in a table", () => {
  const text = sourcesText({
    revision: "abc",
    engine: {
      sources: [{ name: "qemu", version: "11", sha256: "1f" }],
      patches: [{ file: "0001.patch", sha256: "2f" }],
    },
    guests: {
      packages: [{ package: "busybox-static", sources: [{ source: "busybox", files: [{ file: "busybox.tar" }] }] }],
    },
    own: [{ file: "qemu-wasm/web/wake.c", sha256: "3f" }],
  });
  expect(text).toContain("| qemu | 11 | 1f |");
  expect(text).toContain("| 0001.patch | 2f |");
  expect(text).toContain("| busybox-static | busybox busybox.tar |");
  expect(text).toContain("revision abc");
});

it("finds the licence text of every npm package that is bundled", () => {
  const packages = npmPackages(repository);
  expect(packages.map((entry) => entry.name)).toEqual(expect.arrayContaining(["@xterm/xterm", "comlink", "preact"]));
  expect(packages.filter((entry) => entry.text.length < 200)).toEqual([]);
  expect(thirdPartyText(packages)).toContain("MIT");
});
