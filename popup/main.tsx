import "../src/ui/base.css";
import { render } from "preact";
import { connect } from "../src/engine/client.ts";
import { linkEngine } from "../src/ui/engine-link.ts";
import { followTheme } from "../src/ui/theme.ts";
import { createToasts } from "../src/ui/toasts.ts";
import { Popup } from "./popup.tsx";

const gone = new AbortController();
addEventListener("pagehide", () => gone.abort());
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
