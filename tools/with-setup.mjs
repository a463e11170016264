// Runs a TypeScript program of this repository, with everything it needs there first: the npm packages, on Debian (as root) the
// system packages, and the types that are generated (tools/qapi). Without a program, that is all. Plain Node, since it has to
// run before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const top = dirname(dirname(fileURLToPath(import.meta.url)));

const isRoot = process.getuid?.() === 0;

/** Debian packages by the programs that they are for. The compiler is no such: qemu-wasm/build/toolchain.ts sees to it. */
const toBuild = { git: "git" };
/** What makes the Debian system that has the compiler, and enters it. */
const toBuildAsRoot = { debootstrap: "debootstrap", unshare: "util-linux", xz: "xz-utils" };
const toBrowse = { chromium: "chromium" };
const toTest = { e2fsck: "e2fsprogs", "qemu-system-x86_64": "qemu-system-x86", "qemu-img": "qemu-utils" };

/** Programs of this repository that need no browser; those that need no more than one. */
const compilers = ["qemu-wasm/build/engine.ts", "qemu-wasm/guests/build.ts"];
const users = [...compilers, ...["build", "package", "screenshots", "start"].map((name) => `tools/${name}.ts`)];

function fail(sentence, hint) {
  console.error(`${sentence}\n${hint}`);
  process.exit(1);
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: top, stdio: ["ignore", 2, 2] });
  return result.status === 0;
}

function onPath(program) {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, program)));
}

function installNodePackages() {
  const stamp = join(top, "node_modules", ".qemuweb-lock");
  const lock = createHash("sha256")
    .update(readFileSync(join(top, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.error("Installing npm packages ...");
  if (!run("npm", ["ci", "--loglevel=error", "--no-audit", "--no-fund"]))
    fail("npm ci failed.", "See its output above; is the npm registry reachable?");
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

function installSystemPackages(program) {
  const programs = {
    ...toBuild,
    ...(isRoot && process.env.QEMUWEB_TOOLCHAIN !== "path" && toBuildAsRoot),
    ...(!compilers.includes(program) && toBrowse),
    ...(!users.includes(program) && toTest),
  };
  const missing = Object.keys(programs).filter((program) => !onPath(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => programs[program]);
  if (!isRoot || !onPath("apt-get")) {
    console.error(`Not installed: ${missing.join(", ")}. On Debian: sudo apt-get install ${packages.join(" ")}`);
    return; // what really needs one of them says so
  }
  console.error(`Installing ${packages.join(", ")} ...`);
  run("apt-get", ["update", "-q"]);
  const environment = ["-y", "-q", "--no-install-recommends", "install", ...packages];
  if (!run("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", ...environment])) {
    fail(`apt-get could not install ${packages.join(", ")}.`, "See its output above; is a Debian mirror reachable?");
  }
}

const [program, ...args] = process.argv.slice(2);
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node ${process.versions.node} is too old.`, "Install Node 20.19 or newer.");
}
installNodePackages();
installSystemPackages(program);
// This process only waits: Ctrl+C reaches the program by itself, which cleans up and says with what to end.
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
const generate = join(top, "tools", "qapi", "generate.ts");
const words = program === undefined ? [generate] : ["--import", generate, join(top, program), ...args];
const child = spawn(process.execPath, ["--import", "tsx", ...words], { cwd: top, stdio: "inherit" });
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (status) => process.exit(status ?? 1));
