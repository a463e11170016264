/** QMP's messages as far as the host uses them (QEMU's docs/interop/qmp-spec.rst, qapi/run-state.json). */

/** Commands by name: what each takes and what it returns. */
export interface QmpCommands {
  qmp_capabilities: { arguments: undefined; returns: object };
  "query-status": { arguments: undefined; returns: { status: RunState; running: boolean } };
  system_reset: { arguments: undefined; returns: object };
  stop: { arguments: undefined; returns: object };
  cont: { arguments: undefined; returns: object };
  quit: { arguments: undefined; returns: object };
}

/** QEMU's run states that the host tells apart; others exist. */
export type RunState = "running" | "paused" | "prelaunch" | "guest-panicked" | (string & {});

export interface QmpEvent {
  event: string;
  data?: { reason?: string; guest?: boolean; action?: string };
}

export type QmpMessage =
  | { QMP: object }
  | { return: unknown; id?: number }
  | { error: { class: string; desc: string }; id?: number }
  | QmpEvent;

/** What QEMU answered instead of a result. */
export class QmpError extends Error {
  override readonly name = "QmpError";

  constructor(
    readonly errorClass: string,
    description: string,
  ) {
    super(description);
  }
}

/** One line of QMP, or undefined for what is no message (QMP is line-based JSON; a broken line ends nothing). */
export function parseMessage(line: string): QmpMessage | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as QmpMessage) : undefined;
  } catch {
    return undefined;
  }
}
