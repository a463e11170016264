import { openDevtoolsPanel } from "../../tools/lib/devtools.ts";
import { terminalShows } from "../lib/devtools-panel.ts";
import { test } from "../lib/test.ts";

test.use({ devtools: true });

test("in real DevTools, a click boots a quick VM whose shell answers what is typed", async ({ extension }) => {
  const devtools = await openDevtoolsPanel(extension);
  await devtools.click("Quick VM");
  await devtools.panel.until(() => document.querySelector("[role=row][data-state=running]") !== null, 30_000);
  await devtools.click("Console");
  await terminalShows(devtools, "quick:~#", 90_000);
  await devtools.focusTerminal();
  await devtools.type("uname -s; echo answer-$((6*7))\n");
  await terminalShows(devtools, "Linux\nanswer-42", 20_000);
});
