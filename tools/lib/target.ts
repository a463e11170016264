/**
 * A CDP target that Playwright doesn't know (DevTools itself, a panel's frame, the offscreen document, a worker), spoken to
 * through the browser's session: commands wrapped in `Target.sendMessageToTarget`.
 */
import { EventEmitter, once } from "node:events";
import type { CDPSession } from "@playwright/test";

export interface TargetInfo {
  targetId: string;
  type: string;
  title: string;
  url: string;
}

interface Reply {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message: string };
  method?: string;
  params?: Record<string, unknown>;
}

interface RemoteResult {
  result: { value?: unknown };
  exceptionDetails?: { text: string; exception?: { description?: string; value?: unknown } };
}

export class Target extends EventEmitter {
  #sent = 0;
  #waiting = new Map<number, { resolve(value: Record<string, unknown>): void; reject(error: Error): void }>();
  /** The target went away: its tab was closed, its renderer died. */
  detached = false;

  private constructor(
    readonly cdp: CDPSession,
    readonly info: TargetInfo,
    readonly sessionId: string,
  ) {
    super();
    this.#listen();
  }

  static async attach(cdp: CDPSession, info: TargetInfo): Promise<Target> {
    const { sessionId } = await cdp.send("Target.attachToTarget", { targetId: info.targetId, flatten: false });
    return new Target(cdp, info, sessionId);
  }

  #listen(): void {
    const onMessage = (event: { sessionId: string; message: string }) => {
      if (event.sessionId === this.sessionId) this.#receive(JSON.parse(event.message) as Reply);
    };
    const onDetached = (event: { sessionId: string }) => {
      if (event.sessionId !== this.sessionId) return;
      this.cdp.off("Target.receivedMessageFromTarget", onMessage);
      this.cdp.off("Target.detachedFromTarget", onDetached);
      this.detached = true;
      for (const { reject } of this.#waiting.values()) reject(new Error(`${this.info.url} went away.`));
      this.#waiting.clear();
      this.emit("detached");
    };
    this.cdp.on("Target.receivedMessageFromTarget", onMessage);
    this.cdp.on("Target.detachedFromTarget", onDetached);
  }

  #receive(reply: Reply): void {
    if (reply.id === undefined) {
      this.emit(reply.method ?? "message", reply.params ?? {});
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.error) waiting?.reject(new Error(`${this.info.url}: ${reply.error.message}`));
    else waiting?.resolve(reply.result ?? {});
  }

  async send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    if (this.detached) throw new Error(`${this.info.url} went away.`);
    this.#sent += 1;
    const id = this.#sent;
    const answer = new Promise<Record<string, unknown>>((resolve, reject) =>
      this.#waiting.set(id, { resolve, reject }),
    );
    const message = JSON.stringify({ id, method, params });
    const [reply] = await Promise.all([
      answer,
      this.cdp.send("Target.sendMessageToTarget", { sessionId: this.sessionId, message }),
    ]);
    return reply;
  }

  /** Calls a self-contained function in the target with JSON arguments; awaits and returns its JSON result. */
  async evaluate<R, A extends unknown[]>(call: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
    const text = `(() => { globalThis.__name ??= (f) => f; return (${call})(...${JSON.stringify(args)}); })()`;
    return (await this.expression(text)) as Awaited<R>;
  }

  /** Evaluates JavaScript text. */
  async expression(expression: string): Promise<unknown> {
    const reply = (await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    })) as unknown as RemoteResult;
    const thrown = reply.exceptionDetails;
    if (thrown) {
      const value = thrown.exception?.description ?? thrown.exception?.value ?? thrown.text;
      throw new Error(`In ${this.info.url}: ${String(value)}`);
    }
    return reply.result.value;
  }

  /** Waits until `call` returns something truthy, asking at every frame of the target's own clock. */
  async until<R, A extends unknown[]>(call: (...args: A) => R, timeout: number, ...args: A): Promise<Awaited<R>> {
    const text = `new Promise((resolve, reject) => {
      globalThis.__name ??= (f) => f;
      const end = Date.now() + ${timeout};
      const ask = async () => {
        const value = await (${call})(...${JSON.stringify(args)});
        if (value) resolve(value);
        else if (Date.now() > end) reject(new Error("Waited ${timeout} ms in vain for: " + ${JSON.stringify(String(call))}));
        else setTimeout(() => ask().catch(reject), 50);
      };
      ask().catch(reject);
    })`;
    return (await this.expression(text)) as Awaited<R>;
  }

  async detach(): Promise<void> {
    if (this.detached) return;
    const gone = once(this, "detached");
    await this.cdp.send("Target.detachFromTarget", { sessionId: this.sessionId });
    await gone;
  }
}

/** All targets of the browser, the hidden ones too. */
export async function targets(cdp: CDPSession): Promise<TargetInfo[]> {
  // The empty filter lifts the default one, which hides DevTools and workers.
  const { targetInfos } = await cdp.send("Target.getTargets", { filter: [{}] });
  return targetInfos;
}

/** Waits for a target that `matches`; polls, since discovery reports some of them before they can be attached to. */
export async function waitForTarget(
  cdp: CDPSession,
  what: string,
  matches: (info: TargetInfo) => boolean,
  timeout = 30_000,
): Promise<TargetInfo> {
  const end = Date.now() + timeout;
  for (;;) {
    const found = (await targets(cdp)).find(matches);
    if (found) return found;
    if (Date.now() > end) throw new Error(`Waited ${timeout / 1000} s in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The dedicated workers that a document started (not those that these started), with their URLs. */
export async function workersOf(cdp: CDPSession, document: TargetInfo): Promise<TargetInfo[]> {
  const target = await Target.attach(cdp, document);
  const workers: TargetInfo[] = [];
  target.on("Target.attachedToTarget", ({ targetInfo }: { targetInfo: TargetInfo }) => {
    if (targetInfo.type === "worker") workers.push(targetInfo);
  });
  // Reports those that are there before it answers; `getTargets` has workers without their URLs.
  await target.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  await target.detach();
  return workers;
}
