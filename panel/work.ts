import { toErrorData } from "../src/core/errors.ts";
import { finished, type Progress } from "../src/core/progress.ts";
import type { FileExport } from "../src/engine/api.ts";
import { copyText } from "../src/ui/clipboard.ts";
import { chooseTarget, saveFile } from "../src/ui/save-file.ts";
import { showError, showInfo } from "../src/ui/toasts.ts";
import { wasCancelled } from "../src/ui/works.ts";
import { remedyFor } from "./remedy.ts";
import type { Panel } from "./state.ts";

type Begin<T> = () => Promise<ReadableStream<Progress<T>>>;

/** Long work of the engine's, at the foot of the page while it runs. Rejects with an `AbortError` when it was cancelled. */
export function runLong<T>(panel: Panel, title: string, begin: Begin<T>, signal?: AbortSignal): Promise<T> {
  return panel.works.run(title, async (report, cancelled) => finished(await begin(), report, cancelled), signal);
}

/** Does what a button says: what it throws becomes a toast, unless the user cancelled it. True when it went well. */
export async function attempt(panel: Panel, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (thrown) {
    if (!wasCancelled(thrown)) showError(panel.toasts, thrown, remedyFor(panel, toErrorData(thrown).code));
    return false;
  }
}

/** Copies text, and says that it is done or what to do instead. */
export async function copy(panel: Panel, text: string, done: string): Promise<void> {
  showInfo(panel.toasts, (await copyText(text)) ? done : "The browser refused the copy: select the text instead.");
}

/** Asks where to, then saves. `begin` is called when the user chose: in a click, nothing may come before that question. */
export async function save(panel: Panel, name: string, begin: () => Promise<FileExport>): Promise<void> {
  await attempt(panel, async () => {
    const target = await chooseTarget(name);
    if (!target) return;
    await panel.works.run(`Exporting ${name}`, async (report, signal) => {
      await saveFile(target, begin, report, signal);
    });
    showInfo(panel.toasts, `${name} was exported.`);
  });
}
