import { expect, test } from "vitest";
import { EngineFiles } from "./engine-files.ts";
import { fakePackage, fetchFrom } from "./testing/fake-engine.ts";

test("loads, checks and compiles once", async () => {
  const files = await fakePackage();
  const fetched: string[] = [];
  const engine = new EngineFiles("ext:/", (url) => {
    fetched.push(url);
    return fetchFrom(files)(url);
  });
  const loaded = await engine.load();
  expect(await engine.load()).toBe(loaded);
  expect(fetched).toHaveLength(4);
  expect(loaded.script).toBe("ext:/engine/qemu-system-x86_64.js");
  expect(loaded.module).toBeInstanceOf(WebAssembly.Module);
  expect(loaded.firmware.map((file) => file.path)).toEqual(["/firmware/bios-256k.bin"]);
  expect(new TextDecoder().decode(await engine.guest("quick/vmlinux"))).toBe("kernel");
});

test.each([
  ["engine/versions.json", "engine-missing", "The engine is incomplete: versions.json is missing."],
  ["engine/qemu-system-x86_64.wasm", "engine-missing", "The engine is incomplete: qemu-system-x86_64.wasm is missing."],
])("without %s: %s; once it is back, it loads", async (path, code, message) => {
  const files = await fakePackage();
  const bytes = files.get(path) ?? new Uint8Array();
  files.delete(path);
  const engine = new EngineFiles("ext:/", fetchFrom(files));
  await expect(engine.load()).rejects.toMatchObject({ code, message });
  files.set(path, bytes);
  await engine.load();
});

test.each(["qemu-system-x86_64.js", "qemu-system-x86_64.wasm", "firmware/bios-256k.bin"])(
  "a changed %s is told as damage",
  async (name) => {
    const files = await fakePackage();
    files.set(`engine/${name}`, Uint8Array.of(1));
    const engine = new EngineFiles("ext:/", fetchFrom(files));
    await expect(engine.load()).rejects.toMatchObject({ code: "engine-corrupt", hint: /Reinstall/ });
  },
);

test("a guest's file that is not listed is missing", async () => {
  const engine = new EngineFiles("ext:/", fetchFrom(await fakePackage()));
  await expect(engine.guest("quick/other")).rejects.toMatchObject({
    code: "engine-missing",
    message: "The built-in guest is incomplete: quick/other is missing.",
  });
});
