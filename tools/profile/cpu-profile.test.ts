import { expect, it } from "vitest";
import { type CpuProfile, parseSymbols, timeByFunction, timeByPart } from "./cpu-profile.ts";

const engine = "wasm://wasm/engine";
const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  ...{ id, callFrame: { functionName, url }, children },
});

const symbols = parseSymbols(
  "5:tcg_qemu_tb_exec\n6:qemuweb_interpret_from\n7:helper_divq_EAX\n8:memcpy\n9:tb_gen_code\n10:cpu_exec_loop\n",
);
const profile: CpuProfile = {
  nodes: [
    node(1, "(root)", "", [2, 20]),
    node(2, "wasm-function[10]", engine, [3, 9]),
    node(3, "wasm-function[5]", engine, [4, 5]),
    node(4, "wasm-function[6]", engine, [6]),
    node(5, "wasm-function[0]", "wasm://wasm/block", [7]),
    node(6, "wasm-function[7]", engine, [8]),
    node(7, "wasm-function[7]", engine),
    node(8, "wasm-function[8]", engine),
    node(9, "wasm-function[9]", engine, [10]),
    node(10, "wasm-function[8]", engine),
    node(20, "(idle)", ""),
  ],
  samples: [4, 5, 5, 8, 7, 10, 2, 20],
  timeDeltas: [1e6, 1e6, 2e6, 1e6, 1e6, 1e6, 5e5, 9e6],
};

it("adds up time by the innermost function that belongs to a part", () => {
  expect(Object.fromEntries(timeByPart(profile, symbols))).toEqual({
    "compiled code": 3,
    helpers: 2,
    interpreter: 1,
    translating: 1,
    "looking for blocks": 0.5,
    asleep: 9,
  });
});

it("adds up the time of functions themselves", () => {
  expect(Object.fromEntries(timeByFunction(profile, symbols))).toEqual({
    "compiled code": 3,
    qemuweb_interpret_from: 1,
    memcpy: 2,
    helper_divq_EAX: 1,
    cpu_exec_loop: 0.5,
    "(idle)": 9,
  });
});
