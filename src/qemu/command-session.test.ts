import { expect, test } from "vitest";
import { CommandSession } from "./command-session.ts";
import { fakePeer } from "./testing/fake-peer.ts";

interface Table {
  ask: { arguments: { n?: number }; returns: { answer: number } };
  end: { arguments: Record<string, never>; returns: never };
}

function session(answers?: Record<string, object | undefined>) {
  const peer = fakePeer(answers);
  const told: object[] = [];
  return { ...peer, told, session: new CommandSession<Table>(peer.channel, peer.stop.signal, (m) => told.push(m)) };
}

test("answers belong to commands by their ids, whatever the order and the chunks", async () => {
  const { session: commands, say } = session({ ask: undefined });
  const [one, two] = [commands.execute("ask", { n: 1 }), commands.execute("ask", { n: 2 })];
  await say('{"return": {"answer": 2}, "id": 2}\r\n{"return": {"ans');
  await say('wer": 1}, "id": 1}\r\n');
  expect(await Promise.all([one, two])).toEqual([{ answer: 1 }, { answer: 2 }]);
});

test("a refusal keeps its class and says what was refused", async () => {
  const { session: commands } = session({ ask: { error: { class: "CommandNotFound", desc: "no such thing" } } });
  await expect(commands.execute("ask")).rejects.toMatchObject({
    code: "command-refused",
    errorClass: "CommandNotFound",
    message: "ask was refused: no such thing.",
  });
});

test("what is not answered ends by its time, its signal, or with the session", async () => {
  const { session: commands, stop } = session({ end: undefined });
  await expect(commands.execute("end", {}, { timeout: 1 })).rejects.toMatchObject({ code: "command-timeout" });
  await expect(commands.execute("end", {}, { signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
  const pending = commands.execute("end");
  stop.abort(new Error("gone"));
  await expect(pending).rejects.toThrow("gone");
  await expect(commands.execute("ask")).rejects.toThrow("gone");
});

test("a channel that closes ends the session; what is no answer is told, what is no JSON is dropped", async () => {
  const { session: commands, say, close, told } = session({ end: undefined });
  const pending = commands.execute("end");
  await say('nonsense\n{"event": "E"}\n{"return": {}, "id": 99}\n');
  await close();
  await expect(pending).rejects.toThrow("QEMU closed the channel.");
  expect(told).toEqual([{ event: "E" }, { return: {}, id: 99 }]);
});
