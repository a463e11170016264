import { crx } from "@crxjs/vite-plugin";
import { defineConfig } from "vite";
import manifest from "./manifest.json" with { type: "json" };

// crxjs bundles what the manifest names; the other pages are listed here.
const PAGES = ["panel", "popup", "offscreen", "devtools"];

export default defineConfig({
  plugins: [crx({ manifest: manifest as Parameters<typeof crx>[0]["manifest"] })],
  build: {
    // The extension asks for a Chrome that has all of it.
    target: "esnext",
    rollupOptions: { input: Object.fromEntries(PAGES.map((page) => [page, `${page}/index.html`])) },
  },
  // The VM's Worker imports the engine's own module at run time.
  worker: { format: "es" },
});
