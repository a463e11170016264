import type { EnginePage } from "../lib/engine-page.ts";
import { GuestEnded } from "../lib/guest.ts";
import { type Point, PointReader } from "./point.ts";
import { lockstepProfile, Queue, type Side } from "./side.ts";

/** Options of the extension's accelerator: few runs until a block is compiled, so that most code is; and none at all. */
export const accelerators = { compiled: "jit-threshold=8", interpreted: "jit-threshold=0" };

/** The extension's engine; `accel` are options of its accelerator, as in `jit-threshold=0`. */
export function extensionSide(engine: EnginePage, name: string, accel: string): Side {
  return {
    name,
    async start(guest, stretch) {
      const vm = await engine.create(lockstepProfile(guest.profile, stretch, [accel]), guest.files);
      const points = new Queue<Point>();
      const reader = new PointReader();
      let output = "";
      vm.onOutput = (bytes) => {
        output += Buffer.from(bytes).toString("latin1");
      };
      vm.onLog = (line) => {
        const point = reader.push(line);
        if (point) points.push(point);
      };
      await vm.followLog();
      await vm.start({ boot: true });
      void vm.state(["off", "crashed", "failed"]).then((info) => {
        points.end(info.reason?.code === "powered-off" ? undefined : new GuestEnded(info));
      });
      return {
        points,
        console: () => output,
        async stop() {
          if (vm.info.state !== "off") await vm.act("stop");
          await vm.state(["off", "crashed", "failed"]);
        },
      };
    },
  };
}
