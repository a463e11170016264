/** The guests that the benches boot, as both sides want them. */
import { basename, join } from "node:path";
import { benchInitramfs, benchInitramfs32 } from "../../qemu-wasm/guests/bench.ts";
import { buildGuests } from "../../qemu-wasm/guests/build.ts";
import { quick as quickVm } from "../../qemu-wasm/guests/quick.ts";
import { type StockName, stock, stockKernel } from "../../qemu-wasm/guests/stock.ts";
import { parseProfile } from "../../src/model/parse-profile.ts";
import type { FileRef, Profile } from "../../src/model/profile.ts";
import { launch } from "../lib/chromium.ts";
import { EnginePage } from "../lib/engine-page.ts";
import type { V86Guest } from "./v86.ts";

export interface BenchGuest {
  name: string;
  profile: Profile;
  /** For the extension: files of the profile that aren't built in. */
  files: Record<string, string>;
  /** The same files for native QEMU. */
  native: { kernel: string; initrd: string };
  prompt: string;
}

/** The quick VM's profile, as the extension in a folder has it. */
export async function quickProfile(extension: string): Promise<Profile> {
  const browser = await launch({ extension });
  try {
    return await (await EnginePage.open(browser)).quickProfile();
  } finally {
    await browser.close();
  }
}

export async function quickGuest(profile: Profile): Promise<BenchGuest> {
  const folder = await buildGuests();
  const native = { kernel: join(folder, quickVm.kernel), initrd: join(folder, quickVm.initrd) };
  return { name: "quick VM", profile, files: {}, native, prompt: quickVm.prompt };
}

/** The quick VM with the program `engine-bench` (qemu-wasm/guests/bench). */
export async function engineBenchGuest(profile: Profile): Promise<BenchGuest> {
  const { native, prompt } = await quickGuest(profile);
  if (!profile.boot) throw new Error("The quick VM's profile has no kernel of its own.");
  const initrd = await benchInitramfs();
  return {
    name: "quick VM with engine-bench",
    profile: { ...profile, boot: { ...profile.boot, initrd: { from: "user", name: basename(initrd) } } },
    files: { [basename(initrd)]: initrd },
    native: { ...native, initrd },
    prompt,
  };
}

/** Debian's own kernel, with a shell around it or `initrd`. */
export async function stockGuest(name: StockName, initrd?: string): Promise<BenchGuest> {
  const folder = await stockKernel(name);
  const user = (name: string): FileRef => ({ from: "user", name });
  const boot = { kernel: user("vmlinuz"), initrd: user("initramfs.cpio"), append: stock.commandLine };
  const profile = parseProfile({ name: `Stock kernel ${name}`, boot });
  const files = { vmlinuz: join(folder, "vmlinuz"), "initramfs.cpio": initrd ?? join(folder, "initramfs.cpio") };
  const native = { kernel: files.vmlinuz, initrd: files["initramfs.cpio"] };
  return { name: `Debian stock ${name}`, profile, files, native, prompt: stock.prompt };
}

/** Debian's 686 kernel with the program `engine-bench`, of 32 bits. */
export async function engineBenchGuest32(): Promise<BenchGuest> {
  return stockGuest("686", await benchInitramfs32());
}

/** The same guest for v86, which runs no 64-bit one. */
export function v86Guest({ profile, native }: BenchGuest): V86Guest {
  return { ...native, append: profile.boot?.append ?? "", memory: profile.memory };
}
