/** The engine's composition root: builds the host, and serves the API on each port that the service worker brings. */
import { quick } from "../qemu-wasm/guests/quick.ts";
import { openSpeaker } from "../src/audio/speaker.ts";
import { OpfsImageFiles } from "../src/block/image-files.ts";
import { ImageLibrary } from "../src/block/image-library.ts";
import { OverlayStore } from "../src/block/overlay-store.ts";
import { CONNECT } from "../src/engine/connect-message.ts";
import { EngineServer } from "../src/engine/server.ts";
import { Disks } from "../src/host/disks.ts";
import { EngineFiles } from "../src/host/engine-files.ts";
import { Images } from "../src/host/images.ts";
import { LiveDisks } from "../src/host/live-disks.ts";
import { LiveNics } from "../src/host/live-nics.ts";
import { Registry } from "../src/host/registry.ts";
import { SnapshotStore } from "../src/host/snapshot-store.ts";
import { SnapshotTransfer } from "../src/host/snapshot-transfer.ts";
import { storageUsage } from "../src/host/storage-usage.ts";
import { IdbVmStore } from "../src/host/vm-store.ts";
import { spawnWorker } from "../src/host/worker-handle.ts";
import { quickProfile } from "../src/model/builtin.ts";
import { sendBadge } from "../src/platform/badge.ts";
import { extensionVersion, packageRoot } from "../src/platform/extension.ts";
import { openChardev } from "../src/qemu/chardev.ts";

let shown = 0;

function badge(): void {
  const running = registry.list().filter((vm) => vm.state !== "off" && vm.state !== "failed").length;
  if (running === shown) return;
  shown = running;
  sendBadge(running).catch((thrown: unknown) => console.warn("The badge could not be set:", thrown));
}

const engine = new EngineFiles(packageRoot());
// A page is there that starts VMs.
engine.prepare([quick.kernel, quick.initrd]);
const overlays = new OverlayStore();
const library = new ImageLibrary(new OpfsImageFiles());
const snapshots = new SnapshotStore();
const removeDisk = (vm: string, disk: string) => overlays.remove(vm, disk);
const registry: Registry = new Registry(
  {
    engine,
    spawn: spawnWorker,
    openChardev,
    openSpeaker,
    images: library,
    snapshots,
    states: overlays.snapshots,
    removeDisk,
  },
  new IdbVmStore(),
  badge,
);
const images = new Images(library, registry);
const disks = new Disks({ registry, images, library, overlays, engine });
const liveDisks = new LiveDisks({ registry, engine, images: library, removeDisk });
const liveNics = new LiveNics(registry);
const transfer = new SnapshotTransfer({ registry, snapshots, states: overlays.snapshots });
const server = new EngineServer({
  registry,
  images,
  disks,
  liveDisks,
  liveNics,
  storageUsage: () => storageUsage(registry, library, overlays),
  engine,
  snapshots: transfer,
  version: extensionVersion,
  quickProfile: (display) => quickProfile(quick, display),
});

// What an end of the browser left half done. A store that fails now is told when it is used.
registry
  .load()
  .then(() => disks.sweep())
  .catch((thrown: unknown) => console.warn("The storage could not be swept:", thrown));

navigator.serviceWorker.addEventListener("message", (event) => {
  const [port] = event.ports;
  if (event.data === CONNECT && port) server.serve(port);
});
navigator.serviceWorker.addEventListener("messageerror", () => console.error("A page's port could not be read."));
// With `addEventListener` messages wait for this.
navigator.serviceWorker.startMessages();
