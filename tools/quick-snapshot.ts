/**
 * The state of the quick VM, ready at its prompt, that the package ships: taken by the extension itself in Chromium, since it fits the
 * very engine, guest and arguments that it was taken with. "Quick VM" goes on from there instead of booting.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runStep, sha256 } from "../qemu-wasm/build/cache.ts";
import { quick } from "../qemu-wasm/guests/quick.ts";
import { QUICK_SNAPSHOT } from "../src/host/engine-files.ts";
import { readSnapshotFile, snapshotTrailer } from "../src/host/snapshot-file.ts";
import { quickProfile } from "../src/model/builtin.ts";
import { commandLine } from "../src/qemu/args.ts";
import { launch } from "./lib/chromium.ts";
import { EnginePage } from "./lib/engine-page.ts";
import type { Guest } from "./lib/guest.ts";
import { save } from "./lib/images.ts";

/** Adds the snapshot to the extension in `dist`, and to its guests' versions.json. */
export async function addQuickSnapshot(dist: string): Promise<void> {
  const text = (path: string) => readFileSync(join(dist, path), "utf8");
  const engine = JSON.parse(text("engine/versions.json"));
  const guests = JSON.parse(text("guests/versions.json"));
  const profile = quickProfile(quick);
  const hashes = [...engine.files, ...guests.files].map((file: { sha256: string }) => file.sha256);
  const folder = await runStep({
    name: "quick-snapshot",
    inputs: [...hashes, JSON.stringify(profile), ...commandLine(profile, engine).args],
    build: (folder) => take(dist, join(folder, "ready.snapshot")),
  });
  const snapshot = readFileSync(join(folder, "ready.snapshot"));
  writeFileSync(join(dist, "guests", QUICK_SNAPSHOT), snapshot);
  guests.files.push({ file: QUICK_SNAPSHOT, sha256: sha256(snapshot), bytes: snapshot.length });
  writeFileSync(join(dist, "guests/versions.json"), `${JSON.stringify(guests, null, 2)}\n`);
}

async function take(dist: string, path: string): Promise<void> {
  const browser = await launch({ extension: dist });
  try {
    const engine = await EnginePage.open(browser);
    const guest = await engine.create(await engine.quickProfile());
    const screen: Uint8Array[] = [];
    guest.onOutput = (bytes) => screen.push(bytes);
    await guest.start();
    await guest.prompt();
    const shown = Buffer.concat(screen).toString("base64");
    // Until all that init does behind the prompt is done, its agent is there and no memory holds what nobody needs.
    const settled = "[ -e /bin/ls ] && pidof qemu-ga";
    await guest.run(`until ${settled}; do sleep 0.1; done; sync; echo 3 >/proc/sys/vm/drop_caches`);
    // init starts another shell, without the history of this one.
    await guest.type("kill -9 $$");
    await guest.prompt();
    const { facts, state } = await readSnapshotFile(await snapshot(engine, guest));
    if (!facts.state) throw new Error("The snapshot has no state.");
    // The screen as a user would have it, without what was typed here.
    const trailer = await snapshotTrailer({ ...facts, state: { ...facts.state, consoles: { serial0: shown } } });
    writeFileSync(path, Buffer.concat([new Uint8Array(await state.arrayBuffer()), trailer]));
  } finally {
    await browser.close();
  }
}

async function snapshot(engine: EnginePage, guest: Guest): Promise<Blob> {
  const { id } = await guest.snapshot("Ready");
  return new Blob([new Uint8Array(await save(engine, "exportSnapshot", [guest.id, id]))]);
}
