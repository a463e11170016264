import browser from "webextension-polyfill";

/** `chrome.storage.local` as the settings see it: one value, known to every page of the extension at once. */
export const settingsArea = {
  async read(key: string): Promise<unknown> {
    return (await browser.storage.local.get(key))[key];
  },
  async write(key: string, value: unknown): Promise<void> {
    await browser.storage.local.set({ [key]: value });
  },
  /** Calls back when any page wrote. */
  follow(key: string, changed: (value: unknown) => void): void {
    browser.storage.local.onChanged.addListener((changes) => {
      if (key in changes) changed(changes[key]?.newValue);
    });
  },
};
