import { createHash } from "node:crypto";
import { expect, test } from "../lib/test.ts";

/** 1 MiB of lines of printable characters, no two alike. */
function text(): string {
  const lines: string[] = [];
  for (let length = 0; length < 1 << 20; length += 64) {
    lines.push(createHash("sha256").update(String(length)).digest("hex").slice(0, 63));
  }
  return `${lines.join("\n")}\n`;
}

test("1 MB pasted into cat arrives whole", async ({ engine }) => {
  test.setTimeout(300_000);
  const pasted = text();
  const guest = await engine.startQuick();
  await guest.prompt();
  // The guest's echo of what is pasted would be as long again.
  await guest.type("stty -echo; cat >/tmp/f; stty echo");
  await guest.write(Buffer.from(pasted));
  await guest.write(Uint8Array.of(4)); // Ctrl+D
  const hash = createHash("sha256").update(pasted).digest("hex");
  expect(await guest.run("sha256sum </tmp/f")).toContain(hash);
});
