import { quick } from "../../qemu-wasm/guests/quick.ts";
import { type ErrorData, QemuWebError } from "../../src/core/errors.ts";
import type {
  SnapshotFacts,
  SnapshotId,
  StartOptions,
  StartTimings,
  VmAction,
  VmId,
  VmInfo,
  VmState,
} from "../../src/engine/api.ts";
import type { EnginePage, PageGlobal } from "./engine-page.ts";
import { work } from "./images.ts";
import { Scanner } from "./scanner.ts";

/** A VM that stopped being what was waited for; its reason and hint are in the message. */
export class GuestEnded extends Error {
  constructor(readonly vm: VmInfo) {
    const { reason } = vm;
    super(`The VM is ${vm.state}.${reason ? ` ${reason.message} ${reason.hint}` : ""}`);
  }
}

const ended: readonly VmState[] = ["off", "crashed", "failed"];

/** One VM and its first console, driven from Node through a page of the extension. */
export class Guest {
  readonly output = new Scanner();
  /** The prompt of its shell. */
  shell: string = quick.prompt;
  /** Hears every byte of the console. */
  onOutput: (bytes: Uint8Array) => void = () => {};
  /** Hears every line of the VM's log, once it is followed. */
  onLog: (line: string) => void = () => {};

  constructor(
    readonly page: EnginePage,
    readonly id: VmId,
  ) {
    page.on("output", (id, bytes) => {
      if (id !== this.id) return;
      this.output.push(bytes);
      this.onOutput(bytes);
    });
    page.on("log", (id, line) => {
      if (id === this.id) this.onLog(line);
    });
  }

  get info(): VmInfo {
    const info = this.page.vms.get(this.id);
    if (!info) throw new Error(`There is no VM ${this.id}.`);
    return info;
  }

  /** Starts the VM and reads its console from the first byte on. */
  async start(options: StartOptions = {}): Promise<void> {
    const stop = new AbortController();
    const begun = this.next((vm) => vm.state !== "off", stop.signal);
    try {
      await this.#call("startVm", options);
      await begun; // or the `off` of before would be taken for its end
    } finally {
      stop.abort();
    }
    await this.attach();
  }

  /** Rejects with the engine's own error: code, sentence and hint. */
  async act(action: Exclude<VmAction, "snapshot">): Promise<void> {
    await this.#call(`${action}Vm`);
  }

  /** Keeps the VM as it is in a snapshot of that name. */
  snapshot(name: string): Promise<SnapshotFacts> {
    return work(this.page, "snapshotVm", [this.id, { name }]);
  }

  /** Has the VM, which is off, go back to a snapshot; its console is still read. */
  async restore(snapshot: SnapshotId): Promise<void> {
    await work(this.page, "restoreSnapshot", [this.id, snapshot]);
  }

