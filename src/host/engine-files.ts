import type { GuestFile } from "../../qemu-wasm/protocol.ts";
import { QemuWebError } from "../core/errors.ts";
import type { SnapshotFacts } from "../model/snapshot.ts";
import { FIRMWARE_DIR } from "../qemu/args.ts";
import {
  checked,
  type Fetch,
  type FileFacts,
  missing,
  type Package,
  packagedBytes,
  packagedFile,
  packagedResponse,
  packagedVersions,
} from "./packaged-file.ts";
import { readSnapshotFile } from "./snapshot-file.ts";

/** engine/versions.json, as far as the host reads it. */
export interface EngineVersions {
  qemu: string;
  files: FileFacts[];
  machines: string[];
  devices: string[];
  features: string[];
}

/** All that a VM's Worker needs of the engine, checked. */
export interface Engine {
  versions: EngineVersions;
  /** URL of the engine's JavaScript. */
  script: string;
  module: WebAssembly.Module;
  firmware: GuestFile[];
}

/** Below the guests' folder. */
export const QUICK_SNAPSHOT = "quick/ready.snapshot";

const PROGRAM = "qemu-system-x86_64";

/** The engine and the built-in guests as they lie in the extension's package; loaded once, a failure not kept. */
export class EngineFiles {
  readonly #engine: Package;
  readonly #guests: Package;
  readonly #fetch: Fetch;
  readonly #kept = new Map<string, Promise<unknown>>();

  /** `root`: URL of the extension's package, with a slash at its end. */
  constructor(root: string, fetch: Fetch = (url) => globalThis.fetch(url)) {
    this.#engine = { folder: `${root}engine/`, what: "The engine", build: "npm run build:engine" };
    this.#guests = { folder: `${root}guests/`, what: "The built-in guest", build: "npm run build:guests" };
    this.#fetch = fetch;
  }

  versions(): Promise<EngineVersions> {
    return this.#once("versions", async () => engineVersions(await packagedVersions(this.#engine, this.#fetch)));
  }

  /** The checked and compiled engine. Throws `engine-missing` or `engine-corrupt`. */
  load(): Promise<Engine> {
    return this.#once("engine", async () => {
      const versions = await this.versions();
      const file = async (name: string) => packagedFile(this.#engine, this.#facts(versions.files, name), this.#fetch);
      const firmwareNames = versions.files.map((facts) => facts.file).filter((name) => name.startsWith("firmware/"));
      const [module, , firmware] = await Promise.all([
        this.#compiled(this.#facts(versions.files, `${PROGRAM}.wasm`)),
        file(`${PROGRAM}.js`),
        Promise.all(
          firmwareNames.map(async (name) => ({
            path: `${FIRMWARE_DIR}/${name.slice("firmware/".length)}`,
            content: await file(name),
          })),
        ),
      ]);
      return { versions, script: `${this.#engine.folder}${PROGRAM}.js`, module, firmware };
    });
  }

  /** The engine's module, while its bytes are checked. From a response, Chromium keeps the machine code for the next time. */
  async #compiled(facts: FileFacts): Promise<WebAssembly.Module> {
    const response = await packagedResponse(this.#engine, facts.file, this.#fetch);
    const bytes = packagedBytes(this.#engine, facts.file, response.clone());
    const compiled = compile(response);
    compiled.catch(() => undefined); // bytes that are damaged are told as such
    await checked(this.#engine, facts, await bytes);
    return compiled;
  }

  /** Has what a quick start needs at hand before it is asked for; `files` are the guest's. What fails, the start tells. */
  prepare(files: string[]): void {
    for (const work of [this.load(), this.quickSnapshot(), ...files.map((file) => this.guestUrl(file))]) {
      work.catch(() => undefined);
    }
  }

  /** SHA-256 of the engine's WebAssembly, hex. */
  async identity(): Promise<string> {
    return this.#facts((await this.versions()).files, `${PROGRAM}.wasm`).sha256;
  }

  /** The state of the quick VM that ships with it, ready at its prompt; undefined when there is none. One for all VMs. */
  quickSnapshot(): Promise<{ facts: SnapshotFacts; state: Blob } | undefined> {
    return this.#once("quick snapshot", async () => {
      const facts = (await this.#guestFiles()).find(({ file }) => file === QUICK_SNAPSHOT);
      return facts && readSnapshotFile(new Blob([await packagedFile(this.#guests, facts, this.#fetch)]));
    });
  }

  /** A built-in guest's file by its path below guests/, e.g. `quick/vmlinux`. Not kept: it is read once per start. */
  async guest(path: string): Promise<Uint8Array> {
    return packagedFile(this.#guests, this.#facts(await this.#guestFiles(), path, this.#guests), this.#fetch);
  }

  /** Where that file is, once it was checked: the package doesn't change while its pages live. */
  guestUrl(path: string): Promise<string> {
    return this.#once(`checked ${path}`, async () => {
      await this.guest(path);
      return `${this.#guests.folder}${path}`;
    });
  }

  #guestFiles(): Promise<FileFacts[]> {
    return this.#once("guests", async () => {
      const versions = await packagedVersions(this.#guests, this.#fetch);
      return (versions as { files?: FileFacts[] }).files ?? [];
    });
  }

  #facts(files: FileFacts[], name: string, from = this.#engine): FileFacts {
    return files.find((facts) => facts.file === name) ?? missing(from, name);
  }

  #once<T>(what: string, make: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(what) as Promise<T> | undefined;
    if (kept) return kept;
    const made = make();
    this.#kept.set(what, made);
    made.catch(() => this.#kept.delete(what));
    return made;
  }
}

function engineVersions(value: unknown): EngineVersions {
  const { qemu = "unknown", files = [], machines = [], devices = [], features = [] } = value as Partial<EngineVersions>;
  return { qemu, files, machines, devices, features };
}

async function compile(response: Response): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compileStreaming(response);
  } catch (cause) {
    throw new QemuWebError(
      "capability-missing",
      "This browser cannot compile the engine.",
      "Update Chrome to version 137 or later.",
      { cause },
    );
  }
}
