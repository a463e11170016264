import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brokenExtension } from "../lib/broken-extension.ts";
import { expectTrouble } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

const flipLastByte = (copy: string) => {
  const path = join(copy, "engine/qemu-system-x86_64.wasm");
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path, bytes);
};
test.use({ folder: brokenExtension(flipLastByte) });

test("an engine file of a wrong hash is never run", async ({ extension, engine }) => {
  const guest = await engine.create(await engine.quickProfile());
  await guest.act("start").catch(() => {}); // the VM's state tells
  const vm = await guest.state(["failed"]);
  expect(vm.reason?.code).toBe("engine-corrupt");
  await expectTrouble(extension, vm);
});
