/** The guests that the boot benchmark boots, as both sides want them. */
import { join } from "node:path";
import { buildGuests } from "../../qemu-wasm/guests/build.ts";
import { quick as quickVm } from "../../qemu-wasm/guests/quick.ts";
import { stock, stockKernel } from "../../qemu-wasm/guests/stock.ts";
import { parseProfile } from "../../src/model/parse-profile.ts";
import type { FileRef, Profile } from "../../src/model/profile.ts";

export interface BenchGuest {
  name: string;
  profile: Profile;
  /** For the extension: files of the profile that aren't built in. */
  files: Record<string, string>;
  /** The same files for native QEMU. */
  native: { kernel: string; initrd: string };
  prompt: string | RegExp;
}

export async function quickGuest(profile: Profile): Promise<BenchGuest> {
  const folder = await buildGuests();
  const native = { kernel: join(folder, quickVm.kernel), initrd: join(folder, quickVm.initrd) };
  return { name: "quick VM", profile, files: {}, native, prompt: quickVm.prompt };
}

export async function stockGuest(): Promise<BenchGuest> {
  const folder = await stockKernel();
  const user = (name: string): FileRef => ({ from: "user", name });
  const boot = { kernel: user("vmlinuz"), initrd: user("initramfs.cpio"), append: stock.commandLine };
  const profile = parseProfile({ name: "Stock kernel", boot });
  const files = { vmlinuz: join(folder, "vmlinuz"), "initramfs.cpio": join(folder, "initramfs.cpio") };
  const native = { kernel: files.vmlinuz, initrd: files["initramfs.cpio"] };
  return { name: "Debian stock kernel", profile, files, native, prompt: stock.prompt };
}
