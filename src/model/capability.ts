/** What this browser can do for the engine, ready to be shown. */
export interface Capability {
  id: string;
  label: string;
  /** `yes`, `no`, or a figure, ready to be shown. */
  value: string;
  ok: boolean;
  required: boolean;
  /** For what is missing: what to do. */
  hint?: string;
}

export interface CapabilityReport {
  /** True when every required capability is there. */
  ok: boolean;
  items: Capability[];
  engine?: { qemu: string; machines: string[]; devices: string[]; firmware: string[] };
}
