import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { dist } from "../../tools/build.ts";
import { brokenExtension } from "../lib/broken-extension.ts";
import { expectTrouble } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

const wasm = "engine/qemu-system-x86_64.wasm";
const folder = brokenExtension((copy) => rmSync(join(copy, wasm)));
test.use({ folder });

test("a missing engine file fails the start with a hint, and starting works once it's back", async ({
  extension,
  engine,
}) => {
  const guest = await engine.create(await engine.quickProfile());
  await guest.act("start").catch(() => {}); // the VM's state tells
  const vm = await guest.state(["failed"]);
  expect(vm.reason?.code).toBe("engine-missing");
  await expectTrouble(extension, vm);

  cpSync(join(dist, wasm), join(folder, wasm));
  await guest.start();
  await guest.prompt();
});
