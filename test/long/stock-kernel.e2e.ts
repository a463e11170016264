import { join } from "node:path";
import { type StockName, stock, stockKernel } from "../../qemu-wasm/guests/stock.ts";
import { parseProfile } from "../../src/model/parse-profile.ts";
import { expect, test } from "../lib/test.ts";

const machines: Record<StockName, string> = { amd64: "x86_64", "686": "i686" };

for (const name of ["amd64", "686"] as const) {
  test(`Debian's stock ${name} kernel, which nobody here configured, reaches its shell`, async ({ engine }) => {
    test.setTimeout(900_000);
    const folder = await stockKernel(name);
    const user = (name: string) => ({ from: "user", name }) as const;
    const profile = parseProfile({
      name: "Stock kernel",
      boot: { kernel: user("vmlinuz"), initrd: user("initramfs.cpio"), append: stock.commandLine },
    });
    const guest = await engine.create(profile, {
      vmlinuz: join(folder, "vmlinuz"),
      "initramfs.cpio": join(folder, "initramfs.cpio"),
    });
    await guest.start();
    await guest.find("Linux version");
    await guest.find(stock.prompt);
    await guest.type("uname -m; echo shell-$((6*7))");
    expect(await guest.find(/.*shell-42/s)).toContain(`\n${machines[name]}\r`);
    expect(guest.info.state).toBe("running");
  });
}
