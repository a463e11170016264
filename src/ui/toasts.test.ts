import { expect, test } from "vitest";
import { QemuWebError } from "../core/errors.ts";
import { createToasts, showError, showInfo } from "./toasts.ts";

test("errors bring their hint, plain errors get one", () => {
  const toasts = createToasts();
  showError(toasts, new QemuWebError("vm-state", "It is off.", "Start it."));
  showError(toasts, new Error("boom"));
  const { shown } = toasts.get();
  expect(shown[0]).toMatchObject({ kind: "error", message: "It is off.", hint: "Start it." });
  expect(shown[1]?.hint).toMatch(/log/);
});

test("the same text is shown once, four at most, and each can be dismissed", () => {
  const toasts = createToasts();
  for (const text of ["a", "b", "a", "c", "d", "e"]) showInfo(toasts, text);
  expect(toasts.get().shown.map((t) => t.message)).toEqual(["a", "c", "d", "e"]);
  const [first] = toasts.get().shown;
  toasts.dispatch({ type: "dismiss", id: first?.id ?? 0 });
  expect(toasts.get().shown.map((t) => t.message)).toEqual(["c", "d", "e"]);
});
