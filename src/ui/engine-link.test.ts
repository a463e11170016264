import { expect, test, vi } from "vitest";
import type { EngineApi, EngineEvent, VmInfo } from "../engine/api.ts";
import { linkEngine } from "./engine-link.ts";

interface FakeEngine {
  api: EngineApi;
  emit(event: EngineEvent): void;
  end(): void;
}

function fakeEngine(vms: Partial<VmInfo>[]): FakeEngine {
  let controller: ReadableStreamDefaultController<EngineEvent>;
  const stream = new ReadableStream<EngineEvent>({
    start(c) {
      controller = c;
    },
  });
  const api = { events: async () => stream, listVms: async () => vms } as unknown as EngineApi;
  return { api, emit: (event) => controller.enqueue(event), end: () => controller.close() };
}

const vm = (id: string) => ({ id }) as VmInfo;

test("lists, follows events and connects again when they end", async () => {
  const first = fakeEngine([vm("a")]);
  const second = fakeEngine([vm("c")]);
  const engines = [first.api, second.api];
  const stop = new AbortController();
  const connect = vi.fn(async () => engines.shift() ?? Promise.reject(new Error("no more")));
  const link = linkEngine(connect, { signal: stop.signal, pause: 60_000 });
  const ids = () => link.store.get().vms.map((v) => v.id);

  await vi.waitFor(() => expect(ids()).toEqual(["a"]));
  expect(link.engine()).toBe(first.api);
  first.emit({ seq: 1, type: "vm", vm: vm("b") });
  await vi.waitFor(() => expect(ids()).toEqual(["a", "b"]));

  first.end();
  await vi.waitFor(() => expect(link.store.get()).toMatchObject({ link: "lost", problem: { code: "transport-lost" } }));
  expect(() => link.engine()).toThrow("lost");
  link.retry();
  await vi.waitFor(() => expect(ids()).toEqual(["c"]));
  expect(link.store.get().link).toBe("ready");
  stop.abort();
});

test("an engine that never answers counts as lost", async () => {
  const stop = new AbortController();
  const link = linkEngine(() => new Promise(() => undefined), { signal: stop.signal, timeout: 5, pause: 60_000 });
  await vi.waitFor(() => expect(link.store.get().problem?.message).toBe("The engine did not answer."));
  stop.abort();
});
