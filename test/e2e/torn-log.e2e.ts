import { mkdtempSync, readdirSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../../tools/lib/chromium.ts";
import { EnginePage } from "../../tools/lib/engine-page.ts";
import { call } from "../../tools/lib/images.ts";
import { removeAtExit } from "../lib/temporary.ts";
import { expect, test } from "../lib/test.ts";

/** Cuts the last record of the browser's log of databases short, as the browser's end in the midst of a write does. */
function tear(profile: string): void {
  const databases = join(profile, "Default/IndexedDB");
  const folder = readdirSync(databases).find((name) => name.endsWith(".leveldb")) ?? "";
  const logs = readdirSync(join(databases, folder)).filter((name) => name.endsWith(".log"));
  const last = join(databases, folder, logs.sort().at(-1) ?? "");
  truncateSync(last, statSync(last).size - 10);
}

test("what was stored survives a browser that ended in the midst of a write, and the one after that", async ({
  folder,
}) => {
  const profile = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-profile-")));
  /** The VMs that a browser finds, which then stores another one, and is killed. */
  const session = async (name: string): Promise<string[]> => {
    const browser = await launch({ extension: folder, profile });
    const engine = await EnginePage.open(browser);
    const found = (await call(engine, "listVms")).map((vm) => vm.profile.name);
    await engine.create({ ...(await engine.quickProfile()), name });
    await browser.kill();
    return found;
  };
  await session("first");
  await session("torn");
  tear(profile);
  expect(await session("second")).toContain("first");
  expect(await session("third")).toEqual(expect.arrayContaining(["first", "second"]));
});
