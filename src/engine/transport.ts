import * as Comlink from "comlink";
import { type ErrorData, QemuWebError, toErrorData } from "../core/errors.ts";

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
