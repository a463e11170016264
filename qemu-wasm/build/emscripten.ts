/** How emscripten is called: one set of flags for every object. */
import { join } from "node:path";
import { cacheRoot } from "./cache.ts";
import type { Toolchain } from "./toolchain.ts";

/** MEMORY64=2: 64-bit C pointers lowered to wasm32. Native wasm longjmp: no JavaScript frame ever stands on a C stack. */
export const compileFlags = "-O3 -pthread -sMEMORY64=2 -sSUPPORT_LONGJMP=wasm";

/** Environment for scripts that call it. Its cache of system libraries is a toolchain's own; Debian's emscripten would make none. */
export function emscriptenEnvironment({ identity, flags, path }: Toolchain) {
  const all = [compileFlags, flags].join(" ").trim();
  return {
    EM_CACHE: path(join(cacheRoot, "emscripten", identity)),
    EM_FROZEN_CACHE: "0",
    CFLAGS: all,
    CXXFLAGS: all,
    LDFLAGS: all,
  };
}

/** A meson cross file for wasm64-as-wasm32 libraries. */
export const mesonCrossFile = `[binaries]
c = 'emcc'
cpp = 'em++'
ar = 'emar'
ranlib = 'emranlib'
pkgconfig = ['pkg-config', '--static']
pkg-config = ['pkg-config', '--static']
[host_machine]
system = 'emscripten'
cpu_family = 'wasm64'
cpu = 'wasm64'
endian = 'little'
`;

/**
 * Link flags of the engine. Memory is made by worker.ts, as large as the VM needs, and never grows: the growth flags only make
 * the module accept a memory of any size up to 4 GiB.
 */
export const linkFlags = [
  ...["-O2", "-pthread", "-sMEMORY64=2", "-sWASM_BIGINT", "-sSUPPORT_LONGJMP=wasm", "-sASYNCIFY=0"],
  ...["-sPROXY_TO_PTHREAD=1", "-sPTHREAD_POOL_SIZE=3", "-sSTACK_SIZE=8MB", "-sDEFAULT_PTHREAD_STACK_SIZE=4MB"],
  ...["-sALLOW_MEMORY_GROWTH", "-sINITIAL_MEMORY=64MB", "-sMAXIMUM_MEMORY=4GB", "-sALLOW_TABLE_GROWTH"],
  ...["-sMODULARIZE", "-sEXPORT_ES6=1", "-sENVIRONMENT=worker", "-sDYNAMIC_EXECUTION=0"],
  ...["-sFORCE_FILESYSTEM", "-sEXPORTED_RUNTIME_METHODS=FS,PThread"],
  // Binaryen 120's pass `precompute` takes a fence for something without effect, and drops it (test/e2e/barrier).
  ...["-sBINARYEN_EXTRA_PASSES=--skip-pass=precompute", "-Wno-pthreads-mem-growth", "--emit-symbol-map"],
];
