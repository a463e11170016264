import type { DevtoolsPanel } from "../../tools/lib/devtools.ts";
import type { PageGlobal } from "../../tools/lib/engine-page.ts";

/** Waits until the terminal of the selected VM shows `text`; fails with what it shows instead. */
export async function terminalShows({ panel }: DevtoolsPanel, text: string, timeout: number): Promise<void> {
  const shown = () => {
    const id = document.querySelector<HTMLElement>("[role=row][aria-selected=true]")?.dataset.vmId ?? "";
    return (globalThis as unknown as PageGlobal).qemuweb.terminal?.(id)?.text() ?? "";
  };
  try {
    await panel.until(
      (text) => {
        const id = document.querySelector<HTMLElement>("[role=row][aria-selected=true]")?.dataset.vmId ?? "";
        return (globalThis as unknown as PageGlobal).qemuweb.terminal?.(id)?.text().includes(text);
      },
      timeout,
      text,
    );
  } catch (cause) {
    throw new Error(`The terminal doesn't show ${JSON.stringify(text)} but:\n${await panel.evaluate(shown)}`, {
      cause,
    });
  }
}
