import { expect, test } from "vitest";
import { QemuWebError } from "../core/errors.ts";
import type { Console } from "./api.ts";
import { expose, received, sendable, transfer, wrap } from "./transport.ts";

interface Api {
  fail(kind: "ours" | "other"): Promise<void>;
  numbers(): Promise<ReadableStream<number>>;
  open(): Promise<Console>;
}

function link(console?: Console): { remote: Api; close(): void } {
  const { port1, port2 } = new MessageChannel();
  const api: Api = {
    async fail(kind) {
      if (kind === "other") throw new TypeError("surprise");
      throw new QemuWebError("vm-state", "The VM is off.", "Start it.");
    },
    async open() {
      if (!console) throw new Error("none");
      return console;
    },
    async numbers() {
      const stream = new ReadableStream<number>({
        start(controller) {
          for (const n of [1, 2, 3]) controller.enqueue(n);
          controller.close();
        },
      });
      return transfer(stream, [stream]);
    },
  };
  expose(api, port1);
  const close = () => {
    port1.close();
    port2.close();
  };
  return { remote: wrap<Api>(port2), close };
}

test("an error keeps code, sentence and hint; another becomes `internal`", async () => {
  const { remote, close } = link();
  const error = await remote.fail("ours").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(QemuWebError);
  expect(error).toMatchObject({ code: "vm-state", message: "The VM is off.", hint: "Start it." });
  await expect(remote.fail("other")).rejects.toMatchObject({ code: "internal", message: "surprise" });
  close();
});

test("streams are transferred", async () => {
  const { remote, close } = link();
  const found: number[] = [];
  for await (const n of await remote.numbers()) found.push(n);
  expect(found).toEqual([1, 2, 3]);
  close();
});

test("a write to a console resolves when the far side took it", async () => {
  const taken: Uint8Array[] = [];
  let take = () => {};
  const input = new WritableStream<Uint8Array>({
    write: (bytes) =>
      new Promise((resolve) => {
        take = () => {
          taken.push(bytes);
          resolve();
        };
      }),
  });
  const { remote, close } = link({ output: new ReadableStream(), input });
  const writer = (await remote.open()).input.getWriter();
  let written = false;
  const write = writer.write(Uint8Array.of(1, 2)).then(() => {
    written = true;
  });
  await remote.fail("ours").catch(() => undefined); // a round trip later it still waits
  expect(written).toBe(false);
  take();
  await write;
  expect(taken).toEqual([Uint8Array.of(1, 2)]);
  close();
});

/** `stream` as it arrives behind a port. */
async function crossed<T>(stream: ReadableStream<T>): Promise<ReadableStream<T>> {
  const { port1, port2 } = new MessageChannel();
  const sent = sendable(stream);
  const arrived = new Promise<ReadableStream<T>>((resolve) => {
    port2.onmessage = ({ data }) => {
      resolve(received(data));
      port2.close();
    };
  });
  port1.postMessage(sent, [sent] as unknown as Transferable[]);
  return arrived;
}

test("a stream's error keeps code and hint, after the items before it", async () => {
  const full = new QemuWebError("storage-full", "It is full.", "Free some space.");
  const items = [1, 2];
  const stream = new ReadableStream<number>({
    pull(controller) {
      const item = items.shift();
      if (item) controller.enqueue(item);
      else controller.error(full);
    },
  });
  const reader = (await crossed(stream)).getReader();
  expect([(await reader.read()).value, (await reader.read()).value]).toEqual([1, 2]);
  await expect(reader.read()).rejects.toMatchObject(full.toData());
});

test("cancelling on the far side cancels the source", async () => {
  let cancel: (reason: unknown) => void = () => {};
  const cancelled = new Promise((resolve) => {
    cancel = resolve;
  });
  await (await crossed(new ReadableStream<number>({ cancel: (reason) => cancel(reason) }))).cancel("enough");
  expect(await cancelled).toBe("enough");
});
