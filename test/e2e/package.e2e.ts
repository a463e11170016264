import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "@playwright/test";
import { unzipSync } from "fflate";
import { launch } from "../../tools/lib/chromium.ts";
import { EnginePage } from "../../tools/lib/engine-page.ts";
import { packageExtension } from "../../tools/package.ts";
import { removeAtExit } from "../lib/temporary.ts";

test("the Web Store zip boots by itself, and carries licences and sources", async () => {
  test.setTimeout(240_000);
  const zip = readFileSync(await packageExtension());
  const files = unzipSync(zip);
  const names = Object.keys(files);
  expect(names[0]).toBe("manifest.json");
  expect(names).toEqual(expect.arrayContaining(["COPYING", "SOURCES.md", "SOURCES.json", "THIRD-PARTY.txt"]));
  expect(names.filter((name) => /(^|\/)\.|\.map$|\.ts$|tests\//.test(name))).toEqual([]);

  const folder = removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-zip-")));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  const extension = await launch({ extension: folder });
  try {
    const guest = await (await EnginePage.open(extension)).startQuick();
    await guest.prompt();
    expect(await guest.run("uname -m")).toBe("x86_64\n");
  } finally {
    await extension.close();
  }
});
