import { expect, test } from "../lib/test.ts";

test("quick VMs go on from the state that ships with them, each a VM of its own, and may boot all the same", async ({
  engine,
}) => {
  const one = await engine.startQuick();
  expect((await one.state(["restoring"])).commandLine).toContain("-incoming");
  await one.prompt();
  const two = await engine.startQuick();
  await two.prompt();
  const random = "head -c 16 /dev/urandom | od -An -tx8";
  expect(await one.run(random)).not.toBe(await two.run(random));

  // The clock is set by its agent, soon after.
  const now = Math.floor(Date.now() / 1000);
  expect(await one.run(`until [ $(date +%s) -ge ${now} ]; do sleep 0.1; done; echo set`)).toBe("set\n");
  expect(Number(await one.run("date +%s")) * 1000).toBeLessThan(Date.now() + 2000);
  await two.act("stop");

  await one.type("reboot");
  await one.find("QemuWeb quick VM ready");
  await one.prompt();
  expect(await one.run("cat /proc/uptime")).toMatch(/^\d+\./);
  await one.act("stop");

  await one.start({ boot: true });
  expect(one.info.state).toBe("starting");
  expect(one.info.commandLine).not.toContain("-incoming");
});
