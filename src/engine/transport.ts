import * as Comlink from "comlink";
import { type ErrorData, QemuWebError, toErrorData } from "../core/errors.ts";
import { offerWritable, openWritable } from "./acknowledged.ts";
import type { Console } from "./api.ts";

/** Comlink's own handler would keep only an Error's name and message. */
const errors = Comlink.transferHandlers.get("throw");
if (errors) {
  Comlink.transferHandlers.set("throw", {
    canHandle: errors.canHandle,
    serialize: (thrown) => [toErrorData((thrown as { value: unknown }).value), []],
    deserialize: (data) => {
      throw QemuWebError.fromData(data as ErrorData);
    },
  });
}

/** A console: its output is transferred, its input crosses with acknowledgements. */
Comlink.transferHandlers.set("console", {
  canHandle: (value): value is Console =>
    typeof value === "object" && value !== null && "output" in value && "input" in value,
  serialize: ({ output, input }: Console) => {
    const port = offerWritable(input);
    return [{ output, port }, [output, port]];
  },
  deserialize: ({ output, port }: { output: Console["output"]; port: MessagePort }) => ({
    output,
    input: openWritable(port),
  }),
});

export const { expose, wrap, transfer } = Comlink;

/** A stream's last item instead of its error, of which only the sentence would cross. */
interface Failure {
  failed: ErrorData;
}

/** A stream to transfer whose error keeps code and hint, if `received` takes it on the other side. */
export function sendable<T>(stream: ReadableStream<T>): ReadableStream<T> {
  const reader = stream.getReader();
  const sent = new ReadableStream<T | Failure>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (thrown) {
          controller.enqueue({ failed: toErrorData(thrown) });
          controller.close();
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return sent as ReadableStream<T>;
}

export function received<T>(stream: ReadableStream<T>): ReadableStream<T> {
  const isFailure = (item: unknown): item is Failure => typeof item === "object" && item !== null && "failed" in item;
  return stream.pipeThrough(
    new TransformStream<T, T>({
      transform(item, controller) {
        if (isFailure(item)) controller.error(QemuWebError.fromData(item.failed));
        else controller.enqueue(item);
      },
    }),
  );
}
export type { Remote } from "comlink";

export function lost(message: string, cause?: unknown): QemuWebError {
  return new QemuWebError(
    "transport-lost",
    message,
    "Your VMs may still run. Close this view and open it again; if it stays like this, reload the extension.",
    { cause },
  );
}
