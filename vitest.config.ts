import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["{src,qemu-wasm,test/invariants}/**/*.test.ts"] },
});
