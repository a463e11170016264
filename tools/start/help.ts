export const help = `npm start -- [options]     runs a VM in the real extension, in a real Chromium

Opens a Chromium window with DevTools, where the VM boots in the panel "VMs"; stays until the window is closed.
Without --kernel and --disk it's the quick VM, the built-in Linux.

The VM
  --kernel FILE       Linux kernel to boot (bzImage, or vmlinux with PVH)
  --initrd FILE       its initial RAM disk
  --append TEXT       its command line (default: console=ttyS0); added to the quick VM's own
  --disk FILE[,format=FORMAT][,readonly]
                      a disk; may repeat. The guest's writes are gone when it ends. Without --kernel the first is booted.
                      Name the formats vmdk, vdi, vhdx and vpc; raw and qcow2 are told from each other.
                      A comma in the file's name is doubled.
  --cdrom FILE        a CD-ROM
  --machine NAME      q35, pc or microvm
  --memory MIB        RAM
  --smp N             processors
  --extra ARGUMENTS   further arguments for QEMU, quoted as for a shell; may repeat

The script: steps in the order given
  --until TEXT        waits until the serial output has TEXT (after what the step before found);
                      when it's the last step, the runner ends with 0
  --type TEXT         types TEXT and Enter. After an --until: once that was met. Otherwise once the quick VM's prompt
                      appeared; with a kernel or disk of yours, at once, the first after the first output.
                      An echoed command is output too: wait for something that the command alone prints.
  --timeout SECONDS   ends with 1 when the script isn't through by then, counted from the VM's start

The rest
  --headless          no window; without a last --until it stays until the VM ends, or Ctrl+C
  --serial-log FILE   the serial output, in a file too
  --json              at the end one line: milliseconds from the start to engineLoaded, firstSerialByte and each until
  --profile           at the end, on standard error: where the engine's time went, and what it counted
  --help              this text

The serial output goes to standard output (use npm start --silent to keep npm's banner out of it), all else to standard error.
Ends with 0; 1 after a failure (the VM's, or the time was over), with the last output; 2 if the options make no sense.
`;
