import { QemuWebError } from "../core/errors.ts";
import { translationBuffer } from "../qemu/args/machine.ts";

const MIB = 1 << 20;

/** What QEMU takes beside guest RAM and the translation buffer, MiB: its data and heap, thread stacks. */
const HEAP = 192;

/** The largest memory of a 32-bit module whose size still fits in 32 bits, MiB. */
const ADDRESSABLE = 4095;

/** Bytes of shared memory for a VM with `ram` MiB. Throws `memory-not-granted` beyond what the engine can address. */
export function memoryBytes(ram: number): number {
  const most = ADDRESSABLE - HEAP - translationBuffer(ram);
  if (ram <= most) return (ram + ADDRESSABLE - most) * MIB;
  throw new QemuWebError(
    "memory-not-granted",
    `The VM asks for ${ram} MiB of memory, and this engine can address ${most} MiB.`,
    `Lower the VM's memory to ${most} MiB or less.`,
  );
}

/** The browser refused the memory when the VM started. */
export function memoryRefused(bytes: number): QemuWebError {
  return new QemuWebError(
    "memory-not-granted",
    `The browser did not grant ${Math.round(bytes / MIB)} MiB of memory.`,
    "Lower the VM's memory, or stop other VMs, and start it again.",
  );
}
