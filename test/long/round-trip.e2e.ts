import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { debianDisk } from "../../qemu-wasm/guests/debian-disk.ts";
import type { ExportFormat } from "../../src/engine/api.ts";
import { launch } from "../../tools/lib/chromium.ts";
import { EnginePage } from "../../tools/lib/engine-page.ts";
import { exportDisk, importImage, importOverlay } from "../../tools/lib/images.ts";
import { bootDebian, debianProfile, installTree, powerOff, treeSum } from "../lib/debian-guest.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { expect, test } from "../lib/test.ts";

const FORMATS: ExportFormat[] = ["raw", "qcow2", "overlay"];
const persistent = { interface: "virtio", access: "persistent" } as const;

for (const format of ["raw", "qcow2"] as const) {
  test(`a ${format} disk that is exported, and imported in another browser, boots to the same files`, async ({
    folder,
  }) => {
    test.setTimeout(600_000);
    const path = await debianDisk({ format });
    const name = basename(path);
    const results = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-exports-")));
    const exported = (as: ExportFormat) => join(results, `exported.${as}`);

    const first = await launch({ extension: folder });
    const engine = await EnginePage.open(first);
    const user = { from: "user", name } as const;
    const guest = await engine.create(await debianProfile(engine, { ...persistent, format, file: user }), {
      [name]: path,
    });
    await bootDebian(guest);
    const tree = await installTree(guest, "tree", "/etc /usr/share/perl5");
    await powerOff(guest);
    for (const as of FORMATS) writeFileSync(exported(as), await exportDisk(engine, guest.id, "disk0", as));
    await first.close();

    expect(execFileSync("qemu-img", ["check", exported("qcow2")], { encoding: "utf8" })).toMatch("No errors");
    const compare = ["compare", "-f", "raw", "-F", "qcow2", exported("raw"), exported("qcow2")];
    expect(execFileSync("qemu-img", compare, { encoding: "utf8" })).toMatch("identical");
    execFileSync("e2fsck", ["-fn", exported("raw")], { stdio: "ignore" }); // throws unless it is clean

    const second = await launch({ extension: folder });
    const other = await EnginePage.open(second);
    for (const as of FORMATS) {
      const source = as === "overlay" ? path : exported(as);
      const image = await importImage(other, basename(source), source);
      const file = { from: "image", id: image.id } as const;
      const profile = await debianProfile(other, { ...persistent, file, format: as === "overlay" ? format : as });
      const copy = await other.create(profile);
      if (as === "overlay") await importOverlay(other, copy.id, "disk0", exported(as));
      await bootDebian(copy);
      expect(await treeSum(copy, "tree"), as).toBe(tree);
      await powerOff(copy);
    }
    await second.close();
  });
}
