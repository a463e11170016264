import { expect, test } from "vitest";
import { fakePeer } from "../testing/fake-peer.ts";
import { QmpClient } from "./client.ts";

const GREETING = '{"QMP": {"version": {}, "capabilities": []}}\r\n';

test("negotiates, then executes", async () => {
  const qemu = fakePeer({ "query-status": { return: { status: "running", running: true } } });
  void qemu.say(GREETING);
  const qmp = await QmpClient.connect(qemu.channel, qemu.stop.signal);
  const [status] = await Promise.all([qmp.execute("query-status"), qmp.execute("cont")]);
  expect(status.status).toBe("running");
  expect(qemu.commands).toEqual(["qmp_capabilities", "query-status", "cont"]);
});

test("every reader gets the events from the first on, in order, until the session ends", async () => {
  const qemu = fakePeer();
  void qemu.say(GREETING.slice(0, 20));
  void qemu.say(`${GREETING.slice(20)}{"event":"RESUME"}\r\n`);
  const qmp = await QmpClient.connect(qemu.channel, qemu.stop.signal);
  const first = qmp.events().getReader();
  expect((await first.read()).value?.event).toBe("RESUME");
  void qemu.say('{"event":"SHUT');
  void qemu.say('DOWN","data":{"guest":true,"reason":"guest-shutdown"}}\r\n');
  expect((await first.read()).value?.event).toBe("SHUTDOWN");
  const names = [];
  for await (const event of qmp.events()) {
    names.push(event.event);
    if (event.event === "SHUTDOWN") void qemu.close();
  }
  expect(names).toEqual(["RESUME", "SHUTDOWN"]);
  expect((await first.read()).done).toBe(true);
});

test("a session that ends before its greeting is told", async () => {
  const qemu = fakePeer();
  const client = QmpClient.connect(qemu.channel, qemu.stop.signal);
  qemu.stop.abort(new Error("gone"));
  await expect(client).rejects.toThrow("gone");
});
