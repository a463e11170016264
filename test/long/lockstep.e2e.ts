import { referenceQemu } from "../../tools/bench/native.ts";
import { accelerators, extensionSide } from "../../tools/lockstep/extension-side.ts";
import { bootGuest, mixGuest } from "../../tools/lockstep/guests.ts";
import { engineBuild, nativeSide } from "../../tools/lockstep/native-side.ts";
import { lockstep, search } from "../../tools/lockstep/run.ts";
import { expect, test } from "../lib/test.ts";

const INTERVAL = 2_000_000;
const guests = { "the quick VM's boot": bootGuest, "the conformance program": () => mixGuest(40) };

for (const [what, makeGuest] of Object.entries(guests)) {
  for (const [tier, accel] of Object.entries(accelerators)) {
    test(`${what}, ${tier}, is the same as native QEMU's after each ${INTERVAL} instructions`, async ({ engine }) => {
      test.setTimeout(900_000);
      const guest = await makeGuest();
      const native = nativeSide(await referenceQemu(), { build: await engineBuild() });
      const whole = { from: INTERVAL, interval: INTERVAL, until: guest.until, blocks: false };
      const result = await lockstep(guest, [extensionSide(engine, tier, accel), native], whole);
      expect(result.difference).toBeUndefined();
      expect(result.equal).toBeGreaterThan(20);
      for (const console of result.consoles) expect(console).toContain(guest.end);
    });
  }
}

test("the search comes to the block that reads another clock", async () => {
  const guest = await bootGuest();
  const [program, build] = [await referenceQemu(), await engineBuild()];
  const other = nativeSide(program, { build, clock: "2027-02-03T04:05:06" });
  const whole = { from: INTERVAL, interval: INTERVAL, until: guest.until, blocks: false };
  const sides: Parameters<typeof search>[1] = [nativeSide(program, { build }), other];
  const found = await lockstep(guest, sides, whole);
  const lines = await search(guest, sides, whole, found, () => {});
  expect(lines.join("\n")).toMatch(/begins at \w+: e4 71 .*\nEAX +native: 00000000\n +native: 00000006$/s);
});
