import type { Stroke } from "./strokes.ts";

/** Keys that the browser or the system keeps for itself, or that a keyboard may lack. */
export const COMBINATIONS: readonly { label: string; stroke: Stroke }[] = [
  { label: "Ctrl+Alt+Delete", stroke: ["ControlLeft", "AltLeft", "Delete"] },
  { label: "Ctrl+Alt+Backspace", stroke: ["ControlLeft", "AltLeft", "Backspace"] },
  { label: "Alt+Tab", stroke: ["AltLeft", "Tab"] },
  { label: "Alt+F4", stroke: ["AltLeft", "F4"] },
  { label: "Ctrl+Escape", stroke: ["ControlLeft", "Escape"] },
  { label: "Super", stroke: ["MetaLeft"] },
  { label: "Escape", stroke: ["Escape"] },
  { label: "Print Screen", stroke: ["PrintScreen"] },
  { label: "Pause", stroke: ["Pause"] },
  ...Array.from({ length: 12 }, (_, n) => ({
    label: `Ctrl+Alt+F${n + 1}`,
    stroke: ["ControlLeft", "AltLeft", `F${n + 1}`],
  })),
  // Linux's magic keys (admin-guide/sysrq)
  { label: "SysRq: help (H)", stroke: ["AltLeft", "PrintScreen", "KeyH"] },
  { label: "SysRq: sync disks (S)", stroke: ["AltLeft", "PrintScreen", "KeyS"] },
  { label: "SysRq: end all processes (E)", stroke: ["AltLeft", "PrintScreen", "KeyE"] },
  { label: "SysRq: remount read-only (U)", stroke: ["AltLeft", "PrintScreen", "KeyU"] },
  { label: "SysRq: reboot (B)", stroke: ["AltLeft", "PrintScreen", "KeyB"] },
];
