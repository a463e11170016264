import browser from "webextension-polyfill";
import { version } from "../../manifest.json";

/** The version in the manifest; bundled, since the offscreen document has no `runtime.getManifest`. */
export const extensionVersion: string = version;

/** URL of the package's root, with a slash at its end. */
export function packageRoot(): string {
  return browser.runtime.getURL("");
}
