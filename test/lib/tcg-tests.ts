/** Runs QEMU's own tests of TCG (qemu-wasm/guests/tcg-tests.ts) in the extension and in native QEMU. */
import { join } from "node:path";
import { stock, stockKernel } from "../../qemu-wasm/guests/stock.ts";
import { type TcgTarget, tcgInitramfs, tcgSystemTest, tcgTargets } from "../../qemu-wasm/guests/tcg-tests.ts";
import { parseProfile } from "../../src/model/parse-profile.ts";
import type { FileRef } from "../../src/model/profile.ts";
import { NativeQemu, nativeArguments, referenceQemu } from "../../tools/bench/native.ts";
import type { EnginePage } from "../../tools/lib/engine-page.ts";
import type { Guest } from "../../tools/lib/guest.ts";

/** The accelerator's options beside the extension's own. */
export type Accel = string | undefined;

const user = (name: string): FileRef => ({ from: "user", name });
const accelerator = (accel: Accel) => (accel === undefined ? [] : ["-accel", `tcg,thread=single,tb-size=64,${accel}`]);

/** Exit status and digest of results by the name of a Linux program. */
export type Results = Map<string, string>;

/** Debian's kernel with the Linux programs, booting in the extension. */
export async function tcgVm(engine: EnginePage, target: TcgTarget, accel: Accel): Promise<Guest> {
  const { kernel, initrd } = await tcgFiles(target);
  const profile = parseProfile({
    name: `Tests of TCG, ${target}`,
    boot: { kernel: user("vmlinuz"), initrd: user("tests.cpio"), append: `${stock.commandLine} quiet` },
    cpu: "max",
    memory: 1024,
    extraArgs: accelerator(accel),
  });
  const guest = await engine.create(profile, { vmlinuz: kernel, "tests.cpio": initrd });
  await guest.start();
  return guest;
}

async function tcgFiles(target: TcgTarget) {
  return { kernel: join(await stockKernel(tcgTargets[target]), "vmlinuz"), initrd: await tcgInitramfs(target) };
}

export async function tcgResults(guest: Pick<Guest, "type" | "find">): Promise<Results> {
  await guest.find(stock.prompt);
  await guest.type("/tests/run");
  const text = await guest.find(/.*\ntests-end/s);
  const lines = text.matchAll(/^test (\S+) (\S+ [0-9a-f]{16})\r?$/gm);
  return new Map([...lines].map(([, name = "", result = ""]) => [name, result]));
}

/** The same in native QEMU, by the command line of a VM of the extension's. */
export async function nativeTcgResults(vm: Guest, target: TcgTarget): Promise<Results> {
  const qemu = new NativeQemu(
    await referenceQemu(),
    nativeArguments(vm.info.commandLine ?? [], await tcgFiles(target)),
  );
  try {
    return await tcgResults(qemu);
  } finally {
    qemu.kill();
  }
}

/**
 * Runs a bare program to its end: resolves to the state it left the VM in, which is off if it powered off, as it does when all is
 * well; `output` is what it has printed, of which the last may arrive later.
 */
export async function systemTest(engine: EnginePage, target: TcgTarget, name: string, accel: Accel) {
  const profile = parseProfile({
    name,
    machine: "pc",
    boot: { kernel: user(name), append: "" },
    // As QEMU's makefile has it, but that the port it prints by is the serial port's.
    extraArgs: [
      ...["-global", "isa-serial.iobase=0xe9", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"],
      ...accelerator(accel),
    ],
  });
  const guest = await engine.create(profile, { [name]: await tcgSystemTest(target, name) });
  let output = "";
  guest.onOutput = (bytes) => {
    output += Buffer.from(bytes).toString("latin1");
  };
  await guest.start();
  const { state, reason } = await guest.state(["off", "failed"]);
  return { state, reason: reason?.code, output: () => output.replaceAll("\r", "") };
}
