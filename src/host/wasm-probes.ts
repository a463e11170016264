/** Feature tests by tiny modules: `WebAssembly.validate` knows a feature without running it. */

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** type section: one function () -> (); function section: one of that type. */
const VOID_FUNCTION = [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0];

/** Is a module with one function of this body valid here? */
function body(sections: number[], code: number[]): boolean {
  const size = code.length + 2; // no locals; `end`
  const section = [10, size + 2, 1, size, 0, ...code, 0x0b];
  return WebAssembly.validate(Uint8Array.from([...HEADER, ...sections, ...section]));
}

/** Atomic wait on a shared memory (threads proposal). */
export function hasThreads(): boolean {
  const sharedMemory = [5, 4, 1, 3, 1, 1];
  const notify = [0x41, 0, 0x41, 0, 0xfe, 0, 2, 0, 0x1a]; // i32.const 0 twice, memory.atomic.notify, drop
  return body([...VOID_FUNCTION, ...sharedMemory], notify);
}

export function hasSimd(): boolean {
  return body(VOID_FUNCTION, [0x41, 0, 0xfd, 15, 0x1a]); // i8x16.splat, drop
}

/** Native exceptions, which the engine's longjmp uses: `try` (legacy encoding, what Emscripten emits) with `catch_all`. */
export function hasExceptions(): boolean {
  return body(VOID_FUNCTION, [0x06, 0x40, 0x19, 0x0b]);
}

/** JavaScript promise integration: coroutines suspend on it. */
export function hasJspi(): boolean {
  return "Suspending" in WebAssembly && "promising" in WebAssembly;
}

let largest: number | undefined;

/**
 * MiB of the largest shared memory that is granted, of a few sizes. Reserving costs address space only, but that until
 * the next garbage collection: tried once.
 */
export function largestSharedMemory(): number {
  largest ??= tryMemories();
  return largest;
}

function tryMemories(): number {
  for (const mib of [4096, 2048, 1024, 512, 256]) {
    try {
      new WebAssembly.Memory({ initial: 1, maximum: mib * 16, shared: true });
      return mib;
    } catch {
      // Refused: try a smaller one.
    }
  }
  return 0;
}
