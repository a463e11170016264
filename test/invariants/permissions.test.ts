import { expect, test } from "vitest";
import { read } from "./repository.ts";

interface Manifest {
  permissions?: string[];
  optional_permissions?: string[];
  host_permissions?: string[];
  optional_host_permissions?: string[];
}
const manifest = JSON.parse(read("manifest.json")) as Manifest;

test("docs/store/permissions.md justifies each of the manifest's permissions, and no other", () => {
  const asked = [
    ...(manifest.permissions ?? []),
    ...(manifest.optional_permissions ?? []),
    ...(manifest.host_permissions ?? []),
    ...(manifest.optional_host_permissions ?? []),
  ];
  const sections = read("docs/store/permissions.md").split(/^## /m).slice(1);
  const justified = sections.map((section) => section.split("\n")[0]?.replaceAll("`", "").trim());
  expect(justified.sort()).toEqual(asked.sort());
  for (const section of sections) expect(section.split("\n").slice(1).join(" ").trim().length).toBeGreaterThan(80);
});

test("at install the extension asks for three permissions and no host", () => {
  expect(manifest.permissions?.sort()).toEqual(["offscreen", "storage", "unlimitedStorage"]);
  expect(manifest.host_permissions).toBeUndefined();
  expect(manifest.optional_host_permissions).toEqual(["http://*/*", "https://*/*"]);
});
