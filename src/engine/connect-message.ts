/** What a page sends to the service worker, and the service worker to the offscreen document, with a port. */
export const CONNECT = "qemuweb-connect";
