import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{src,panel,qemu-wasm,tools,test/invariants}/**/*.test.ts"],
    // A process of its own for each of a hundred small files takes six times the time of their tests.
    pool: "threads",
    isolate: false,
  },
});
