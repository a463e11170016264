import type { ByteChannel } from "../byte-channel.ts";

interface PeerCommand {
  execute: string;
  arguments: Record<string, unknown>;
  id: number;
}

/**
 * The other end of a channel: answers commands by a table (`undefined`: not at all), and can say things by itself. `heard` is
 * called before the answer.
 */
export function fakePeer(
  answers: Record<string, object | undefined> = {},
  heard: (command: PeerCommand) => void = () => {},
) {
  const out = new TransformStream<Uint8Array, Uint8Array>();
  const writer = out.writable.getWriter();
  const say = (text: string | Uint8Array) =>
    writer.write(typeof text === "string" ? new TextEncoder().encode(text) : text);
  const commands: string[] = [];
  const input = new WritableStream<Uint8Array>({
    write(bytes) {
      if (bytes[0] === 0xff) return;
      const command: PeerCommand = JSON.parse(new TextDecoder().decode(bytes));
      const { execute, id } = command;
      commands.push(execute);
      heard(command);
      const answer = execute in answers ? answers[execute] : { return: {} };
      if (answer) void say(`${JSON.stringify({ ...answer, id })}\r\n`);
    },
  });
  const channel: ByteChannel = { output: out.readable, input };
  return { channel, say, commands, stop: new AbortController(), close: () => writer.close() };
}
