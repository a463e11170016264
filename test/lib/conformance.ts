/** Runs the conformance program (qemu-wasm/guests/conformance) in the extension and in native QEMU. */
import { join } from "node:path";
import { buildGuests } from "../../qemu-wasm/guests/build.ts";
import { conformanceInitramfs } from "../../qemu-wasm/guests/conformance.ts";
import { quick } from "../../qemu-wasm/guests/quick.ts";
import { NativeQemu, nativeArguments, referenceQemu } from "../../tools/bench/native.ts";
import type { EnginePage } from "../../tools/lib/engine-page.ts";
import type { Guest } from "../../tools/lib/guest.ts";
import { quickVmWith } from "./quick-vm-with.ts";

/** Digest by group. */
export type Digests = Map<string, string>;

/** A quick VM that has the program, started; `accel` are further options of the accelerator's, for one CPU. */
export async function conformanceVm(engine: EnginePage, accel?: string, smp = 1): Promise<Guest> {
  const extraArgs = accel ? ["-accel", `tcg,thread=single,tb-size=64,${accel}`] : [];
  return quickVmWith(engine, await conformanceInitramfs(), { name: "Conformance", cpu: "max", smp, extraArgs });
}

/** The program's digests of so many rounds in a VM that boots. */
export async function digests(guest: Pick<Guest, "type" | "find">, rounds: number): Promise<Digests> {
  await guest.find(quick.prompt);
  await guest.type(`mix ${rounds}`);
  const text = await guest.find(new RegExp(`[^]*?${quick.prompt}`));
  if (!text.includes("\nconformance-end")) throw new Error(`The conformance program didn't end well:\n${text}`);
  const groups = text.matchAll(/^group (\S+) ([0-9a-f]{16})\r?$/gm);
  return new Map([...groups].map(([, name = "", digest = ""]) => [name, digest]));
}

/** The same in native QEMU of the engine's version, by the command line of a VM of the extension's. */
export async function nativeDigests(vm: Guest, rounds: number): Promise<Digests> {
  const files = { kernel: join(await buildGuests(), quick.kernel), initrd: await conformanceInitramfs() };
  const qemu = new NativeQemu(await referenceQemu(), nativeArguments(vm.info.commandLine ?? [], files));
  try {
    return await digests(qemu, rounds);
  } finally {
    qemu.kill();
  }
}

/** The names of the groups in which two differ. */
export function differences(a: Digests, b: Digests): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name));
}
