import { expect, test } from "vitest";
import { read, repositoryFiles } from "./repository.ts";

const isCode = (path: string) => /\.(tsx?|mjs|css|c|h|sh)$/.test(path);

test("no file is longer than 500 lines", () => {
  const long = repositoryFiles().filter((path) => isCode(path) && read(path).split("\n").length > 500);
  expect(long).toEqual([]);
});

test("nothing names one machine's folders or hosts", () => {
  // Written so that this file does not match itself.
  const places = new RegExp(
    ["/(?:work|home|root|Users)/[\\w.-]", "\\b(?:10|192\\.168)(?:\\.\\d{1,3}){2,3}:\\d"].join("|"),
  );
  const text = /\.(tsx?|mjs|json|html|css|md|sh|c|h|patch|config|mak|txt|ini|svg)$/;
  const guilty = repositoryFiles()
    .filter((path) => text.test(path) && path !== "package-lock.json")
    .flatMap((path) => {
      const found = places.exec(read(path));
      return found ? [`${path}: ${found[0]}`] : [];
    });
  expect(guilty).toEqual([]);
});
