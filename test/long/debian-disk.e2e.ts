import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { debianDisk } from "../../qemu-wasm/guests/debian-disk.ts";
import { imageServer } from "../../src/block/testing/image-server.ts";
import { launch } from "../../tools/lib/chromium.ts";
import { EnginePage } from "../../tools/lib/engine-page.ts";
import { importImage } from "../../tools/lib/images.ts";
import { bootDebian, debianProfile, fileSum, installTree, powerOff, treeSum } from "../lib/debian-guest.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { expect, test } from "../lib/test.ts";

const shared = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "*",
  "Access-Control-Expose-Headers": "*",
};

for (const format of ["raw", "qcow2"] as const) {
  for (const from of ["file", "server"] as const) {
    test(`Debian on ${format} from a ${from}: what dpkg installs is there in the next browser`, async ({ folder }) => {
      test.setTimeout(600_000);
      const path = await debianDisk({ format });
      const sum = await fileSum(path);
      const server = await imageServer(shared);
      const profile = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-profile-")));
      const first = await launch({ extension: folder, profile });
      try {
        const engine = await EnginePage.open(first);
        const disk = { format, interface: "virtio", access: "persistent" } as const;
        const name = basename(path);
        const url = server.put(name, readFileSync(path));
        const guest =
          from === "file"
            ? await engine.create(await debianProfile(engine, { ...disk, file: { from: "user", name } }), {
                [name]: path,
              })
            : await engine.create(
                await debianProfile(engine, {
                  ...disk,
                  file: { from: "image", id: (await importImage(engine, name, new URL(url))).id },
                }),
              );
        await bootDebian(guest);
        expect(await guest.run("dpkg --version")).toContain("package management program");
        const tree = await installTree(guest, "tree", "/usr/bin /usr/share/perl5 /etc");
        expect(tree).toMatch(/^\d{3,}\n[0-9a-f]{64} {2}-\n$/);
        await powerOff(guest);
        await first.close();

        const second = await launch({ extension: folder, profile });
        const again = (await EnginePage.open(second)).guest(guest.id);
        await bootDebian(again);
        expect(await treeSum(again, "tree")).toBe(tree);
        expect(await again.run("dpkg -s tree | grep Status; dpkg --verify tree")).toBe(
          "Status: install ok installed\n",
        );
        await powerOff(again);
        await second.close();
        expect(await fileSum(path)).toBe(sum);
      } finally {
        await server.close();
      }
    });
  }
}
