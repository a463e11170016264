import browser from "webextension-polyfill";

/** The version in the manifest. */
export function extensionVersion(): string {
  return browser.runtime.getManifest().version;
}

/** URL of the package's root, with a slash at its end. */
export function packageRoot(): string {
  return browser.runtime.getURL("");
}
