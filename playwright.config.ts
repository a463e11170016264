import { defineConfig } from "@playwright/test";

/** Real extension, real Chromium, real guests: one browser at a time, since each VM wants a core. */
export default defineConfig({
  testDir: "test",
  testMatch: process.env.QEMUWEB_LONG ? "long/**/*.e2e.ts" : "e2e/**/*.e2e.ts",
  globalSetup: "./test/lib/setup.ts",
  outputDir: "test-results",
  workers: 1,
  timeout: 300_000,
  expect: { timeout: 60_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
});
