import { expect, test } from "vitest";
import { StepError } from "../cache.ts";
import { chooseToolchain, emscriptenVersion, type OnPath } from "./choose.ts";
import { toolchainPackages } from "./packages.ts";

const all: OnPath = { emcc: emscriptenVersion, missing: [] };

function refusal(root: boolean, wanted: string | undefined, onPath: OnPath): string {
  try {
    chooseToolchain(root, wanted, () => onPath);
  } catch (error) {
    if (error instanceof StepError) return error.message;
    throw error;
  }
  throw new Error("It was not refused.");
}

test.each([
  ["root, nothing asked for", true, undefined],
  ["root, an empty variable", true, ""],
  ["root, debian asked for", true, "debian"],
])("a Debian system, and PATH is not looked at: %s", (_what, root, wanted) => {
  const look = () => {
    throw new Error("PATH was looked at.");
  };
  expect(chooseToolchain(root, wanted, look)).toBe("debian");
});

test.each([
  ["no root", false, undefined],
  ["no root, path asked for", false, "path"],
  ["root, path asked for", true, "path"],
])("what is on PATH: %s", (_what, root, wanted) => {
  expect(chooseToolchain(root, wanted, () => all)).toBe("path");
});

test.each([
  ["there is none", undefined],
  ["it is 4.0.7", "4.0.7"],
])("without the right emcc both other ways are told: %s", (found, emcc) => {
  const message = refusal(false, undefined, { emcc, missing: ["meson", "flex"] });
  expect(message).toContain(`emcc ${emscriptenVersion} has to be on PATH, and ${found}.`);
  expect(message).toContain(`./emsdk install ${emscriptenVersion} && ./emsdk activate ${emscriptenVersion}`);
  expect(message).toContain("sudo apt-get install meson flex\n");
  expect(message).toMatch(/docker run .* -e QEMUWEB_TOOLCHAIN=path node:20-trixie sh -c '.*npm run build/);
  for (const name of toolchainPackages) expect(message).toContain(` ${name} `);
});

test("names every package that is missing, in one line to type", () => {
  const message = refusal(false, undefined, { ...all, missing: ["bc", "libelf-dev"] });
  expect(message).toBe("Programs to build with are missing. On Debian: sudo apt-get install bc libelf-dev");
});

test("says how to set QEMUWEB_TOOLCHAIN right", () => {
  expect(refusal(false, "debian", all)).toMatch(/needs root/);
  expect(refusal(true, "emsdk", all)).toBe("QEMUWEB_TOOLCHAIN is emsdk. Set it to debian or path, or unset it.");
});