  async #call(method: `${VmAction}Vm`, options = {}): Promise<unknown> {
    const { error, value } = await this.page.page.evaluate(
      async ({ id, method, options }) => {
        const { engine } = (globalThis as unknown as PageGlobal).qemuweb;
        try {
          const call = engine[method] as (id: VmId, options: object) => Promise<unknown>;
          return { value: await call(id, options) };
        } catch (thrown) {
          const { code, message, hint } = thrown as ErrorData;
          return { error: { code, message, hint } };
        }
      },
      { id: this.id, method, options },
    );
    if (error) throw QemuWebError.fromData(error);
    return value;
  }

  /** Reads the console: its scroll-back, then what comes. */
  attach(): Promise<void> {
    return this.page.page.evaluate(
      async ({ id, name }) => {
        const here = globalThis as unknown as PageGlobal & {
          qemuwebOutput(id: VmId, base64: string): Promise<void>;
          qemuwebEnd(id: VmId): Promise<void>;
          inputs?: Record<VmId, WritableStreamDefaultWriter<Uint8Array>>;
        };
        const { output, input } = await here.qemuweb.engine.openConsole(id, name);
        here.inputs ??= {};
        here.inputs[id] = input.getWriter();
        const reader = output.getReader();
        void (async () => {
          for (let next = await reader.read(); !next.done; next = await reader.read()) {
            for (let at = 0; at < next.value.length; at += 32768) {
              const piece = next.value.subarray(at, at + 32768);
              await here.qemuwebOutput(id, btoa(String.fromCharCode(...piece)));
            }
          }
          await here.qemuwebEnd(id);
        })();
      },
      { id: this.id, name: this.info.consoles[0] ?? "serial0" },
    );
  }

  /** Reads the VM's log from its first line on. */
  followLog(): Promise<void> {
    return this.page.page.evaluate(async (id) => {
      const here = globalThis as unknown as PageGlobal & { qemuwebLog(id: VmId, line: string): Promise<void> };
      const lines = (await here.qemuweb.engine.openLog(id)).getReader();
      void (async () => {
        for (let next = await lines.read(); !next.done; next = await lines.read()) {
          await here.qemuwebLog(id, next.value.text);
        }
      })();
    }, this.id);
  }

  /** Bytes to the guest; resolves when the guest's side took them. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.page.page.evaluate(
      async ({ id, base64 }) => {
        const here = globalThis as unknown as { inputs: Record<VmId, WritableStreamDefaultWriter<Uint8Array>> };
        await here.inputs[id]?.write(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
      },
      { id: this.id, base64: Buffer.from(bytes).toString("base64") },
    );
  }

  /** A line, with the Enter key after it. */
  async type(line: string): Promise<void> {
    await this.write(new TextEncoder().encode(`${line}\r`));
  }

  /** Waits for the output to have `pattern` after what was found before; rejects when the VM ends before. */
  async find(pattern: string | RegExp): Promise<string> {
    const stop = new AbortController();
    const gone = this.state(ended, stop.signal).then((vm) => {
      throw new GuestEnded(vm);
    });
    gone.catch(() => {}); // after the race it may reject unheard
    try {
      return await Promise.race([this.output.find(pattern), gone]);
    } finally {
      stop.abort();
    }
  }

  prompt(): Promise<string> {
    return this.find(this.shell);
  }

  /** Types a command at the shell's prompt, and resolves to what it printed (64 KiB at most). */
  async run(command: string): Promise<string> {
    const mark = Math.random().toString(36).slice(2);
    // Each mark is typed in two halves, so that its echo isn't taken for it.
    await this.type(`echo begin""-${mark}; ${command}; echo end""-${mark}`);
    const begin = `begin-${mark}\r\n`;
    await this.find(begin);
    const text = await this.find(new RegExp(`[^]*?end-${mark}\r\n`));
    await this.prompt();
    return text.slice(0, text.lastIndexOf(`end-${mark}`)).replaceAll("\r", "");
  }

  /** Waits until the VM is in one of `states`, or finds it there. */
  state(states: readonly VmState[], signal?: AbortSignal): Promise<VmInfo> {
    const { info } = this;
    return states.includes(info.state) ? Promise.resolve(info) : this.next((vm) => states.includes(vm.state), signal);
  }

  /** Waits for the next change of the VM's info that `matches`. */
  next(matches: (vm: VmInfo) => boolean, signal?: AbortSignal): Promise<VmInfo> {
    return new Promise((resolve) => {
      const look = (vm: VmInfo) => {
        if (vm.id !== this.id || !matches(vm)) return;
        this.page.off("vm", look);
        resolve(vm);
      };
      signal?.addEventListener("abort", () => this.page.off("vm", look));
      this.page.on("vm", look);
    });
  }

  statistics(): Promise<Record<string, number>> {
    return this.page.page.evaluate(
      (id) => (globalThis as unknown as PageGlobal).qemuweb.engine.statistics(id),
      this.id,
    );
  }

  timings(): Promise<StartTimings> {
    return this.page.page.evaluate((id) => (globalThis as unknown as PageGlobal).qemuweb.engine.timings(id), this.id);
  }
}
