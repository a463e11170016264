/** A page of the extension with its engine client, driven from Node: how the runner, tests and benches reach VMs. */
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Page } from "@playwright/test";
import { type ErrorData, QemuWebError } from "../../src/core/errors.ts";
import type { EngineApi, EngineEvent, VmId, VmInfo } from "../../src/engine/api.ts";
import type { Profile } from "../../src/model/profile.ts";
import type { ExtensionBrowser } from "./chromium.ts";
import { Guest } from "./guest.ts";

/** What each page of the extension exposes. */
export interface PageGlobal {
  qemuweb: {
    engine: EngineApi;
    terminal?(id: VmId): { text(): string; paste(text: string): void; pending: number } | undefined;
    display?(id: VmId): { frames: number; canvas: HTMLCanvasElement } | undefined;
  };
}

/** A file for a VM: its path here, or its bytes. */
export type FileSource = string | Uint8Array;

export class EnginePage extends EventEmitter<{
  vm: [VmInfo];
  deleted: [VmId];
  output: [VmId, Uint8Array];
  end: [VmId];
  log: [VmId, string];
}> {
  /** The newest of every VM. */
  readonly vms = new Map<VmId, VmInfo>();

  private constructor(readonly page: Page) {
    super();
    this.setMaxListeners(0);
  }

  /** Opens `path` in a tab. The popup's page is the lightest: no terminal reads along. */
  static async open(browser: ExtensionBrowser, path = "popup/index.html"): Promise<EnginePage> {
    return EnginePage.over(await browser.openPage(path));
  }

  static async over(page: Page): Promise<EnginePage> {
    const self = new EnginePage(page);
    await page.exposeFunction("qemuwebEvent", (event: EngineEvent) => self.#onEvent(event));
    await page.exposeFunction("qemuwebOutput", (id: VmId, base64: string) => {
      self.emit("output", id, Buffer.from(base64, "base64"));
    });
    await page.exposeFunction("qemuwebLog", (id: VmId, line: string) => {
      self.emit("log", id, line);
    });
    await page.exposeFunction("qemuwebEnd", (id: VmId) => {
      self.emit("end", id);
    });
    await page.evaluate(async () => {
      const here = globalThis as unknown as PageGlobal & { qemuwebEvent(event: EngineEvent): Promise<void> };
      const events = (await here.qemuweb.engine.events(0)).getReader();
      void (async () => {
        for (let next = await events.read(); !next.done; next = await events.read())
          await here.qemuwebEvent(next.value);
      })();
    });
    return self;
  }

  #onEvent(event: EngineEvent): void {
    if (event.type === "vm") {
      this.vms.set(event.vm.id, event.vm);
      this.emit("vm", event.vm);
    } else if (event.type === "vm-deleted") {
      this.vms.delete(event.id);
      this.emit("deleted", event.id);
    }
  }

  quickProfile(): Promise<Profile> {
    return this.page.evaluate(() => (globalThis as unknown as PageGlobal).qemuweb.engine.quickProfile());
  }

  /** Creates a VM; `files` by the names that the profile has for them. */
  async create(profile: Profile, files: Record<string, FileSource> = {}): Promise<Guest> {
    const names = Object.keys(files);
    for (const name of names) await this.#putFile(name, files[name] ?? "");
    const made = await this.page.evaluate(
      async ({ profile, names }) => {
        const blobs: Record<string, Blob> = {};
        for (const name of names) {
          const input = document.querySelector<HTMLInputElement>(`input[data-file="${CSS.escape(name)}"]`);
          const file = input?.files?.[0];
          if (!file) throw new Error(`No file ${name} reached the page.`);
          blobs[name] = file;
        }
        const { engine } = (globalThis as unknown as PageGlobal).qemuweb;
        const failed = ({ code, message, hint }: ErrorData) => ({ error: { code, message, hint } });
        const created = await engine.createVm(profile, blobs).then((vm) => ({ vm }), failed);
        for (const input of document.querySelectorAll("input[data-file]")) input.remove();
        return created;
      },
      { profile, names },
    );
    if ("error" in made) throw QemuWebError.fromData(made.error);
    const { vm } = made;
    this.vms.set(vm.id, vm);
    return new Guest(this, vm.id);
  }

  /** A VM that others created. */
  guest(id: VmId): Guest {
    return new Guest(this, id);
  }

  /** Creates and starts a quick VM, with `changes` to its profile. */
  async startQuick(changes: Partial<Profile> = {}): Promise<Guest> {
    const guest = await this.create({ ...(await this.quickProfile()), ...changes });
    await guest.start();
    return guest;
  }

  /** Name and log of every VM, as far as it goes now. */
  logs(): Promise<[string, string][]> {
    return this.page.evaluate(async () => {
      const { engine } = (globalThis as unknown as PageGlobal).qemuweb;
      return Promise.all(
        (await engine.listVms()).map(async (vm): Promise<[string, string]> => {
          const reader = (await engine.openLog(vm.id)).getReader();
          const lines = [`${vm.state}; ${vm.reason?.message ?? "no reason"}`, (vm.commandLine ?? []).join(" ")];
          const over = setTimeout(() => void reader.cancel(), 1000); // the log goes on; what there is comes at once
          for (let next = await reader.read(); !next.done; next = await reader.read()) lines.push(next.value.text);
          clearTimeout(over);
          return [vm.profile.name, lines.join("\n")];
        }),
      );
    });
  }

  /** Runs `work` while a file input of the page's, with the name as its `data-file`, has the file. */
  async withFile<T>(name: string, source: FileSource, work: () => Promise<T>): Promise<T> {
    await this.#putFile(name, source);
    try {
      return await work();
    } finally {
      await this.page.evaluate(() => {
        for (const input of document.querySelectorAll("input[data-file]")) input.remove();
      });
    }
  }

  /** Files come as a user's do: through a file input, so that Chromium reads them from disk when they are needed. */
  async #putFile(name: string, source: FileSource): Promise<void> {
    const input = await this.page.evaluateHandle((name) => {
      const element = document.createElement("input");
      element.type = "file";
      element.hidden = true;
      element.dataset.file = name;
      document.body.append(element);
      return element;
    }, name);
    const bytes = (data: Uint8Array) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(data) });
    if (typeof source !== "string") await input.setInputFiles(bytes(source));
    else if (basename(source) === name) await input.setInputFiles(source);
    else await input.setInputFiles(bytes(readFileSync(source)));
    await input.dispose();
  }
}
