import { expect, test } from "../lib/test.ts";

test("two VMs run at once and don't see each other", async ({ engine }) => {
  const one = await engine.startQuick({ name: "One" });
  const two = await engine.startQuick({ name: "Two" });
  await Promise.all([one.prompt(), two.prompt()]);
  await one.run("echo first >/tmp/mark");
  expect(await two.run("cat /tmp/mark 2>&1 || echo none")).toContain("none");
  expect(await one.run("cat /tmp/mark")).toBe("first\n");

  await one.act("stop");
  await one.state(["off"]);
  expect(two.info.state).toBe("running");
  expect(await two.run("echo still-$((20+3))")).toBe("still-23\n");
});
