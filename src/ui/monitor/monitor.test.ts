import { expect, test } from "vitest";
import { parseQmpCommand } from "./qmp-command.ts";
import { type Entry, reduceTranscript, Transcripts, withEvents } from "./transcript.ts";

test.each([
  ["query-status", { command: "query-status" }],
  [' device_del {"id": "d"}\n', { command: "device_del", args: { id: "d" } }],
  ['{"execute": "stop"}', { command: "stop" }],
  ['{"execute": "cont", "arguments": {"a": 1}, "id": 7}', { command: "cont", args: { a: 1 } }],
  ["device_del d", { problem: "The arguments are not a JSON object: check their quotes and brackets." }],
  ["{execute: 1}", { problem: "This is not JSON: check its quotes, commas and brackets." }],
  ['{"run": "stop"}', { problem: 'Name the command: {"execute": "query-status"}.' }],
  ['{"execute": "stop", "arguments": [1]}', { problem: "The arguments are not a JSON object." }],
])("%s", (text, expected) => {
  expect(parseQmpCommand(text)).toEqual(expected);
});

const said = (time: number, text: string, kind: Entry["kind"] = "command") =>
  ({ type: "said", entry: { time, kind, text } }) as const;

test("a transcript keeps the newest, its history what was typed, and a clear keeps that", () => {
  let transcript = reduceTranscript({ entries: [], history: [] }, said(1, "info"));
  for (const action of [said(2, "answer", "answer"), said(3, "info"), said(4, "stop")])
    transcript = reduceTranscript(transcript, action);
  expect(transcript.history).toEqual(["info", "stop"]);
  expect(transcript.entries).toHaveLength(4);
  for (let n = 0; n < 600; n++) transcript = reduceTranscript(transcript, said(n, `line ${n}`));
  expect([transcript.entries.length, transcript.entries.at(-1)?.text]).toEqual([500, "line 599"]);
  expect(reduceTranscript(transcript, { type: "clear" })).toEqual({ entries: [], history: transcript.history });
});

test("each VM and monitor has a transcript of its own, the same when asked again", () => {
  const all = new Transcripts();
  all.get("a", "hmp").dispatch(said(1, "info"));
  expect(all.get("a", "hmp").get().history).toEqual(["info"]);
  expect(all.get("a", "qmp").get().history).toEqual([]);
  expect(all.get("b", "hmp").get().history).toEqual([]);
});

test("events stand where they happened", () => {
  const entries: Entry[] = [{ time: 1500, kind: "command", text: "stop" }];
  const at = (seconds: number) => ({ seconds, microseconds: 0 });
  const events = [
    { event: "RESET", data: { guest: true }, timestamp: at(1) },
    { event: "STOP", timestamp: at(2) },
  ];
  expect(withEvents(entries, events).map((entry) => entry.text)).toEqual(['RESET {"guest":true}', "stop", "STOP"]);
});
