/** The runner's command line: `npm start -- ...`. Pure; nothing is read but the arguments. */
import { parseArgs } from "node:util";
import { DISK_FORMATS, type DiskFormat, type MachineType } from "../../src/model/profile.ts";
import { splitWords } from "../../src/ui/words.ts";

export interface DiskOption {
  path: string;
  /** Absent: told from the file. */
  format?: DiskFormat;
  readonly: boolean;
}

/** What is waited for and typed, in the order given. */
export type Step = { until: string } | { type: string };

export interface Options {
  help: boolean;
  headless: boolean;
  json: boolean;
  profile: boolean;
  kernel?: string;
  initrd?: string;
  append?: string;
  disks: DiskOption[];
  cdrom?: string;
  machine?: MachineType;
  /** MiB. */
  memory?: number;
  smp?: number;
  extra: string[];
  steps: Step[];
  /** Seconds. */
  timeout?: number;
  serialLog?: string;
}

/** A command line that makes no sense: exit status 2. */
export class UsageError extends Error {}

const spec = {
  help: { type: "boolean" },
  headless: { type: "boolean" },
  json: { type: "boolean" },
  profile: { type: "boolean" },
  kernel: { type: "string" },
  initrd: { type: "string" },
  append: { type: "string" },
  disk: { type: "string", multiple: true },
  cdrom: { type: "string" },
  machine: { type: "string" },
  memory: { type: "string" },
  smp: { type: "string" },
  extra: { type: "string", multiple: true },
  until: { type: "string", multiple: true },
  type: { type: "string", multiple: true },
  timeout: { type: "string" },
  "serial-log": { type: "string" },
} as const;

const machines: readonly string[] = ["q35", "pc", "microvm"] satisfies MachineType[];

export function parseOptions(argv: readonly string[]): Options {
  const { values, tokens } = parse(argv);
  const steps: Step[] = [];
  for (const token of tokens) {
    if (token.kind !== "option" || token.value === undefined) continue;
    if (token.name === "until") steps.push({ until: token.value });
    if (token.name === "type") steps.push({ type: token.value });
  }
  if (steps.some((step) => "until" in step && step.until === "")) throw new UsageError("--until needs a text.");
  if (values.initrd !== undefined && values.kernel === undefined) throw new UsageError("--initrd needs --kernel.");
  if (values.append !== undefined && values.kernel === undefined && values.disk) {
    throw new UsageError("--append needs --kernel: a disk's own boot loader sets its kernel's command line.");
  }
  return {
    help: values.help ?? false,
    headless: values.headless ?? false,
    json: values.json ?? false,
    profile: values.profile ?? false,
    disks: (values.disk ?? []).map(parseDisk),
    extra: (values.extra ?? []).flatMap(extraWords),
    steps,
    ...given("kernel", values.kernel),
    ...given("initrd", values.initrd),
    ...given("append", values.append),
    ...given("cdrom", values.cdrom),
    ...given("machine", machine(values.machine)),
    ...given("memory", wholeNumber("memory", values.memory)),
    ...given("smp", wholeNumber("smp", values.smp)),
    ...given("timeout", seconds(values.timeout)),
    ...given("serialLog", values["serial-log"]),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: joinValues(argv), options: spec, tokens: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `--extra "-device x"` as `--extra=-device x`: parseArgs won't take a separate value that starts with a dash. */
function joinValues(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    const option = spec[word.slice(2) as keyof typeof spec];
    const value = argv[i + 1];
    if (word.startsWith("--") && option?.type === "string" && value !== undefined) {
      joined.push(`${word}=${value}`);
      i += 1;
    } else joined.push(word);
  }
  return joined;
}

function given<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<K, V>>;
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--${name} is a whole number above zero, not "${text}".`);
  return Number(text);
}

function seconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}(\.\d+)?$/.test(text) || Number(text) === 0) {
    throw new UsageError(`--timeout is a number of seconds above zero, not "${text}".`);
  }
  return Number(text);
}

function machine(text: string | undefined): MachineType | undefined {
  if (text === undefined || machines.includes(text)) return text as MachineType | undefined;
  throw new UsageError(`--machine is one of ${machines.join(", ")}, not "${text}".`);
}

function extraWords(line: string): string[] {
  const split = splitWords(line);
  if ("problem" in split) throw new UsageError(`--extra: ${split.problem}`);
  return split.words;
}

/** `F[,format=FORMAT][,readonly]`; a comma of the file's name is doubled, as QEMU has it. */
function parseDisk(text: string): DiskOption {
  const [path = "", ...rest] = text.replaceAll(",,", "\0").split(",");
  const disk: DiskOption = { path: path.replaceAll("\0", ","), readonly: false };
  if (disk.path === "") throw new UsageError("--disk needs a file.");
  for (const word of rest) {
    const format = DISK_FORMATS.find((format) => word === `format=${format}`);
    if (word === "readonly") disk.readonly = true;
    else if (format) disk.format = format;
    else
      throw new UsageError(`--disk takes format=${DISK_FORMATS.join("|")} and readonly after the file, not "${word}".`);
  }
  return disk;
}
