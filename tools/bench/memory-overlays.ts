import type { OverlayBase } from "../../src/block/overlay-base.ts";
import { MemoryOverlay } from "../../src/block/testing/memory-overlay.ts";

class SizedOverlay extends MemoryOverlay {
  constructor(readonly size: number) {
    super();
  }
}

/** In the place of src/block/overlay-store.ts, as far as a VM's Worker needs it. */
export class OverlayStore {
  async open(_vm: string, _disk: string, base: OverlayBase): Promise<SizedOverlay> {
    return new SizedOverlay(base.diskSize ?? base.size);
  }

  async find(): Promise<undefined> {
    return undefined;
  }
}
