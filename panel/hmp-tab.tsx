import { usePanel } from "./context.ts";
import type { TabProps } from "./details.tsx";
import { Monitor } from "./monitor.tsx";

/** QEMU's human monitor. */
export function HmpTab({ vm }: TabProps) {
  const panel = usePanel();
  return (
    <Monitor
      vm={vm}
      monitor="hmp"
      prompt="(qemu) "
      example="Type a command of QEMU's monitor, such as info status, info block or help."
      shown={(said) => said}
      execute={async (text) => panel.link.engine().hmp(vm.id, text)}
    />
  );
}
