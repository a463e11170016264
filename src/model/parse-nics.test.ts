import { expect, test } from "vitest";
import { parseNics } from "./parse-nics.ts";

test("an adapter without id and address gets its own, which stay", () => {
  const nics = parseNics([{}, { id: "nic0", model: "e1000", mac: "02-AB-cd-00-00-01" }, {}]);
  expect(nics).toMatchObject([
    { id: "nic1", model: "virtio" },
    { id: "nic0", model: "e1000", mac: "02:ab:cd:00:00:01" },
    { id: "nic2", model: "virtio" },
  ]);
  expect(new Set(nics.map(({ mac }) => mac)).size).toBe(3);
  expect(parseNics(nics)).toEqual(nics);
});

test("a made address is of one adapter, and administered locally", () => {
  for (let n = 0; n < 32; n++) {
    const mac = parseNics([{}])[0]?.mac ?? "";
    expect(mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    expect(Number.parseInt(mac, 16) & 3).toBe(2);
  }
});

test.each([
  ["a stray field", [{ network: "lan" }], "nics[0].network is not known."],
  ["an id of another kind", [{ id: "port0" }], "nics[0].id is not an adapter's id."],
  ["ids twice", [{ id: "nic1" }, { id: "nic1" }], "nics have the id nic1 twice."],
  ["a model", [{ model: "ne2k" }], 'nics[0].model is "ne2k".'],
  ["half an address", [{ mac: "52:54:00" }], "nics[0].mac is not an adapter's address."],
  ["a group's address", [{ mac: "53:54:00:00:00:01" }], "nics[0].mac is not an adapter's address."],
  ["no address at all", [{ mac: "00:00:00:00:00:00" }], "nics[0].mac is not an adapter's address."],
  [
    "an address twice",
    [{ mac: "02:00:00:00:00:0A" }, { mac: "02-00-00-00-00-0a" }],
    "nics have the address 02:00:00:00:00:0a twice.",
  ],
  ["too many", Array.from({ length: 9 }, () => ({})), "nics are 9."],
])("refuses %s", (_what, value, message) => {
  expect(() => parseNics(value)).toThrow(`The profile's ${message}`);
});
