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
export type { Remote } from "comlink";

export function lost(message: string, cause?: unknown): QemuWebError {
  return new QemuWebError(
    "transport-lost",
    message,
    "Your VMs may still run. Close this view and open it again; if it stays like this, reload the extension.",
    { cause },
  );
}
