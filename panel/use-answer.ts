import { useEffect, useState } from "preact/hooks";
import { type ErrorData, toErrorData } from "../src/core/errors.ts";
import type { EngineApi, ImageInfo } from "../src/engine/api.ts";
import { usePanel, usePanelState, useVms } from "./context.ts";

export interface Answer<T> {
  value?: T;
  problem?: ErrorData;
}

/**
 * What the engine answers; asked for again when images or disks changed, or one of `keys` did. The last answer stays until the
 * next is there.
 */
export function useAnswer<T>(ask: (engine: EngineApi) => Promise<T>, keys: readonly unknown[] = []): Answer<T> {
  const panel = usePanel();
  const ready = useVms((state) => state.link === "ready");
  const storage = useVms((state) => state.storage);
  const [answer, setAnswer] = useState<Answer<T>>({});
  useEffect(() => {
    if (!ready) return;
    let current = true;
    const run = async () => ask(panel.link.engine());
    run().then(
      (value) => current && setAnswer({ value }),
      (thrown) => current && setAnswer({ problem: toErrorData(thrown) }),
    );
    return () => {
      current = false;
    };
  }, [ready, storage, ...keys]);
  return answer;
}

export function useImages(): Answer<readonly ImageInfo[]> {
  return useAnswer((engine) => engine.listImages());
}

export function useSelectedImage(): ImageInfo | undefined {
  const { value: images } = useImages();
  const id = usePanelState((state) => state.image);
  return images?.find((image) => image.id === id);
}
