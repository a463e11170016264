import browser from "webextension-polyfill";

/**
 * May the extension read from the server of `url`? Asks the user where it may not yet: call it at once in a click's handler,
 * or the browser doesn't ask. Rejects with what is wrong with an address that is none.
 */
export async function requestHost(url: string): Promise<boolean> {
  // A match pattern has no port: it means all of them.
  const { protocol, hostname } = new URL(url);
  return browser.permissions.request({ origins: [`${protocol}//${hostname}/*`] });
}
