import { buildExtension } from "../../tools/build.ts";

/** Before the first test: the extension as it's shipped. */
export default async function setup(): Promise<void> {
  await buildExtension();
}
