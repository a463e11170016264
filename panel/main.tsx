import "../src/ui/base.css";
import { render } from "preact";
import { connect } from "../src/engine/client.ts";
import { devtoolsTheme } from "../src/platform/devtools.ts";
import { settingsArea } from "../src/platform/settings-area.ts";
import { linkEngine } from "../src/ui/engine-link.ts";
import { Transcripts } from "../src/ui/monitor/transcript.ts";
import { loadSettings } from "../src/ui/settings.ts";
import { removeLeftovers } from "../src/ui/temporary-file.ts";
import { Terminals } from "../src/ui/terminal/terminals.ts";
import { followTheme } from "../src/ui/theme.ts";
import { createToasts } from "../src/ui/toasts.ts";
import { Works } from "../src/ui/works.ts";
import { App } from "./app.tsx";
import { exposeTerminals } from "./automation.ts";
import { createPanelState, type Panel } from "./state.ts";

const gone = new AbortController();
addEventListener("pagehide", () => gone.abort());
await loadSettings(settingsArea);

const theme = devtoolsTheme();
followTheme(theme);

const wanted = new URLSearchParams(location.search).get("vm") ?? undefined;
const link = linkEngine(connect, {
  signal: gone.signal,
  onEngine: (engine) => {
    globalThis.qemuweb = { ...globalThis.qemuweb, engine };
  },
});
const panel: Panel = {
  link,
  terminals: new Terminals(link),
  transcripts: new Transcripts(),
  toasts: createToasts(),
  works: new Works(),
  state: createPanelState(wanted === undefined ? {} : { selected: wanted, tab: "console", focusDetails: true }),
  inDevtools: theme !== undefined,
};
exposeTerminals(panel);

removeLeftovers().catch((error: unknown) => console.warn("Old exports were not deleted.", error));

const root = document.getElementById("root");
if (root) render(<App panel={panel} />, root);
