import { expect, test } from "../lib/test.ts";

test("a running guest is kept with its memory while it goes on, and comes back as it was", async ({ engine }) => {
  const guest = await engine.startQuick();
  await guest.prompt();
  await guest.run("(while sleep 0.05; do echo tick >>/tmp/ticks; done) & echo before >/tmp/state");
  const snapshot = await guest.snapshot("Before");
  await guest.state(["running"]);
  await guest.run("kill %1; echo after >/tmp/state");
  const second = await guest.snapshot("After");
  expect(second.parents).toEqual([snapshot.id]);
  await guest.act("stop");

  await guest.restore(snapshot.id);
  await guest.state(["running"]);
  expect(await guest.run("cat /tmp/state")).toBe("before\n");
  const ticks = Number(await guest.run("wc -l </tmp/ticks"));
  await guest.run(`until [ $(wc -l </tmp/ticks) -gt ${ticks} ]; do sleep 0.05; done`); // it still ticks

  await guest.act("pause");
  const paused = await guest.snapshot("Paused");
  await guest.state(["paused"]);
  expect(paused.parents).toEqual([snapshot.id]);
  await guest.act("resume");
  expect(await guest.run("cat /tmp/state")).toBe("before\n");
});
