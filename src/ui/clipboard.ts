/**
 * Copies text; true when it worked. DevTools panels are denied the asynchronous clipboard by their embedder's permissions
 * policy, but a selection may still be copied while the user's click or key press is handled.
 */
export async function copyText(text: string): Promise<boolean> {
  if (copyBySelection(text)) return true;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

interface PermissionsPolicy {
  allowsFeature(feature: string): boolean;
}

/** Whether the page may ask for the clipboard's text at all: DevTools' panels may not. */
export function mayReadClipboard(): boolean {
  const { featurePolicy } = document as Document & { featurePolicy?: PermissionsPolicy };
  return featurePolicy?.allowsFeature("clipboard-read") ?? true;
}

/** The clipboard's text, or undefined where the page may not read it: there only the browser's own paste key works. */
export async function readClipboard(): Promise<string | undefined> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return undefined;
  }
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const onCopy = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    event.clipboardData?.setData("text/plain", text);
    done = true;
  };
  let done = false;
  document.addEventListener("copy", onCopy, { capture: true });
  try {
    document.execCommand("copy");
  } finally {
    document.removeEventListener("copy", onCopy, { capture: true });
  }
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
