import { expect, test } from "vitest";
import { QmpClient } from "./client.ts";
import { QmpError } from "./messages.ts";

/** A QEMU that answers by a table, and can say things by itself. */
function fakeQemu(answers: Record<string, object | undefined> = {}) {
  const stop = new AbortController();
  const out = new TransformStream<Uint8Array, Uint8Array>();
  const writer = out.writable.getWriter();
  const say = (text: string) => writer.write(new TextEncoder().encode(text));
  const commands: string[] = [];
  const input = new WritableStream<Uint8Array>({
    write(bytes) {
      const { execute, id } = JSON.parse(new TextDecoder().decode(bytes));
      commands.push(execute);
      const answer = execute in answers ? answers[execute] : { return: {} };
      if (answer) void say(`${JSON.stringify({ ...answer, id })}\r\n`);
    },
  });
  const client = () => QmpClient.connect({ output: out.readable, input }, stop.signal);
  return { say, commands, stop, client, close: () => writer.close() };
}
const GREETING = '{"QMP": {"version": {}, "capabilities": []}}\r\n';

test("negotiates, executes and matches answers by id", async () => {
  const qemu = fakeQemu({ "query-status": { return: { status: "running", running: true } } });
  void qemu.say(GREETING);
  const qmp = await qemu.client();
  const [status] = await Promise.all([qmp.execute("query-status"), qmp.execute("cont")]);
  expect(status.status).toBe("running");
  expect(qemu.commands).toEqual(["qmp_capabilities", "query-status", "cont"]);
});

test("gives events in order, whatever the chunks were", async () => {
  const qemu = fakeQemu();
  void qemu.say(GREETING.slice(0, 20));
  void qemu.say(`${GREETING.slice(20)}{"event":"RESUME"}\r\n`);
  const qmp = await qemu.client();
  void qemu.say('{"event":"SHUT');
  void qemu.say('DOWN","data":{"reason":"guest-shutdown"}}\r\n').then(qemu.close);
  const events = [];
  for await (const event of qmp.events) events.push(event);
  expect(events).toEqual([{ event: "RESUME" }, { event: "SHUTDOWN", data: { reason: "guest-shutdown" } }]);
});

test("an error keeps its class", async () => {
  const qemu = fakeQemu({ stop: { error: { class: "GenericError", desc: "no" } } });
  void qemu.say(GREETING);
  const qmp = await qemu.client();
  await expect(qmp.execute("stop")).rejects.toEqual(new QmpError("GenericError", "no"));
});

test("a command that is not answered ends by its signal, or with the session", async () => {
  const qemu = fakeQemu({ quit: undefined });
  void qemu.say(GREETING);
  const qmp = await qemu.client();
  await expect(qmp.execute("quit", AbortSignal.timeout(1))).rejects.toThrow(/timeout/);
  const pending = qmp.execute("quit");
  qemu.stop.abort(new Error("gone"));
  await expect(pending).rejects.toThrow("gone");
  await expect(qmp.execute("cont")).rejects.toThrow("gone");
});

test("a session that ends before its greeting is told", async () => {
  const qemu = fakeQemu();
  const client = qemu.client();
  qemu.stop.abort(new Error("gone"));
  await expect(client).rejects.toThrow("gone");
});
