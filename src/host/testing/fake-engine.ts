import "fake-indexeddb/auto";
import type { FromWorker, StartMessage, ToWorker } from "../../../qemu-wasm/protocol.ts";
import { ImageLibrary } from "../../block/image-library.ts";
import { OverlayStore } from "../../block/overlay-store.ts";
import { fakeLocks, MemoryImageFiles } from "../../block/testing/fakes.ts";
import type { ByteChannel } from "../../qemu/byte-channel.ts";
import { EngineFiles } from "../engine-files.ts";
import type { VmDeps } from "../vm.ts";
import type { WorkerLike } from "../worker-handle.ts";

/** A Worker in which a test plays QEMU: the message it was started with, and what it says. */
export class FakeWorker extends EventTarget implements WorkerLike {
  started: StartMessage | undefined;
  terminated = false;
  readonly commands: string[] = [];
  readonly typed: string[] = [];
  /** The guest's agent reads its port, and answers all but a shutdown. */
  agentReads = true;
  #chardevs = new Map<string, WritableStreamDefaultWriter<Uint8Array>>();

  /** Disks that come and go while it runs, in order. */
  readonly changes: string[] = [];

  postMessage(message: ToWorker): void {
    if (message.type === "start") {
      this.started = message;
      return;
    }
    if (message.type === "freeze-disks") {
      this.changes.push(`${message.type} ${message.snapshot}`);
      queueMicrotask(() => this.say({ type: "disks-frozen" }));
      return;
    }
    const disk = message.type === "add-disk" ? message.disk.disk : message.disk;
    this.changes.push(`${message.type} ${disk}`);
    queueMicrotask(() => this.say({ type: "disk-changed", disk }));
  }
  terminate(): void {
    this.terminated = true;
  }
  say(message: FromWorker): void {
    this.dispatchEvent(new MessageEvent("message", { data: message }));
  }

  /** QEMU is up: memory, the console and a monitor that answers `return: {}` to everything. */
  async boot(status = "running"): Promise<void> {
    this.say({ type: "started", memory: new SharedArrayBuffer(8) });
    this.say({ type: "chardev", id: "serial0", address: 1 });
    this.say({ type: "chardev", id: "agent", address: 3 });
    this.say({ type: "chardev", id: "qmp", address: 2 });
    this.answer("query-status", { status, running: status === "running" });
    await this.tell("qmp", '{"QMP":{}}\n');
  }
  #answers = new Map<string, object>();
  /** What QEMU returns to a command from now on. */
  answer(command: string, value: object): void {
    this.#answers.set(command, value);
  }

  /** Text on a console, or a QMP event. */
  async tell(chardev: string, what: string | object): Promise<void> {
    const text = typeof what === "string" ? what : `${JSON.stringify(what)}\n`;
    await this.#chardevs.get(chardev)?.write(new TextEncoder().encode(text));
  }

  open(address: number, ended: AbortSignal): ByteChannel {
    const pipe = new TransformStream<Uint8Array, Uint8Array>();
    const writer = pipe.writable.getWriter();
    const id = { 2: "qmp", 3: "agent" }[address] ?? "serial0";
    this.#chardevs.set(id, writer);
    ended.addEventListener("abort", () => void writer.close().catch(() => undefined));
    const input = new WritableStream<Uint8Array>({
      write: (bytes) => {
        const text = new TextDecoder().decode(bytes);
        if (id === "serial0") this.typed.push(text);
        else if (text.startsWith("{")) this.#execute(id, text);
      },
    });
    return { output: pipe.readable, input };
  }

  /** Commands that QEMU refuses. */
  readonly refused = new Set<string>();

  #execute(chardev: string, text: string): void {
    const { execute, id, arguments: taken } = JSON.parse(text);
    if (chardev === "agent" && !this.agentReads) return;
    this.commands.push(execute);
    if (execute === "guest-shutdown") return;
    if (this.refused.has(execute)) {
      void this.tell(chardev, { error: { class: "GenericError", desc: "no" }, id });
      return;
    }
    if (execute === "blockdev-open-tray") {
      void this.tell("qmp", { event: "DEVICE_TRAY_MOVED", data: { id: taken.id, "tray-open": true } });
    }
    if (execute === "device_del") void this.tell("qmp", { event: "DEVICE_DELETED", data: { device: taken.id } });
    void this.tell(chardev, { return: this.#answers.get(execute) ?? {}, id });
  }
}

/** An empty WebAssembly module. */
const WASM = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
}

/** An extension's package: URL path -> bytes. Change it to break it. */
export async function fakePackage(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const files = new Map<string, Uint8Array<ArrayBuffer>>([
    ["engine/qemu-system-x86_64.js", encode("export default 1")],
    ["engine/qemu-system-x86_64.wasm", WASM],
    ["engine/firmware/bios-256k.bin", encode("bios")],
    ["guests/quick/vmlinux", encode("kernel")],
  ]);
  const facts = (folder: string) =>
    Promise.all(
      [...files]
        .filter(([path]) => path.startsWith(folder))
        .map(async ([path, bytes]) => ({ file: path.slice(folder.length), sha256: await sha256(bytes), bytes: 1 })),
    );
  const [engine, guests] = await Promise.all([facts("engine/"), facts("guests/")]);
  const devices = ["virtio-serial-pci", "virtserialport", "virtio-rng-pci", "pvpanic-pci"];
  devices.push("virtio-blk-pci", "ide-hd", "ide-cd", "virtio-net-pci");
  const versions = { qemu: "11.1.1", files: engine, machines: ["q35"], devices, features: [] };
  files.set("engine/versions.json", encode(JSON.stringify(versions)));
  files.set("guests/versions.json", encode(JSON.stringify({ files: guests })));
  return files;
}

export function fetchFrom(files: Map<string, Uint8Array<ArrayBuffer>>): (url: string) => Promise<Response> {
  return async (url) => {
    const bytes = files.get(url.replace("ext:/", ""));
    if (!bytes) throw new TypeError("Failed to fetch");
    return new Response(bytes, { headers: url.endsWith(".wasm") ? { "content-type": "application/wasm" } : {} });
  };
}

/** Node has no file system of an origin: what uses it is tested in Chromium. */
const noSnapshots: VmDeps["snapshots"] = {
  get: () => Promise.reject(new Error("no snapshots")),
  list: async () => [],
  sweep: async () => [],
  delete: async () => {},
  save: () => Promise.reject(new Error("no snapshots")),
  deleteAll: async () => {},
};

/** What VMs share, with Workers that the test plays, in the order of their starts. */
export async function fakeDeps(): Promise<VmDeps & { workers: FakeWorker[]; removed: string[]; images: ImageLibrary }> {
  const workers: FakeWorker[] = [];
  const removed: string[] = [];
  return {
    workers,
    removed,
    removeDisk: async (vm, disk) => {
      removed.push(`${vm} ${disk}`);
    },
    images: new ImageLibrary(new MemoryImageFiles(), crypto.randomUUID()),
    snapshots: noSnapshots,
    states: new OverlayStore(crypto.randomUUID(), fakeLocks()).snapshots,
    engine: new EngineFiles("ext:/", fetchFrom(await fakePackage())),
    spawn: () => {
      const worker = new FakeWorker();
      workers.push(worker);
      return worker;
    },
    openSpeaker: () => Promise.reject(new Error("no speaker")),
    openChardev: (_memory, address, ended) => {
      const worker = workers.at(-1);
      if (!worker) throw new Error("no worker");
      return worker.open(address, ended);
    },
  };
}
