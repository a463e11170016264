/** What a user typed as a QMP command, or one sentence on why it is none. */
export type QmpCommand = { command: string; args?: object } | { problem: string };

/** Takes `{"execute": "query-block", "arguments": {}}`, and in short `query-block` or `query-block {}`. */
export function parseQmpCommand(text: string): QmpCommand {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) {
    const message = parsed(trimmed);
    if (!message) return { problem: "This is not JSON: check its quotes, commas and brackets." };
    if (typeof message.execute !== "string") return { problem: 'Name the command: {"execute": "query-status"}.' };
    return withArguments(message.execute, message.arguments);
  }
  const [, command = "", rest = ""] = /^(\S*)\s*([\s\S]*)$/.exec(trimmed) ?? [];
  if (rest === "") return { command };
  const args = parsed(rest);
  return args
    ? { command, args }
    : { problem: "The arguments are not a JSON object: check their quotes and brackets." };
}

function withArguments(command: string, args: unknown): QmpCommand {
  if (args === undefined) return { command };
  if (typeof args === "object" && args !== null && !Array.isArray(args)) return { command, args };
  return { problem: "The arguments are not a JSON object." };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
