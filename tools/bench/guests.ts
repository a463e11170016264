/** The guests that the boot benchmark boots, as both sides want them. */
import { join } from "node:path";
import { buildGuests } from "../../qemu-wasm/guests/build.ts";
import { quickPrompt } from "../../qemu-wasm/guests/quick.ts";
import { stockKernel } from "../../qemu-wasm/guests/stock.ts";
import type { FileRef, Profile } from "../../src/model/profile.ts";
import type { NativeGuest } from "./native.ts";

export interface BenchGuest {
  name: string;
  profile: Profile;
  /** For the extension: files of the profile that aren't built in. */
  files: Record<string, string>;
  native: NativeGuest;
  prompt: RegExp;
}

export async function quickGuest(quick: Profile): Promise<BenchGuest> {
  const folder = join(await buildGuests(), "quick");
  if (!quick.boot?.initrd) throw new Error("The quick VM has no kernel or initrd.");
  const path = (ref: FileRef) => join(folder, ref.name);
  const boot = { kernel: path(quick.boot.kernel), initrd: path(quick.boot.initrd), append: quick.boot.append };
  return { name: "quick VM", profile: quick, files: {}, native: native(quick, boot), prompt: quickPrompt };
}

export async function stockGuest(quick: Profile): Promise<BenchGuest> {
  const folder = await stockKernel();
  const user = (name: string): FileRef => ({ from: "user", name });
  const append = "console=ttyS0";
  const profile: Profile = {
    ...quick,
    name: "Stock kernel",
    boot: { kernel: user("vmlinuz"), initrd: user("initramfs.cpio"), append },
  };
  const files = { vmlinuz: join(folder, "vmlinuz"), "initramfs.cpio": join(folder, "initramfs.cpio") };
  const boot = { kernel: files.vmlinuz, initrd: files["initramfs.cpio"], append };
  return { name: "Debian stock kernel", profile, files, native: native(profile, boot), prompt: /(?:^|\n)\S*[#$] / };
}

function native(profile: Profile, boot: { kernel: string; initrd: string; append: string }): NativeGuest {
  const { machine, cpu, smp, memory } = profile;
  return { machine, cpu, smp, memory, ...boot };
}
