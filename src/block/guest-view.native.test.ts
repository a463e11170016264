import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { qemuImg } from "../../test/lib/qemu-img.ts";
import { QemuWebError } from "../core/errors.ts";
import type { DiskFormat } from "../model/profile.ts";
import { openGuestView } from "./guest-view.ts";
import { OverlayStore } from "./overlay-store.ts";
import { differs } from "./testing/check.ts";
import { fakeLocks } from "./testing/fakes.ts";
import { imageMaker, MADE } from "./testing/made-images.ts";
import { pattern, random } from "./testing/random.ts";

/** What qemu-img wrote, read by us. */
const installed = qemuImg !== undefined;

const MIB = 1 << 20;
const SIZE = 9 * MIB;
const { make } = imageMaker("qemuweb-view-");

/** Bytes that can't be packed, bytes that can, and zeroes. */
const contents = new Uint8Array(SIZE);
contents.set(pattern(MIB, 1));
contents.fill(7, 3 * MIB + 5000, 5 * MIB);
contents.set(pattern(1000, 2), SIZE - 1000);

async function view(format: DiskFormat, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const overlays = new OverlayStore(crypto.randomUUID(), fakeLocks());
  const image = { from: "blob", blob: new Blob([bytes]) } as const;
  const device = await openGuestView({ vm: "vm", disk: "disk0", image, format, persistent: false }, overlays);
  try {
    const seen = new Uint8Array(device.size);
    await device.read(0, seen);
    return seen;
  } finally {
    await device.close();
    await overlays.close();
  }
}

test.runIf(installed).each(MADE)("reads %s made with %j", async (format, options) => {
  const seen = await view(format, new Uint8Array(make(format, options, contents, SIZE)));
  // A fixed VHD without its size forced is as long as whole cylinders.
  expect(differs(seen.subarray(0, SIZE), contents)).toBeUndefined();
  expect(seen.subarray(SIZE).every((byte) => byte === 0)).toBe(true);
});

test.runIf(installed).each(MADE.slice(1))(
  "100 random corruptions of %s made with %j are errors, or bytes",
  { timeout: 60_000 },
  async (format, options) => {
    const bytes = new Uint8Array(make(format, options, contents.subarray(0, 2 * MIB), 2 * MIB));
    const next = random(5);
    for (let n = 0; n < 100; n++) {
      // Headers and tables are at the beginning, at the end, and, of vhdx, after 192 KiB and each MiB.
      const places = [
        next(1024),
        next(64 << 10),
        bytes.length - 1 - next(2048),
        192 * 1024 + next(100),
        MIB + next(999),
      ];
      const at = Math.max(0, Math.min(places[next(places.length)] ?? 0, bytes.length - 16));
      const altered = bytes.slice(0, next(4) === 0 ? at : bytes.length);
      altered.subarray(at, at + 16).set(pattern(16, n).subarray(0, altered.length - at));
      const seen = await view(format, altered).catch((thrown: unknown) => thrown);
      if (seen instanceof Error) expect(seen, `corruption ${n}`).toBeInstanceOf(QemuWebError);
      else expect(seen, `corruption ${n}`).toBeInstanceOf(Uint8Array);
    }
  },
);
