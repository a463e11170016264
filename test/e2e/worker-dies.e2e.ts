import { Target, waitForTarget, workersOf } from "../../tools/lib/target.ts";
import { expectTrouble } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("a VM whose Worker dies fails with a hint, the other VM goes on, and starting again works", async ({
  extension,
  engine,
}) => {
  const doomed = await engine.startQuick({ name: "Doomed" });
  await doomed.prompt();
  const offscreen = await waitForTarget(extension.cdp, "the offscreen document", (target) => {
    return target.type === "background_page" && target.url.startsWith(extension.url(""));
  });
  const workers = await workersOf(extension.cdp, offscreen);
  expect(workers).toHaveLength(1);
  const other = await engine.startQuick({ name: "Other" });
  await other.prompt();

  for (const info of workers) {
    const worker = await Target.attach(extension.cdp, info);
    // An error that nobody catches: what a bug in the engine's JavaScript would be.
    await worker.expression("void setTimeout(() => { throw new Error('the worker is gone'); })");
  }
  const vm = await doomed.state(["failed", "crashed", "off"]);
  expect(vm).toMatchObject({ state: "failed", reason: { code: "worker-died" } });
  await expectTrouble(extension, vm);
  expect(await other.run("echo on-$((1+1))")).toBe("on-2\n");

  await doomed.start();
  await doomed.prompt();
});
