import "../src/ui/base.css";
import { render } from "preact";
import { connect } from "../src/engine/client.ts";
import { settingsArea } from "../src/platform/settings-area.ts";
import { linkEngine } from "../src/ui/engine-link.ts";
import { loadSettings } from "../src/ui/settings.ts";
import { followTheme } from "../src/ui/theme.ts";
import { createToasts } from "../src/ui/toasts.ts";
import { Popup } from "./popup.tsx";

const gone = new AbortController();
addEventListener("pagehide", () => gone.abort());
await loadSettings(settingsArea);
followTheme();

const link = linkEngine(connect, {
  signal: gone.signal,
  onEngine: (engine) => {
    globalThis.qemuweb = { engine }; // for scripts: the panel's automation.ts says what
  },
});

const root = document.getElementById("root");
if (root) render(<Popup link={link} toasts={createToasts()} />, root);
root?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
