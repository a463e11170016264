/** `npm start`: the extension in a real Chromium, for a person or for a script. See start/help.ts. */
import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { buildExtension } from "./build.ts";
import { type ExtensionBrowser, launch } from "./lib/chromium.ts";
import { openDevtoolsPanel } from "./lib/devtools.ts";
import { EnginePage } from "./lib/engine-page.ts";
import { Profiling } from "./profile/report.ts";
import { help } from "./start/help.ts";
import { type Options, parseOptions, UsageError } from "./start/options.ts";
import { type Report, run, type Watch, WindowClosed } from "./start/run.ts";

/** Where the user stands: npm changes to the repository's top. */
const folder = process.env.INIT_CWD ?? process.cwd();

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupted.abort(new Error("Interrupted.")));
}

function checkFiles(options: Options): void {
  const { kernel, initrd, cdrom, disks } = options;
  for (const path of [kernel, initrd, cdrom, ...disks.map((disk) => disk.path)]) {
    if (path === undefined) continue;
    try {
      accessSync(resolve(folder, path), constants.R_OK);
    } catch {
      throw new UsageError(`${path} can't be read: is its name right?`);
    }
  }
}

async function runVm(extension: string, options: Options): Promise<Report> {
  const { headless } = options;
  const browser = await launch({ extension, headless, devtools: !headless });
  const closed = new AbortController();
  browser.context.once("close", () => closed.abort(new WindowClosed()));
  try {
    const page = await EnginePage.over(await browser.openPage("popup/index.html", browser.context.pages()[0]));
    const signals = [interrupted.signal, closed.signal];
    if (options.timeout !== undefined) signals.push(AbortSignal.timeout(options.timeout * 1000));
    if (!headless) void showPanel(browser);
    return await run(page, options, folder, AbortSignal.any(signals), options.profile ? profiled(browser) : undefined);
  } finally {
    await browser.close();
  }
}

/** What `--profile` prints. */
function profiled(browser: ExtensionBrowser): Watch {
  return async (guest) => {
    const profiling = await Profiling.start(browser, guest);
    return async () => console.error(`\n${await profiling.stop()}`);
  };
}

async function showPanel(browser: ExtensionBrowser): Promise<void> {
  try {
    const devtools = await openDevtoolsPanel(browser);
    await devtools.click("Console");
    console.error('The panel "VMs" of DevTools shows the VM. Close the window to end.');
  } catch (error) {
    if (browser.context.browser()?.isConnected())
      console.error(`The panel could not be shown: ${(error as Error).message}`);
  }
}

function hasDisplay(): boolean {
  return process.platform !== "linux" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  checkFiles(options);
  if (!options.headless && !hasDisplay()) {
    throw new UsageError("There is no display to open a window on: give --headless, or set DISPLAY.");
  }
  const extension = await buildExtension();
  const report = await runVm(extension, options);
  if (report.error && !interrupted.signal.aborted) console.error(`\n${report.error.message}\n${report.error.hint}`);
  if (options.json) console.log(JSON.stringify(report));
  if (interrupted.signal.aborted) return 130;
  return report.ok ? 0 : 1;
}

process.exitCode = await main().catch((error: Error) => {
  if (error instanceof UsageError) {
    console.error(`${error.message}\nSee npm start -- --help.`);
    return 2;
  }
  console.error(error.message);
  return 1;
});
