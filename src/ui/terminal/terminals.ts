import { QemuWebError } from "../../core/errors.ts";
import type { VmId } from "../../engine/api.ts";
import type { EngineLink } from "../engine-link.ts";
import { isAlive } from "../vm-state.ts";
import { findVm } from "../vms.ts";
import type { ConsoleSession } from "./console-session.ts";

/** Every console that this page has opened, one session each, kept until its VM is deleted or the page goes. */
export class Terminals {
  readonly #sessions = new Map<string, Promise<ConsoleSession>>();
  readonly #ready = new Map<string, ConsoleSession>();

  constructor(private readonly link: EngineLink) {
    let before = link.store.get();
    link.store.subscribe(() => {
      const now = link.store.get();
      if (now.link === "ready" && before.link !== "ready") for (const session of this.#ready.values()) session.reopen();
      if (now.vms !== before.vms && now.link === "ready") this.#followVms();
      before = now;
    });
  }

  /** The session of a console, begun when it is asked for first; xterm.js is loaded only then. */
  open(vm: VmId, console: string): Promise<ConsoleSession> {
    const key = keyOf(vm, console);
    const known = this.#sessions.get(key);
    if (known) return known;
    const opening = this.#begin(vm, console);
    this.#sessions.set(key, opening);
    opening.catch(() => this.#sessions.delete(key));
    return opening;
  }

  /** The session if it is there already. */
  get(vm: VmId, console: string): ConsoleSession | undefined {
    return this.#ready.get(keyOf(vm, console));
  }

  async #begin(vm: VmId, console: string): Promise<ConsoleSession> {
    const { ConsoleSession } = await import("./console-session.ts").catch((cause) => {
      throw new QemuWebError("internal", "The terminal could not be loaded.", "Close DevTools and open it again.", {
        cause,
      });
    });
    const session = new ConsoleSession(
      () => this.link.engine().openConsole(vm, console),
      () => isAlive(findVm(this.link.store.get(), vm)?.state ?? "off"),
    );
    this.#ready.set(keyOf(vm, console), session);
    return session;
  }

  #followVms(): void {
    for (const [key, session] of this.#ready) {
      const vm = findVm(this.link.store.get(), key.slice(0, key.lastIndexOf("/")));
      if (!vm) {
        session.dispose();
        this.#ready.delete(key);
        this.#sessions.delete(key);
      } else if (isAlive(vm.state)) {
        session.retry();
      } else {
        session.cancelInput();
      }
    }
  }
}

function keyOf(vm: VmId, console: string): string {
  return `${vm}/${console}`;
}
