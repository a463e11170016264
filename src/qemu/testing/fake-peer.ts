import type { ByteChannel } from "../byte-channel.ts";

/** The other end of a channel: answers commands by a table, and can say things by itself. `undefined`: no answer. */
export function fakePeer(answers: Record<string, object | undefined> = {}) {
  const out = new TransformStream<Uint8Array, Uint8Array>();
  const writer = out.writable.getWriter();
  const say = (text: string | Uint8Array) =>
    writer.write(typeof text === "string" ? new TextEncoder().encode(text) : text);
  const commands: string[] = [];
  const input = new WritableStream<Uint8Array>({
    write(bytes) {
      if (bytes[0] === 0xff) return;
      const { execute, id } = JSON.parse(new TextDecoder().decode(bytes));
      commands.push(execute);
      const answer = execute in answers ? answers[execute] : { return: {} };
      if (answer) void say(`${JSON.stringify({ ...answer, id })}\r\n`);
    },
  });
  const channel: ByteChannel = { output: out.readable, input };
  return { channel, say, commands, stop: new AbortController(), close: () => writer.close() };
}
