import { QemuWebError } from "../core/errors.ts";

/** Refuses a profile: `field` is the path of the offending value, e.g. `disks[0].format`. */
export function refuse(field: string, problem: string, hint: string): never {
  throw new QemuWebError("profile-invalid", `The profile's ${field} ${problem}.`, hint);
}

export type Fields = Record<string, unknown>;

export function object(value: unknown, field: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  return refuse(field, "is not an object", "Give its fields by name.");
}

export function list<T>(value: unknown, field: string, item: (value: unknown, field: string) => T): T[] {
  if (!Array.isArray(value)) return refuse(field, "is not a list", "Give a list; it may be empty.");
  return value.map((element, index) => item(element, `${field}[${index}]`));
}

export function text(value: unknown, field: string, max = 4096): string {
  if (typeof value !== "string") return refuse(field, "is not text", "Give text.");
  if (value.length > max) return refuse(field, `is longer than ${max} characters`, "Shorten it.");
  // QEMU takes its arguments as C strings.
  if (value.includes("\0")) return refuse(field, "has a NUL character", "Remove it.");
  return value;
}

export function filledText(value: unknown, field: string, max?: number): string {
  const found = text(value, field, max);
  return found.trim() === "" ? refuse(field, "is empty", "Fill it in.") : found;
}

export function whole(value: unknown, field: string, min: number, max: number, unit = ""): number {
  const hint = `Give a whole number from ${min} to ${max}${unit}.`;
  if (typeof value !== "number" || !Number.isInteger(value)) return refuse(field, "is not a whole number", hint);
  return value < min || value > max ? refuse(field, `is ${value}`, hint) : value;
}

export function flag(value: unknown, field: string): boolean {
  return typeof value === "boolean" ? value : refuse(field, "is not true or false", "Give true or false.");
}

export function oneOf<T extends string>(value: unknown, field: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  return found ?? refuse(field, `is ${JSON.stringify(value)}`, `Choose one of: ${choices.join(", ")}.`);
}

/** Gives those without an id one that no other has, and none of `taken`: `PREFIX0` ... Refuses an id that is there twice. */
export function identified<T extends { id: string | undefined }>(
  found: T[],
  { field, prefix, each, taken }: { field: string; prefix: string; each: string; taken: readonly string[] },
): (T & { id: string })[] {
  const ids = new Set(taken);
  for (const [n, { id }] of found.entries()) {
    if (id === undefined) continue;
    if (found.findIndex((other) => other.id === id) < n) {
      refuse(field, `have the id ${id} twice`, `Give each ${each} its own id, or none.`);
    }
    ids.add(id);
  }
  let next = 0;
  const freeId = () => {
    while (ids.has(`${prefix}${next}`)) next++;
    return `${prefix}${next++}`;
  };
  return found.map((item) => ({ ...item, id: item.id ?? freeId() }));
}

/** A field that nobody reads is a misspelt one: better refused than ignored. */
export function onlyKnown(fields: Fields, field: string, known: readonly string[]): void {
  const stray = Object.keys(fields).find((name) => !known.includes(name));
  if (stray !== undefined)
    refuse(field === "" ? stray : `${field}.${stray}`, "is not known", "Remove it, or correct its spelling.");
}
