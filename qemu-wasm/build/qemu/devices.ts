/** Device names (`-device NAME`) and machines that a Kconfig symbol of QEMU brings: what versions.json lists. */
const byConfig: Record<string, { devices?: string[]; machines?: string[] }> = {
  Q35: { machines: ["q35"] },
  I440FX: { machines: ["pc"] },
  MICROVM: { machines: ["microvm"] },
  VIRTIO_BLK: { devices: ["virtio-blk-pci", "virtio-blk-device"] },
  VIRTIO_SCSI: { devices: ["virtio-scsi-pci", "virtio-scsi-device"] },
  VIRTIO_NET: { devices: ["virtio-net-pci", "virtio-net-device"] },
  VIRTIO_SERIAL: { devices: ["virtio-serial-pci", "virtio-serial-device", "virtconsole", "virtserialport"] },
  VIRTIO_RNG: { devices: ["virtio-rng-pci", "virtio-rng-device"] },
  VIRTIO_BALLOON: { devices: ["virtio-balloon-pci", "virtio-balloon-device"] },
  VIRTIO_GPU: { devices: ["virtio-gpu-pci", "virtio-gpu-device"] },
  VIRTIO_VGA: { devices: ["virtio-vga"] },
  VIRTIO_INPUT: { devices: ["virtio-keyboard-pci", "virtio-mouse-pci", "virtio-tablet-pci"] },
  VGA_PCI: { devices: ["VGA", "secondary-vga"] },
  VGA_CIRRUS: { devices: ["cirrus-vga"] },
  BOCHS_DISPLAY: { devices: ["bochs-display"] },
  E1000_PCI: { devices: ["e1000"] },
  E1000E_PCI_EXPRESS: { devices: ["e1000e"] },
  RTL8139_PCI: { devices: ["rtl8139"] },
  AHCI: { devices: ["ahci"] },
  IDE_BUS: { devices: ["ide-hd", "ide-cd"] },
  SCSI: { devices: ["scsi-hd", "scsi-cd"] },
  NVME_PCI: { devices: ["nvme", "nvme-ns"] },
  USB_XHCI_PCI: { devices: ["qemu-xhci"] },
  USB_HID: { devices: ["usb-tablet", "usb-kbd", "usb-mouse"] },
  USB_STORAGE_CLASSIC: { devices: ["usb-storage"] },
  HDA: { devices: ["intel-hda", "ich9-intel-hda", "hda-duplex", "hda-output", "hda-micro"] },
  ISA_DEBUG: { devices: ["isa-debug-exit", "isa-debugcon"] },
  PVPANIC_PCI: { devices: ["pvpanic-pci"] },
  PVPANIC_ISA: { devices: ["pvpanic"] },
  FW_CFG_DMA: { devices: ["vmcoreinfo"] },
  ACPI_VMGENID: { devices: ["vmgenid"] },
  VIRTIO_9P: { devices: ["virtio-9p-pci", "virtio-9p-device"] },
};

/** From the text of QEMU's `<target>-config-devices.mak`. */
export function configured(mak: string): { machines: string[]; devices: string[] } {
  const present = Object.entries(byConfig).filter(([name]) => mak.includes(`CONFIG_${name}=y`));
  return {
    machines: present.flatMap(([, { machines = [] }]) => machines).sort(),
    devices: present.flatMap(([, { devices = [] }]) => devices).sort(),
  };
}
