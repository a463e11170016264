import { expect, test } from "vitest";
import { QmpClient } from "../qemu/qmp/client.ts";
import { fakePeer } from "../qemu/testing/fake-peer.ts";
import { Migration } from "./migration.ts";

/** Saves with a QEMU that gives these reasons against it; resolves to the modes in which it was told to. */
async function save(reasons?: string[]): Promise<unknown[]> {
  const modes: unknown[] = [];
  const blocked = reasons && { "blocked-reasons": reasons };
  const peer = fakePeer({ "query-migrate": { return: blocked ?? {} } }, ({ execute, arguments: taken }) => {
    if (execute === "migrate-set-parameters" && "mode" in taken) modes.push(taken.mode);
    if (execute === "migrate") modes.push("migrate");
  });
  void peer.say('{"QMP":{}}\n');
  await new Migration(await QmpClient.connect(peer.channel, peer.stop.signal)).save();
  return modes;
}

test("a guest is saved while it runs, unless a disk's format is against it", async () => {
  expect(await save()).toEqual(["normal", "migrate"]);
  expect(await save(["The vmdk format does not support live migration"])).toEqual(["normal", "cpr-reboot", "migrate"]);
});
