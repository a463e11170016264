import { useEffect, useState } from "preact/hooks";
import { type ErrorData, toErrorData } from "../src/core/errors.ts";
import type { CapabilityReport } from "../src/engine/api.ts";
import { usePanel, useVms } from "./context.ts";

/** The engine's report, asked for once per connection. */
export function useCapabilities(): { report?: CapabilityReport; problem?: ErrorData } {
  const panel = usePanel();
  const ready = useVms((state) => state.link === "ready");
  const [answer, setAnswer] = useState<{ report?: CapabilityReport; problem?: ErrorData }>({});
  useEffect(() => {
    if (!ready) return;
    let current = true;
    const ask = async () => panel.link.engine().capabilities();
    ask().then(
      (report) => current && setAnswer({ report }),
      (thrown) => current && setAnswer({ problem: toErrorData(thrown) }),
    );
    return () => {
      current = false;
    };
  }, [ready]);
  return answer;
}
