/** A size as a user types it: a number and a unit. */
export interface SizeText {
  amount: string;
  unit: SizeUnit;
}

export type SizeUnit = keyof typeof UNITS;

const UNITS = { MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;
const SECTOR = 512;
const MOST = 8 * UNITS.TiB;

export const SIZE_UNITS = { MiB: "MiB", GiB: "GiB", TiB: "TiB" } as const satisfies Record<SizeUnit, string>;

/** In bytes, rounded up to whole sectors of 512; or what is wrong, in one sentence. */
export function parseSize({ amount, unit }: SizeText): number | { problem: string } {
  const text = amount.trim().replace(",", ".");
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(text)) return { problem: "Enter the size as a number, such as 10 or 1.5." };
  const bytes = Math.ceil((Number(text) * UNITS[unit]) / SECTOR) * SECTOR;
  if (bytes === 0) return { problem: "Enter a size above zero." };
  return bytes <= MOST ? bytes : { problem: "Enter a size of at most 8 TiB." };
}

/** A size as its field shows it, in the largest unit that makes it short. */
export function sizeText(bytes: number): SizeText {
  for (const unit of ["TiB", "GiB"] as const) {
    if (bytes >= UNITS[unit] && (bytes * 100) % UNITS[unit] === 0) return { amount: String(bytes / UNITS[unit]), unit };
  }
  return { amount: String(Math.ceil((bytes / UNITS.MiB) * 100) / 100), unit: "MiB" };
}
