/** A guest in v86, another emulator of PCs in WebAssembly (npm package `v86`; 32 bits only), in the same Chromium. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "@playwright/test";
import type { V86 } from "v86";
import { chromiumPath } from "../lib/chromium.ts";
import { Scanner } from "../lib/scanner.ts";
import { v86Firmware } from "./v86-firmware.ts";

const library = fileURLToPath(import.meta.resolve("v86"));
const wasm = join(dirname(library), "v86.wasm");

export const v86Version: string = JSON.parse(readFileSync(join(library, "../../package.json"), "utf8")).version;

export interface V86Guest {
  /** Paths: a bzImage, and its initramfs. */
  kernel: string;
  initrd: string;
  append: string;
  /** MiB. */
  memory: number;
}

/** A running v86 and its first serial port. */
export class V86Machine {
  readonly #output = new Scanner();
  /** By `performance.now()`: its files are there, its page too. */
  started = 0;

  private constructor(
    readonly page: Page,
    readonly browser: Browser,
    readonly server: Server,
  ) {}

  /** Resolves when the guest begins to run. */
  static async start(guest: V86Guest): Promise<V86Machine> {
    const firmware = await v86Firmware();
    const server = await serve({
      "/libv86.mjs": library,
      "/v86.wasm": wasm,
      "/bios": join(firmware, "bios.bin"),
      "/vgabios": join(firmware, "vgabios-stdvga.bin"),
      "/kernel": guest.kernel,
      "/initrd": guest.initrd,
    });
    const args = ["--headless=new", "--disable-gpu", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])];
    const browser = await chromium.launch({ executablePath: chromiumPath(), headless: false, args });
    const self = new V86Machine(await browser.newPage(), browser, server);
    try {
      await self.#boot(guest);
      return self;
    } catch (error) {
      await self.close();
      throw error;
    }
  }

  async #boot({ append, memory }: V86Guest): Promise<void> {
    await this.page.exposeFunction("v86Output", (text: string) => this.#output.push(Buffer.from(text, "latin1")));
    await this.page.goto(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`);
    this.started = performance.now();
    await this.page.evaluate(
      async ({ append, memory }) => {
        const here = globalThis as unknown as { v86: V86; v86Output(text: string): Promise<void> };
        const path = "/libv86.mjs";
        const { V86: Machine } = (await import(path)) as typeof import("v86");
        here.v86 = new Machine({
          wasm_path: "/v86.wasm",
          bios: { url: "/bios" },
          vga_bios: { url: "/vgabios" },
          bzimage: { url: "/kernel" },
          initrd: { url: "/initrd" },
          cmdline: append,
          memory_size: memory << 20,
          disable_keyboard: true,
          disable_mouse: true,
          disable_speaker: true,
        });
        let text = "";
        here.v86.add_listener("serial0-output-byte", (byte) => {
          if (text === "") {
            setTimeout(() => {
              void here.v86Output(text);
              text = "";
            });
          }
          text += String.fromCharCode(byte);
        });
        await new Promise<void>((resolve) => here.v86.add_listener("emulator-ready", () => resolve()));
        await here.v86.run();
      },
      { append, memory },
    );
  }

  /** A line, with the Enter key after it. */
  async type(line: string): Promise<void> {
    await this.page.evaluate((text) => (globalThis as unknown as { v86: V86 }).v86.serial0_send(text), `${line}\r`);
  }

  /** Waits for the output to have `pattern` after what was found before. */
  find(pattern: string | RegExp): Promise<string> {
    return this.#output.find(pattern);
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.close();
  }
}

/** Serves files by their URL's path, and an empty page at /, to this machine. */
async function serve(files: Record<string, string>): Promise<Server> {
  const server = createServer((request, response) => {
    const path = files[request.url ?? ""];
    const type = path?.endsWith("js") ? "text/javascript" : path?.endsWith(".wasm") ? "application/wasm" : undefined;
    response.setHeader("content-type", path ? (type ?? "application/octet-stream") : "text/html");
    response.end(path ? readFileSync(path) : "<!doctype html><title>v86</title>");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
