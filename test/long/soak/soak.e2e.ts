import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { repository } from "../../../qemu-wasm/build/cache.ts";
import { buildGuests } from "../../../qemu-wasm/guests/build.ts";
import { debian, debianDisk } from "../../../qemu-wasm/guests/debian-disk.ts";
import { quick } from "../../../qemu-wasm/guests/quick.ts";
import type { Disk, Profile } from "../../../src/model/profile.ts";
import { NativeQemu, nativeArguments, referenceQemu } from "../../../tools/bench/native.ts";
import type { EnginePage } from "../../../tools/lib/engine-page.ts";
import type { Guest } from "../../../tools/lib/guest.ts";
import { debianProfile } from "../../lib/debian-guest.ts";
import { removeAtExit } from "../../lib/temporary.ts";
import { expect, test } from "../../lib/test.ts";

const packages = ["gcc", "libc6-dev", "make", "openssl", "python3", "libpython3.13-testsuite"];

type Size = "small" | "large";

/** A disk with Debian, its compiler and Python; a tar archive of the loads, and of what they build. */
async function diskFiles(): Promise<Record<"disk0" | "disk1", string>> {
  const loads = join(removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-soak-"))), "loads.tar");
  const guests = join(repository, "qemu-wasm/guests");
  const programs = ["smp", "records", "disk-bench"].flatMap((name) => ["-C", join(guests, name), `${name}.c`]);
  execFileSync("tar", ["-cf", loads, "-C", import.meta.dirname, "soak.sh", "program.py", ...programs]);
  return { disk0: await debianDisk({ packages, size: 1536 }), disk1: loads };
}

/** Status and digest of each load, by its name, in a guest that boots. */
async function results(guest: Pick<Guest, "type" | "find">, size: Size): Promise<Record<string, string>> {
  await guest.find(debian.prompt);
  await guest.type(`mkdir soak; tar -xf /dev/vdb -C soak; bash soak/soak.sh ${size}`);
  const text = await guest.find(/.*\nsoak-end/s);
  const lines = [...text.matchAll(/^result (\S+) (\d+ [0-9a-f]{16})\r?$/gm)];
  const failed = lines.some(([, , result]) => !result?.startsWith("0 "));
  if (failed || lines.length === 0) throw new Error(`A load failed:\n${text}`);
  return Object.fromEntries(lines.map(([, name = "", result = ""]) => [name, result]));
}

/** The loads in a VM of the extension, and in native QEMU by the same command line. */
async function both(engine: EnginePage, size: Size, changes: Partial<Profile>) {
  const disks = await diskFiles();
  const paths = Object.values(disks);
  const disk = (path: string): Omit<Disk, "id"> => {
    return { file: { from: "user", name: basename(path) }, format: "raw", interface: "virtio", access: "snapshot" };
  };
  const guest = await engine.create(
    { ...(await debianProfile(engine, ...paths.map(disk))), name: "Soak", cpu: "max", memory: 1024, ...changes },
    Object.fromEntries(paths.map((path) => [basename(path), path])),
  );
  await guest.start();
  const extension = await results(guest, size);
  await guest.act("stop");
  const kernel = join(await buildGuests(), quick.kernel);
  const qemu = new NativeQemu(await referenceQemu(), nativeArguments(guest.info.commandLine ?? [], { kernel, disks }));
  try {
    return { extension, native: await results(qemu, size) };
  } finally {
    qemu.kill();
  }
}

const loads: [string, Size, Partial<Profile>][] = [
  ["compiled", "large", {}],
  ["on two CPUs", "small", { smp: 2 }],
  ["on two CPUs by one thread", "small", { smp: 2, extraArgs: ["-accel", "tcg,thread=single,tb-size=64"] }],
  ["interpreted", "small", { extraArgs: ["-accel", "tcg,thread=single,tb-size=64,jit-threshold=0"] }],
];
for (const [title, size, changes] of loads) {
  test(`compilers, ciphers and Python do what they do in native QEMU: ${title}`, async ({ engine }) => {
    test.setTimeout(1_800_000);
    const { extension, native } = await both(engine, size, changes);
    expect(extension).toEqual(native);
  });
}
