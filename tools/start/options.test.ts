import { describe, expect, it } from "vitest";
import { parseOptions, UsageError } from "./options.ts";

const fails = (argv: string[]) => {
  try {
    parseOptions(argv);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error("It was accepted.");
};

describe("the runner's command line", () => {
  it("is empty for a quick VM in a window", () => {
    const options = parseOptions([]);
    expect(options).toEqual({
      help: false,
      headless: false,
      json: false,
      profile: false,
      disks: [],
      extra: [],
      steps: [],
    });
  });

  it("keeps the order of --until and --type", () => {
    const argv = ["--type", "a", "--until", "A", "--headless", "--until=B", "--type=b c"];
    const options = parseOptions(argv);
    expect(options.steps).toEqual([{ type: "a" }, { until: "A" }, { until: "B" }, { type: "b c" }]);
    expect(options.headless).toBe(true);
  });

  it("takes values that start with a dash", () => {
    const options = parseOptions(["--extra", "-device isa-debug-exit", "--append", "--x", "--type", "-v"]);
    expect(options.extra).toEqual(["-device", "isa-debug-exit"]);
    expect(options.append).toBe("--x");
    expect(options.steps).toEqual([{ type: "-v" }]);
  });

  it("splits --extra as a shell does, and adds up several", () => {
    const { extra } = parseOptions(["--extra", "-name 'two words'", "--extra", "-S"]);
    expect(extra).toEqual(["-name", "two words", "-S"]);
  });

  it("reads disks with format, readonly and doubled commas", () => {
    const { disks } = parseOptions(["--disk", "a.img", "--disk", "b,,c.img,format=vmdk,readonly"]);
    expect(disks).toEqual([
      { path: "a.img", readonly: false },
      { path: "b,c.img", format: "vmdk", readonly: true },
    ]);
  });

  it("reads numbers", () => {
    const options = parseOptions(["--memory", "512", "--smp", "2", "--timeout", "1.5"]);
    expect(options).toMatchObject({ memory: 512, smp: 2, timeout: 1.5 });
  });

  it.each([
    [["--memory", "12G"], /--memory is a whole number/],
    [["--timeout", "0"], /--timeout is a number of seconds/],
    [["--machine", "virt"], /--machine is one of q35, pc, microvm/],
    [["--disk", "a,format=dmg"], /not "format=dmg"/],
    [["--initrd", "i"], /--initrd needs --kernel/],
    [["--disk", "d", "--append", "x"], /--append needs --kernel/],
    [["--until", ""], /--until needs a text/],
    [["--extra", "'open"], /quote is not closed/],
    [["--unknown"], /--unknown/],
    [["stray"], /stray/],
    [["--kernel"], /--kernel/],
  ])("refuses %j in one sentence", (argv, message) => {
    expect(fails(argv)).toMatch(message);
  });
});
