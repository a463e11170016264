/** Where the time of a thread of QEMU's goes: V8's sampled profile (CDP, Profiler.Profile), by the parts of the engine. */

export interface CpuProfile {
  nodes: ProfileNode[];
  /** A node's id each, and the microseconds since the sample before. */
  samples: number[];
  timeDeltas: number[];
}

export interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: number[];
}

/** Names of the engine's functions by their index: the linker's symbol map, `INDEX:NAME` a line. */
export type Symbols = ReadonlyMap<number, string>;

export function parseSymbols(text: string): Symbols {
  const lines = text.matchAll(/^(\d+):(.*)$/gm);
  return new Map([...lines].map(([, index, name = ""]) => [Number(index), name]));
}

/** A part of the engine, told by the innermost function on the stack that belongs to one. */
const parts: [part: string, functions: RegExp][] = [
  ["asleep", /^(_?emscripten_futex_wait|_?qemuweb_sleep|__wait|qemu_poll_ns)$/],
  ["interpreter", /^(qemuweb_interpret.*|tcg_qemu_tb_exec|tci_.*|qemuweb_call)$/],
  ["compiling", /^_?qemuweb_jit_.*$/],
  ["translating", /^tb_gen_code$/],
  ["memory in C", /^(mmu_lookup|atomic_mmu_lookup|tlb_.*|helper_(ld|st).*_mmu|do_(ld|st).*|probe_access.*)$/],
  ["devices", /^(memory_region_(dispatch|read|write).*|int_(ld|st)_mmio.*|helper_(in|out)[bwl])$/],
  ["helpers", /^helper_/],
  ["looking for blocks", /^(cpu_exec.*|tb_lookup|tb_htable_lookup|qht_lookup.*|qemuweb_lookup.*)$/],
];

/** What compiled code is called: WebAssembly of a script that isn't the engine's. */
const COMPILED = "compiled code";

type Times = [name: string, seconds: number][];

/** Seconds by part, the largest first. */
export function timeByPart(profile: CpuProfile, symbols: Symbols): Times {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node.id);
  const engine = engineScript(profile.nodes);
  const known = new Map<number, string>();

  const partOf = (id: number): string => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const node = nodes.get(id);
    const parent = parents.get(id);
    const part = (node && ownPart(node, engine, symbols)) ?? (parent === undefined ? "other" : partOf(parent));
    known.set(id, part);
    return part;
  };
  return timeBy(profile, partOf);
}

/** Seconds that functions took themselves, those that they called left out, the largest first. */
export function timeByFunction(profile: CpuProfile, symbols: Symbols): Times {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const engine = engineScript(profile.nodes);
  return timeBy(profile, (id) => {
    const node = nodes.get(id);
    return (node && functionName(node, engine, symbols)) || "(unknown)";
  });
}

function timeBy(profile: CpuProfile, nameOf: (node: number) => string): Times {
  const seconds = new Map<string, number>();
  profile.samples.forEach((id, n) => {
    const name = nameOf(id);
    seconds.set(name, (seconds.get(name) ?? 0) + (profile.timeDeltas[n] ?? 0) / 1e6);
  });
  return [...seconds].sort((a, b) => b[1] - a[1]);
}

/** The WebAssembly script that has most functions. */
function engineScript(nodes: ProfileNode[]): string | undefined {
  const functions = new Map<string, Set<string>>();
  for (const { callFrame } of nodes) {
    if (!callFrame.url.startsWith("wasm://")) continue;
    functions.set(callFrame.url, (functions.get(callFrame.url) ?? new Set()).add(callFrame.functionName));
  }
  return [...functions].sort((a, b) => b[1].size - a[1].size)[0]?.[0];
}

function functionName({ callFrame }: ProfileNode, engine: string | undefined, symbols: Symbols): string {
  const { functionName, url } = callFrame;
  if (url.startsWith("wasm://") && url !== engine) return COMPILED;
  const index = /^wasm-function\[(\d+)\]$/.exec(functionName)?.[1];
  return (index === undefined ? undefined : symbols.get(Number(index))) ?? functionName.replace(/^\$/, "");
}

function ownPart(node: ProfileNode, engine: string | undefined, symbols: Symbols): string | undefined {
  const name = functionName(node, engine, symbols);
  if (name === "(idle)") return "asleep";
  if (name === "(garbage collector)") return "garbage collector";
  if (name === COMPILED) return COMPILED;
  return parts.find(([, functions]) => functions.test(name))?.[0];
}
