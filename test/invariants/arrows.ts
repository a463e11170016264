import type { Import } from "./repository.ts";

/**
 * The import table of the architecture: who may import whom. A rule is for the longest path that a file begins with;
 * `types` are paths of which only types may be taken. Packages: see PACKAGES.
 */
interface Rule {
  path: string;
  may: string[];
  types?: string[];
}

const DEVICES = ["src/audio", "src/block", "src/net", "src/display", "src/qemu"];
const BASE = ["src/core", "src/model"];
const PROTOCOL = "qemu-wasm/protocol.ts";
const API = "src/engine/api.ts";
const VIEW = ["src/ui", "src/engine/client.ts", API, "src/features", "src/platform", ...BASE];

export const RULES: Rule[] = [
  { path: "src/core", may: [] },
  { path: "src/model", may: ["src/core"] },
  { path: "src/platform", may: [...BASE, "manifest.json"] },
  ...DEVICES.map((path) => ({ path, may: BASE })),
  { path: "src/atlas", may: [...BASE, "src/block"] },
  { path: "src/host", may: [...BASE, ...DEVICES, "src/atlas"], types: [PROTOCOL] },
  { path: API, may: BASE },
  { path: "src/engine/connect-message.ts", may: [] },
  { path: "src/engine/acknowledged.ts", may: [] },
  { path: "src/engine/transport.ts", may: ["src/core", "src/engine/acknowledged.ts", API] },
  { path: "src/engine/client.ts", may: ["src/core", "src/engine/transport.ts", "src/engine/connect-message.ts", API] },
  { path: "src/engine/server.ts", may: ["src/host", ...BASE, "src/engine/transport.ts", API] },
  { path: "src/features", may: [API, ...BASE] },
  { path: "src/ui", may: [API, ...BASE] },
  ...["panel", "popup", "devtools"].map((path) => ({ path, may: VIEW })),
  { path: "background", may: ["src/platform", "src/engine/connect-message.ts"] },
  {
    path: "offscreen",
    may: [
      "src/host",
      "src/engine/server.ts",
      "src/engine/connect-message.ts",
      "src/platform",
      ...BASE,
      ...DEVICES,
      "qemu-wasm/guests/quick.ts",
    ],
  },
  { path: "qemu-wasm/worker.ts", may: ["qemu-wasm/disks.ts", ...DEVICES, ...BASE, PROTOCOL] },
  { path: "qemu-wasm/disks.ts", may: [...DEVICES, ...BASE, PROTOCOL] },
  { path: PROTOCOL, may: BASE, types: ["src/block"] },
  { path: "qemu-wasm/guests/quick.ts", may: [] },
];

/** Packages that only some may use; others are free (node: is refused to all that goes into the extension). */
const PACKAGES: Record<string, string[]> = {
  comlink: ["src/engine/transport.ts"],
  idb: ["src/host", "src/block", "src/atlas"],
  "webextension-polyfill": ["src/platform"],
};

const within = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

export function ruleOf(path: string): Rule | undefined {
  return RULES.filter((rule) => within(path, rule.path)).sort((a, b) => b.path.length - a.path.length)[0];
}

/** In words, what is wrong with an import; undefined when nothing is. */
export function offence(arrow: Import): string | undefined {
  const rule = ruleOf(arrow.from);
  if (!rule) return undefined;
  const isOurs =
    /^(src|qemu-wasm|panel|popup|devtools|background|offscreen|test|tools)\//.test(arrow.to) ||
    arrow.to === "manifest.json";
  if (!isOurs) return packageOffence(arrow);
  if (within(arrow.to, rule.path) || rule.may.some((path) => within(arrow.to, path))) return undefined;
  if (rule.types?.some((path) => within(arrow.to, path))) {
    return arrow.typeOnly ? undefined : `${arrow.from} imports ${arrow.to}, of which ${rule.path} may take types only.`;
  }
  return `${arrow.from} imports ${arrow.to}, but ${rule.path} may import only: ${rule.may.join(", ") || "nothing"}.`;
}

function packageOffence({ from, to }: Import): string | undefined {
  if (to.startsWith("node:")) return `${from} imports ${to}, but it goes into the extension, which has no Node.`;
  const users = PACKAGES[to];
  if (!users || users.some((path) => within(from, path))) return undefined;
  return `${from} imports ${to}, which only ${users.join(", ")} may use.`;
}
