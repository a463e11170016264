import { openDevtoolsPanel } from "../../tools/lib/devtools.ts";
import { terminalShows } from "../lib/devtools-panel.ts";
import { expect, test } from "../lib/test.ts";

test.use({ devtools: true });

test("a panel opened again shows the running VM with its scroll-back", async ({ extension, engine }) => {
  const guest = await engine.startQuick();
  await guest.prompt();
  const tab = await extension.context.newPage();
  await tab.goto("data:text/html,first");
  const first = await openDevtoolsPanel(extension, "data:text/html,first");
  await first.click("Console");
  await terminalShows(first, "quick:~#", 20_000);
  await guest.run("echo before-$((40+2))");
  await terminalShows(first, "before-42", 20_000);
  await tab.close(); // and its DevTools with it

  await guest.run("echo meanwhile-$((40+3))");
  await (await extension.context.newPage()).goto("data:text/html,again");
  const again = await openDevtoolsPanel(extension, "data:text/html,again");
  await again.panel.until(() => document.querySelector("[role=row][data-state=running]") !== null, 20_000);
  await again.click("Console");
  await terminalShows(again, "before-42", 20_000);
  await terminalShows(again, "meanwhile-43", 20_000);
  await again.focusTerminal();
  await again.type("echo after-$((40+4))\n");
  await guest.find("after-44");
  expect(guest.info.state).toBe("running");
});
