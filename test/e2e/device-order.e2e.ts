import { banksKernel } from "../../qemu-wasm/guests/bare-kernel.ts";
import { parseProfile } from "../../src/model/parse-profile.ts";
import { expect, test } from "../lib/test.ts";

test("what a device is told counts for the next instruction, in compiled code, too", async ({ engine }) => {
  const boot = { kernel: { from: "user", name: "banks" }, append: "" };
  const profile = parseProfile({ name: "Banks", memory: 32, cpu: "qemu64", agent: false, boot });
  const guest = await engine.create(profile, { banks: await banksKernel() });
  await guest.start();
  expect(await guest.find(/Wrong: \d+\./)).toBe("Wrong: 0000.");
});
