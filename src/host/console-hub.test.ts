import { expect, test } from "vitest";
import { ConsoleHub } from "./console-hub.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const forever = new AbortController().signal;

/** A guest whose writes resolve when the hub asks for more, and that keeps what is typed. */
function guest(takesInput: () => Promise<void> = async () => {}) {
  const typed: string[] = [];
  const pipe = new TransformStream<Uint8Array, Uint8Array>();
  const writer = pipe.writable.getWriter();
  const input = new WritableStream<Uint8Array>({
    async write(bytes) {
      typed.push(decode(bytes));
      await takesInput();
    },
  });
  return { typed, write: (text: string) => writer.write(encode(text)), channel: { output: pipe.readable, input } };
}

function running(hub: ConsoleHub, machine = guest()) {
  const run = new AbortController();
  hub.expect(run.signal);
  void hub.attach(machine.channel, run.signal, () => {});
  return { ...machine, run };
}

async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, end: string): Promise<string> {
  let text = "";
  while (!text.endsWith(end)) text += decode((await reader.read()).value);
  return text;
}

test("a viewer gets the scroll-back, then what follows, over several runs", async () => {
  const hub = new ConsoleHub();
  const first = running(hub);
  await first.write("boot ");
  const reader = hub.view(forever).getReader();
  await first.write("login");
  expect(await readUntil(reader, "login")).toBe("boot login");
  first.run.abort();
  await running(hub).write("again");
  expect(await readUntil(reader, "again")).toBe("again");
});

test("without viewers the guest runs free, and the newest bytes stay", async () => {
  const hub = new ConsoleHub(16);
  const { write } = running(hub);
  for (let n = 0; n < 10; n++) await write("0123456789");
  await write("end");
  await write("");
  const reader = hub.view(forever).getReader();
  expect(await readUntil(reader, "end")).toHaveLength(16);
});

test("the slowest viewer holds the guest back and loses nothing; once it is gone the guest goes on", async () => {
  const hub = new ConsoleHub(16);
  const { write } = running(hub);
  const fast = hub.view(forever).getReader();
  const slow = hub.view(forever).getReader();
  let taken = 0;
  const all = (async () => {
    for (let n = 0; n < 10; n++) {
      await write("0123456789");
      taken++;
    }
  })();
  const seen: string[] = [];
  void (async () => {
    for (;;) seen.push(decode((await fast.read()).value));
  })();
  // The log is full of what the slow viewer has not seen.
  await expect.poll(() => seen.join("")).toHaveLength(14);
  expect(taken).toBeLessThan(3);
  expect(decode((await slow.read()).value)).toBe("0123");
  await slow.cancel();
  await all;
  await expect.poll(() => seen.join("")).toBe("0123456789".repeat(10));
});

test("an aborted viewer is dropped like a cancelled one", async () => {
  const hub = new ConsoleHub(16);
  const { write } = running(hub);
  const client = new AbortController();
  hub.view(client.signal);
  const all = (async () => {
    for (let n = 0; n < 10; n++) await write("0123456789");
  })();
  client.abort();
  await all;
});

test("writers take turns, each chunk whole, as fast as the guest takes them", async () => {
  const hub = new ConsoleHub();
  let release = () => {};
  const machine = guest(() => new Promise((resolve) => (release = resolve)));
  running(hub, machine);
  const paste = hub.writer(forever).getWriter();
  const keys = hub.writer(forever).getWriter();
  const first = paste.write(encode("aaaa"));
  const second = keys.write(encode("b"));
  await expect.poll(() => machine.typed).toEqual(["aaaa"]);
  release();
  await first;
  await expect.poll(() => machine.typed).toEqual(["aaaa", "b"]);
  release();
  await second;
});

test("keys wait while the engine starts, are dropped while it is off, and never hang when it dies", async () => {
  const hub = new ConsoleHub();
  const keys = hub.writer(forever).getWriter();
  await keys.write(encode("lost"));
  const deaf = guest(() => new Promise(() => {}));
  const run = new AbortController();
  hub.expect(run.signal);
  const early = keys.write(encode("early"));
  void hub.attach(deaf.channel, run.signal, () => {});
  await expect.poll(() => deaf.typed).toEqual(["early"]);
  run.abort();
  await early;
  await keys.write(encode("lost too"));
  expect(deaf.typed).toEqual(["early"]);
});
