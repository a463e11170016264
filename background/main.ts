/**
 * The service worker: brings a page's port to the offscreen document, which it creates when there is none, and shows the
 * badge. It holds no state of any VM: it may die at any time, and ports that it passed on live without it.
 */
import { CONNECT } from "../src/engine/connect-message.ts";
import { showBadge } from "../src/platform/badge.ts";
import { ensureOffscreen, isOffscreen } from "../src/platform/offscreen.ts";

/** The parts of a service worker's scope that are used here; TypeScript's own `webworker` library clashes with `DOM`. */
interface BrokerScope {
  clients: {
    matchAll(
      options: object,
    ): Promise<{ url: string; postMessage(message: unknown, transfer: Transferable[]): void }[]>;
  };
  addEventListener(
    type: "message",
    listener: (event: MessageEvent & { waitUntil(work: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(type: "messageerror", listener: (event: MessageEvent) => void): void;
}
const scope = self as unknown as BrokerScope;

async function forward(port: MessagePort): Promise<void> {
  await ensureOffscreen();
  const clients = await scope.clients.matchAll({ includeUncontrolled: true, type: "all" });
  const offscreen = clients.find((client) => isOffscreen(client.url));
  if (!offscreen) throw new Error("The offscreen document is not among the service worker's clients.");
  offscreen.postMessage(CONNECT, [port]);
}

scope.addEventListener("message", (event) => {
  const [port] = event.ports;
  if (event.data !== CONNECT || !port) return;
  // A page whose port goes nowhere is told by its own timeout.
  event.waitUntil(forward(port).catch((thrown: unknown) => console.error("No engine for a page:", thrown)));
});
scope.addEventListener("messageerror", () => console.error("A page's port could not be read."));
showBadge();
