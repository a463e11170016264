import { expect, test } from "vitest";
import { fakePeer } from "../testing/fake-peer.ts";
import { AgentClient } from "./client.ts";

test("a sync is answered behind the delimiter, after what the agent still had to say to others", async () => {
  const agent = fakePeer({ "guest-sync-delimited": undefined });
  const client = new AgentClient(agent.channel, agent.stop.signal);
  const synced = client.sync(1000);
  await expect.poll(() => agent.commands).toEqual(["guest-sync-delimited"]);
  await agent.say('{"return": 77, "id": 40}\n');
  await agent.say(Uint8Array.of(0xff));
  await agent.say('{"return": 5, "id": 1}\n');
  await synced;
  await client.execute("guest-ping");
  expect(agent.commands.at(-1)).toBe("guest-ping");
});

test("an agent that isn't there is told in time", async () => {
  const agent = fakePeer({ "guest-sync-delimited": undefined });
  const client = new AgentClient(agent.channel, agent.stop.signal);
  await expect(client.sync(1)).rejects.toMatchObject({ code: "command-timeout" });
});
