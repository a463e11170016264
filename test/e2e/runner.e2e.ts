import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { repository } from "../../qemu-wasm/build/cache.ts";
import { removeAtExit } from "../lib/temporary.ts";

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** `npm start -- ...`, as a user types it. */
function npmStart(...args: string[]): Promise<Ended> {
  const child = spawn("npm", ["start", "--silent", "--", ...args], {
    cwd: repository,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => {
    stdout += data;
  });
  child.stderr.on("data", (data: Buffer) => {
    stderr += data;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

test("types a command and ends with 0 once its answer came; logs and reports", async () => {
  const log = join(removeAtExit(mkdtempSync(join(tmpdir(), "qemuweb-"))), "serial.log");
  const command = "uname -a; echo done-$((6*7))";
  const steps = ["--type", command, "--until", "done-42", "--type", "hostname; echo x$((1+1))x", "--until", "x2x"];
  const { status, stdout, stderr } = await npmStart("--headless", ...steps, "--serial-log", log, "--json");
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/Linux .*x86_64/);
  const report = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  expect(report).toMatchObject({ ok: true, until: [{ text: "done-42" }, { text: "x2x" }] });
  expect(report.firstSerialByte).toBeGreaterThanOrEqual(report.engineLoaded);
  expect(report.until[1].ms).toBeGreaterThan(report.until[0].ms);
  expect(stdout.startsWith(readFileSync(log, "utf8"))).toBe(true);
});

test("ends with 1 and the last output when the time is over", async () => {
  const { status, stderr } = await npmStart("--headless", "--until", "never printed", "--timeout", "5");
  expect(status).toBe(1);
  expect(stderr).toMatch(/last serial output|no serial output/);
  expect(stderr).toContain("--timeout");
});

test("ends with 1 and the reason when the VM fails", async () => {
  const { status, stderr } = await npmStart("--headless", "--extra", "-device flux-capacitor", "--until", "x");
  expect(status).toBe(1);
  expect(stderr).toContain("flux-capacitor");
});

test("ends with 0 when the guest powers off after the last step", async () => {
  const { status, stderr } = await npmStart("--headless", "--type", "poweroff", "--timeout", "90");
  expect(status, stderr).toBe(0);
});

test("ends with 2 and a sentence when the options make no sense", async () => {
  const { status, stderr, stdout } = await npmStart("--headless", "--memory", "lots");
  expect(status).toBe(2);
  expect(stderr).toContain("--memory is a whole number");
  expect(stdout).toBe("");
});
