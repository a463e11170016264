import type { CapabilityReport } from "../src/engine/api.ts";
import { Icon } from "../src/ui/icon.tsx";
import { FONT_SIZES, settings } from "../src/ui/settings.ts";
import { useStore } from "../src/ui/store.ts";
import { useCapabilities } from "./capabilities.ts";
import { usePanelState } from "./context.ts";

const THEMES = { auto: "Same as DevTools or the system", light: "Light", dark: "Dark" } as const;

/** What the gear shows under the toolbar. It is no dialog: everything applies at once. */
export function SettingsStrip() {
  const open = usePanelState((state) => state.settingsOpen);
  return open ? <OpenSettings /> : null;
}

function OpenSettings() {
  const { theme, fontSize, screenReader } = useStore(settings, (state) => state);
  return (
    <section class="strip settings" aria-label="Settings">
      <div class="settings-fields">
        <label>
          Theme
          <select
            class="input"
            value={theme}
            onChange={(event) => settings.dispatch({ theme: asTheme(event.currentTarget.value) })}
          >
            {Object.entries(THEMES).map(([id, label]) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          Terminal font size
          <select
            class="input"
            value={String(fontSize)}
            onChange={(event) => settings.dispatch({ fontSize: Number(event.currentTarget.value) })}
          >
            {FONT_SIZES.map((size) => (
              <option key={size} value={String(size)}>
                {size} px
              </option>
            ))}
          </select>
        </label>
        <label>
          <input
            type="checkbox"
            checked={screenReader}
            onChange={(event) => settings.dispatch({ screenReader: event.currentTarget.checked })}
          />
          Screen-reader mode in the console
        </label>
      </div>
      <Capabilities />
    </section>
  );
}

function asTheme(value: string): keyof typeof THEMES {
  return value === "light" || value === "dark" ? value : "auto";
}

function Capabilities() {
  const { report, problem } = useCapabilities();
  if (problem) return <p class="subtle">{`${problem.message} ${problem.hint}`}</p>;
  if (!report) return <p class="subtle">Asking the engine what this browser can do.</p>;
  return (
    <>
      <h3 class="settings-heading">What this browser can do</h3>
      <ul class="capabilities selectable">
        {report.items.map((item) => (
          <li key={item.id} title={item.hint}>
            <span class={item.ok ? "tone-running" : item.required ? "tone-error" : "tone-idle"}>
              <Icon name={item.ok ? "check" : "cross"} />
            </span>
            <span class="capability-label">{item.label}</span>
            <span class="subtle">{item.value}</span>
          </li>
        ))}
      </ul>
      {report.engine && <EngineLine engine={report.engine} />}
    </>
  );
}

function EngineLine({ engine }: { engine: NonNullable<CapabilityReport["engine"]> }) {
  return (
    <p class="subtle selectable">
      {`QEMU ${engine.qemu}. Machines: ${engine.machines.join(", ")}. Devices: ${engine.devices.join(", ")}.`}
    </p>
  );
}
