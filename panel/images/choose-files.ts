import { importFiles } from "../image-actions.ts";
import type { Panel } from "../state.ts";

/** Opens the browser's file chooser and imports what the user chose; in a click. */
export function chooseFiles(panel: Panel): void {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.addEventListener("change", () => void importFiles(panel, [...(input.files ?? [])]));
  input.click();
}
