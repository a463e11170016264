import { toneKernel } from "../../qemu-wasm/guests/bare-kernel.ts";
import { parseProfile } from "../../src/model/parse-profile.ts";
import { Target, waitForTarget } from "../../tools/lib/target.ts";
import { openPanel } from "../lib/panel.ts";
import { expect, test } from "../lib/test.ts";

test("the guest's sound is heard once the user wants it, and no longer", async ({ extension, engine }) => {
  const boot = { kernel: { from: "user", name: "tone" }, append: "" };
  const profile = parseProfile({ name: "Tone", memory: 32, cpu: "qemu64", display: "std", sound: "hda", boot });
  const guest = await engine.create(profile, { tone: await toneKernel() });
  await guest.start();
  await guest.find("The tone is played.");

  const panel = await openPanel(extension, guest.info);
  await panel.getByRole("tab", { name: "Display" }).click();
  const tool = panel.getByRole("button", { name: "Sound", exact: true });
  await expect(tool).toHaveAttribute("aria-pressed", "false");
  await tool.click();
  await expect(tool).toHaveAttribute("aria-pressed", "true");
  const document = await waitForTarget(extension.cdp, "the offscreen document", ({ url }) =>
    url.includes("/offscreen/"),
  );
  const offscreen = await Target.attach(extension.cdp, document);
  await expect.poll(async () => Math.round((await pitch(offscreen)) ?? 0), { timeout: 30_000 }).toBe(1000);

  await tool.click();
  await expect(tool).toHaveAttribute("aria-pressed", "false");
  await expect.poll(() => pitch(offscreen)).toBeUndefined();
});

/** The strongest frequency in what the offscreen document plays, Hz; undefined while it plays nothing. */
async function pitch(offscreen: Target): Promise<number | undefined> {
  const evaluate = async (expression: string) =>
    (await offscreen.send("Runtime.evaluate", { expression })).result as { objectId: string };
  const { objectId: prototypeObjectId } = await evaluate("AudioWorkletNode.prototype");
  const { objects } = (await offscreen.send("Runtime.queryObjects", { prototypeObjectId })) as {
    objects: { objectId: string };
  };
  const { result } = (await offscreen.send("Runtime.callFunctionOn", {
    objectId: objects.objectId,
    awaitPromise: true,
    returnByValue: true,
    functionDeclaration: String(strongest),
  })) as { result: { value?: number } };
  return result.value;
}

/** Runs in the page, on the list of what plays there. */
async function strongest(this: AudioWorkletNode[]): Promise<number | undefined> {
  const node = this.find(({ context }) => context.state === "running");
  if (!node) return undefined;
  const analyser = new AnalyserNode(node.context, { fftSize: 32_768, smoothingTimeConstant: 0 });
  node.connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  const seconds = analyser.fftSize / node.context.sampleRate;
  const until = node.context.currentTime + seconds;
  while (node.context.currentTime < until) await new Promise((resolve) => setTimeout(resolve, 50));
  analyser.getFloatFrequencyData(bins);
  node.disconnect(analyser);
  const loudest = Math.max(...bins);
  return loudest > -100 ? bins.indexOf(loudest) / seconds : undefined;
}
