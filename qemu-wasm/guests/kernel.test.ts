import { expect, test } from "vitest";
import { assertConfig } from "./kernel.ts";

const fragment = "# a comment\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=n\nCONFIG_D=8\n";

test("a configuration with all of the fragment passes", () => {
  expect(() => assertConfig(fragment, "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_D=8\nCONFIG_E=y\n")).not.toThrow();
});

test.each([
  ["is missing", "CONFIG_D=8", "CONFIG_A=y"],
  ["is on", "CONFIG_A=y\nCONFIG_B=y\nCONFIG_D=8", "# CONFIG_B is not set"],
  ["is on, though n", "CONFIG_A=y\nCONFIG_C=y\nCONFIG_D=8", "CONFIG_C=n"],
  ["has another value", "CONFIG_A=y\nCONFIG_D=4", "CONFIG_D=8"],
])("names an option that %s", (_what, config, line) => {
  expect(() => assertConfig(fragment, config)).toThrow(`The kernel's configuration did not take: ${line}.`);
});
