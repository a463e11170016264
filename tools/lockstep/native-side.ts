import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildEngine } from "../../qemu-wasm/build/engine.ts";
import { commandLine, type EngineBuild } from "../../src/qemu/args.ts";
import { type NativeProgram, nativeArguments } from "../bench/native.ts";
import { type Point, PointReader } from "./point.ts";
import { CLOCK, lockstepProfile, Queue, type Side } from "./side.ts";

export interface NativeOptions {
  /** The engine's: the extension's command line depends on it. */
  build: EngineBuild;
  /** Another date than the other side's in the guest's clock: a difference made on purpose. */
  clock?: string;
}

export async function engineBuild(): Promise<EngineBuild> {
  return JSON.parse(readFileSync(join(await buildEngine(), "versions.json"), "utf8")) as EngineBuild;
}

export function nativeSide(program: NativeProgram, { build, clock = CLOCK }: NativeOptions): Side {
  return {
    name: "native",
    async start(guest, stretch) {
      const folder = mkdtempSync(join(tmpdir(), "qemuweb-lockstep-"));
      // A file takes all at once. A pipe that is full would hold the serial port back, for as long as we are busy.
      const output = join(folder, "serial");
      const { args } = commandLine(lockstepProfile(guest.profile, stretch), build);
      const words = nativeArguments(args, guest.native).map((word) =>
        word === "stdio" ? `file:${output}` : word.replace(CLOCK, clock),
      );
      const qemu = spawn(program.command, [...program.args, ...words], { stdio: ["ignore", "ignore", "pipe"] });
      const points = new Queue<Point>();
      const reader = new PointReader();
      let said = "";
      createInterface(qemu.stderr).on("line", (line) => {
        const point = reader.push(line);
        if (point) points.push(point);
        else if (!line.startsWith("lockstep")) said += `\n${line}`;
      });
      const over = new Promise<void>((resolve) => {
        qemu.on("error", (error) => points.end(error));
        qemu.on("close", (status) => {
          points.end(status === 0 ? undefined : new Error(`Native QEMU ended with ${status}.${said}`));
          resolve();
        });
      });
      return {
        points,
        console: () => readFileSync(output, "latin1"),
        async stop() {
          qemu.kill("SIGKILL");
          await over;
          rmSync(folder, { recursive: true });
        },
      };
    },
  };
}
