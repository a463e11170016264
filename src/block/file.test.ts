import { expect, test } from "vitest";
import { FileDevice } from "./file.ts";

test("a file that was changed since it was chosen is told by its name", async () => {
  const file = new File(["old"], "debian.img");
  const failure = new DOMException("The requested file could not be read", "NotReadableError");
  file.slice = () => Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(failure) });
  await expect(new FileDevice(file).read(0, new Uint8Array(1))).rejects.toMatchObject({
    code: "file-unreadable",
    message: "The image debian.img can't be read: it was moved or changed since it was chosen.",
    hint: /Put the image back/,
    cause: failure,
  });
});
