import { createPanel } from "../src/platform/devtools.ts";

createPanel("VMs", "/icons/16.png", "/panel/index.html");
