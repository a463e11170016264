import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { toErrorData } from "../core/errors.ts";
import { EmptyState } from "./empty-state.tsx";

/** A view whose code is loaded when it is shown first. `what` names it where that fails: `This tab`. */
export function lazy<P extends object>(what: string, load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [, render] = useState(0);
    const [problem, setProblem] = useState<string>();
    useEffect(() => {
      if (loaded) return;
      let current = true;
      load().then(
        (view) => {
          loaded = view;
          if (current) render((n) => n + 1);
        },
        (thrown) => current && setProblem(toErrorData(thrown).message),
      );
      return () => {
        current = false;
      };
    }, []);
    const View = loaded;
    if (View) return <View {...props} />;
    if (!problem) return null;
    return <EmptyState heading={`${what} could not be loaded`} text={`${problem} Close and open DevTools.`} />;
  };
}
