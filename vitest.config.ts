import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["{src,panel,qemu-wasm,tools,test/invariants}/**/*.test.ts"] },
});
