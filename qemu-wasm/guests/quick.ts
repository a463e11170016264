/** The quick VM, as the extension, the runner and the tests start it. No imports: this is bundled into the extension. */

export const quick = {
  machine: "q35",
  /**
   * Without what this guest has no use for and would spend half of its boot on: q35's disk controller (its empty ports take
   * 0.3 s of waiting), SMBus, HPET; and a firmware that only hands over. QEMU merges a second -machine into the first.
   */
  machineArgs: ["-machine", "sata=off,smbus=off,hpet=off", "-bios", "qboot.rom"],
  /** `max` has more for the kernel to set up, and copies memory by `rep movsb`, a byte a turn in an interpreter. */
  cpu: "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+rdrand,+arat",
  memoryMiB: 512,
  /** Paths below the folder that `buildGuests` makes. The kernel is an ELF file that QEMU enters by PVH. */
  kernel: "quick/vmlinux",
  initrd: "quick/initramfs.cpio",
  /**
   * The local APIC of QEMU's TCG counts nanoseconds (lapic_timer_hz is a parameter of ours) and its timer interrupt is wired up:
   * nothing is measured or tested at boot that is known.
   */
  commandLine: "console=ttyS0 quiet no_timer_check tsc=reliable lapic_timer_hz=1000000000 noreplace-smp",
  /**
   * To be added where QEMU has no cycle counter of its host's to show (WebAssembly, -icount): there the TSC counts nanoseconds,
   * and the slow ACPI timer need not stand by for it.
   */
  commandLineWithoutHostTsc: "tsc_early_khz=1000000 pmtmr=0",
  /** Kernel release, and seconds since the kernel started. */
  ready: /QemuWeb quick VM ready: kernel (\S+), up (\d+\.\d\d) s/,
  prompt: "root@quick:~# ",
} as const;
