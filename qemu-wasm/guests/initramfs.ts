/** The file trees of the small guests: busybox, our init, and for the quick VM the guest agent with its libraries. */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { repository } from "../build/cache.ts";
import { toolchain as chosenToolchain } from "../build/toolchain.ts";
import type { Entry } from "./cpio.ts";

const libraries = "lib/x86_64-linux-gnu";

/** One folder of programs and one of libraries, under every name that Debian's programs know them by. */
const skeleton: Entry[] = [
  ...["bin", "dev", "etc", "lib", libraries, "mnt", "proc", "root", "run", "sys", "tmp", "usr", "var"].map(folder),
  link("sbin", "bin"),
  link("usr/bin", "../bin"),
  link("usr/sbin", "../bin"),
  link("usr/lib", "../lib"),
  link("lib64", libraries),
  link("var/run", "../run"),
  link("var/tmp", "../tmp"),
  text("etc/passwd", "root::0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
  text("etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n"),
  text("etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
  link("etc/mtab", "../proc/mounts"),
];

/** Everything that a root shell needs; `init` and `busybox` are files. init makes the links to busybox but for this one. */
export function shellEntries(hostname: string, init: string, busybox: string): Entry[] {
  return [
    ...skeleton,
    text("etc/hostname", `${hostname}\n`),
    { path: "init", type: "file", mode: 0o755, content: readFileSync(init) },
    { path: "bin/busybox", type: "file", mode: 0o755, content: readFileSync(busybox) },
    link("bin/sh", "busybox"),
  ];
}

/** The quick VM's own: DHCP, the guest agent, and what the agent calls to shut down. `agent` is its `closure`. */
export function quickEntries(agent: Map<string, string>): Entry[] {
  const own = join(repository, "qemu-wasm/guests/quick");
  return [
    { path: "etc/udhcpc.sh", type: "file", mode: 0o755, content: readFileSync(join(own, "udhcpc.sh")) },
    { path: "bin/shutdown", type: "file", mode: 0o755, content: readFileSync(join(own, "shutdown.sh")) },
    ...[...agent].map(([path, real]): Entry => ({ path, type: "file", mode: 0o755, content: readFileSync(real) })),
  ];
}

/**
 * A program and the libraries it needs: path in the guest -> file, found in the folder `packages`, which is unpacked into
 * `target`. Follows DT_NEEDED, which is all that the dynamic linker follows.
 */
export async function closure(packages: string, program: string, target: string, log: string) {
  const script = `
    for deb in "$FROM"/*.deb; do dpkg-deb -x "$deb" "$TO/$(basename "$deb" .deb)"; done
    cd "$TO"
    find . -type f '(' -name '*.so*' -o -path "*/$PROGRAM" ')' ! -path '*/gconv/*' -exec readelf -d -W {} + >dynamic || test -s dynamic`;
  mkdirSync(target);
  const toolchain = await chosenToolchain();
  const names = { FROM: toolchain.path(packages), TO: toolchain.path(target), PROGRAM: program };
  await toolchain.run(script, log, names);

  const needed = new Map<string, string[]>();
  let list: string[] = [];
  for (const line of readFileSync(join(target, "dynamic"), "utf8").split("\n")) {
    const file = /^File: (.*)/.exec(line)?.[1];
    const library = /\(NEEDED\).*\[(.*)\]/.exec(line)?.[1];
    if (file !== undefined) {
      list = [];
      needed.set(join(target, file), list);
    } else if (library !== undefined) list.push(library);
  }
  const start = find(target, [program]);
  const files = new Map([[join("bin", basename(program)), start]]);
  const wanted = [...(needed.get(start) ?? [])];
  for (const name of wanted) {
    const path = join(libraries, name);
    if (files.has(path)) continue;
    const file = find(target, [join("usr", libraries, name), join(libraries, name), join("usr/lib64", name)]);
    files.set(path, file);
    wanted.push(...(needed.get(file) ?? []));
  }
  return files;
}

/** The real file of the first of `paths` that an unpacked package has. */
function find(unpacked: string, paths: string[]): string {
  for (const name of readdirSync(unpacked)) {
    for (const path of paths) {
      if (existsSync(join(unpacked, name, path))) return realpathSync(join(unpacked, name, path));
    }
  }
  throw new Error(`None of the packages has ${paths[0]}.`);
}

function folder(path: string): Entry {
  return { path, type: "folder", ...(path === "tmp" ? { mode: 0o1777 } : {}) };
}

function link(path: string, target: string): Entry {
  return { path, type: "link", target };
}

function text(path: string, content: string): Entry {
  return { path, type: "file", content: new TextEncoder().encode(content) };
}
