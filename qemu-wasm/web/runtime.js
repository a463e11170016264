/*
 * JavaScript half of home.c, coroutine.c, wake.c, jit/, block.c, chardev.c, migration.c, display.c and audio.c: a library for emscripten's
 * linker. No module: the linker evaluates it and copies the functions' texts.
 *
 * A function listed in a `__postset` as `new WebAssembly.Suspending(...)` may return a promise, and the wasm that called it is
 * suspended until that settles; if it returns a plain value nothing is suspended.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
addToLibrary({
  /* home.c: starts the promising base on this thread once main() has unwound. */
  qemuweb_start_base__deps: ["$qemuwebFatal"],
  qemuweb_start_base: () => {
    queueMicrotask(() => WebAssembly.promising(wasmExports["qemuweb_base"])().catch(qemuwebFatal));
  },

  /*
   * Where exit() of any thread ends, on the runtime's main thread. Replaces emscripten's own, which tells nobody while the runtime
   * is kept alive.
   */
  $exitOnMainThread__proxy: "async",
  $exitOnMainThread: (status) => {
    Module["onExit"]?.(status);
  },

  /* What ends a suspended chain: exit() unwinds through it; all else is a trap, and QEMU can't go on. */
  $qemuwebFatal: (reason) => {
    if (reason === "unwind" || reason instanceof ExitStatus) return;
    err(`engine trap: ${reason?.stack ?? reason}`);
    abort(`engine trap: ${reason}`);
  },

  /*
   * coroutine.c. Of each live coroutine: `resume` continues it (it has yielded), `wake` continues who entered it (that one is
   * suspended), `back` says that it yielded or ended while who entered it was still on the JavaScript stack.
   */
  $qemuwebCoroutines: {},
  $qemuwebCoroutines__postset: "qemuwebCoroutines = new Map();",

  $qemuwebLeave__deps: ["$qemuwebCoroutines"],
  $qemuwebLeave: (coroutine) => {
    const wake = coroutine.wake;
    coroutine.wake = null;
    if (wake) wake();
    else coroutine.back = true;
  },

  qemuweb_coroutine_start__deps: ["$qemuwebCoroutines", "$qemuwebFatal"],
  qemuweb_coroutine_start__postset:
    "if (WebAssembly.Suspending) _qemuweb_coroutine_start = new WebAssembly.Suspending(_qemuweb_coroutine_start);",
  qemuweb_coroutine_start: (handle) => {
    const coroutine = { resume: null, wake: null, back: false };
    qemuwebCoroutines.set(handle, coroutine);
    qemuwebCoroutines.run ??= WebAssembly.promising(wasmExports["qemuweb_coroutine_run"]);
    qemuwebCoroutines.run(handle).catch(qemuwebFatal);
    if (coroutine.back) return;
    return new Promise((resolve) => {
      coroutine.wake = resolve;
    });
  },

  qemuweb_coroutine_resume__deps: ["$qemuwebCoroutines"],
  qemuweb_coroutine_resume__postset:
    "if (WebAssembly.Suspending) _qemuweb_coroutine_resume = new WebAssembly.Suspending(_qemuweb_coroutine_resume);",
  qemuweb_coroutine_resume: (handle) => {
    const coroutine = qemuwebCoroutines.get(handle);
    const resume = coroutine.resume;
    coroutine.resume = null;
    coroutine.back = false;
    resume();
    return new Promise((resolve) => {
      coroutine.wake = resolve;
    });
  },

  qemuweb_coroutine_yield__deps: ["$qemuwebCoroutines", "$qemuwebLeave"],
  qemuweb_coroutine_yield__postset:
    "if (WebAssembly.Suspending) _qemuweb_coroutine_yield = new WebAssembly.Suspending(_qemuweb_coroutine_yield);",
  qemuweb_coroutine_yield: (handle) => {
    const coroutine = qemuwebCoroutines.get(handle);
    qemuwebLeave(coroutine);
    return new Promise((resolve) => {
      coroutine.resume = resolve;
    });
  },

  qemuweb_coroutine_end__deps: ["$qemuwebCoroutines", "$qemuwebLeave"],
  qemuweb_coroutine_end: (handle) => {
    const coroutine = qemuwebCoroutines.get(handle);
    qemuwebCoroutines.delete(handle);
    qemuwebLeave(coroutine);
  },

  /* wake.c: sleeps until the word is no longer what was seen; the worker's event loop goes on meanwhile. */
  qemuweb_sleep__postset: "if (WebAssembly.Suspending) _qemuweb_sleep = new WebAssembly.Suspending(_qemuweb_sleep);",
  qemuweb_sleep: (word, seen, timeout) => {
    const wait = Atomics.waitAsync(HEAP32, word >>> 2, seen | 0, timeout < 0 ? Number.POSITIVE_INFINITY : timeout);
    if (wait.async) return wait.value.then(() => {});
  },

  /*
   * jit/: a module puts its functions into the table of this thread's instance by itself, and imports those that it calls by
   * their indices there. If it can't be had (no more memory for code), its blocks stay with the interpreter.
   */
  $qemuwebFunctions: {},
  qemuweb_jit_instantiate__deps: ["$qemuwebFunctions"],
  qemuweb_jit_instantiate: (bytes, length, imports, count, variables) => {
    for (const index of HEAPU32.subarray(imports >>> 2, (imports >>> 2) + count)) {
      qemuwebFunctions[index] ??= wasmTable.get(index);
    }
    try {
      const module = new WebAssembly.Module(HEAPU8.slice(bytes >>> 0, (bytes >>> 0) + length));
      new WebAssembly.Instance(module, { e: { m: wasmMemory, t: wasmTable, v: variables }, f: qemuwebFunctions });
      return true;
    } catch (error) {
      err(`jit: ${error}`);
      return false;
    }
  },
  qemuweb_jit_grow: (count, filler) => wasmTable.grow(count, wasmTable.get(filler)),
  qemuweb_jit_clear: (first, count, filler) => {
    const entry = wasmTable.get(filler);
    for (let index = first; index < first + count; index++) wasmTable.set(index, entry);
  },

  /* block.c: has the VM's Worker, which is the runtime's main thread, serve a disk. */
  qemuweb_block_open__proxy: "sync",
  qemuweb_block_open__deps: ["$UTF8ToString"],
  qemuweb_block_open: (device, shared) => {
    Module["onBlock"]?.(UTF8ToString(device), shared >>> 0);
  },

  /* chardev.c: tells the VM's Worker, which is the runtime's main thread, where a device's rings are. */
  qemuweb_chardev_open__proxy: "sync",
  qemuweb_chardev_open__deps: ["$UTF8ToString"],
  qemuweb_chardev_open: (label, shared) => {
    Module["onChardev"]?.(UTF8ToString(label), shared >>> 0);
  },

  /* display.c: the same for the display, of which there is one at most. */
  qemuweb_display_open__proxy: "sync",
  qemuweb_display_open: (shared) => {
    Module["onDisplay"]?.(shared >>> 0);
  },

  /* audio.c: the same for what the guest plays. */
  qemuweb_audio_open__proxy: "sync",
  qemuweb_audio_open: (shared) => {
    Module["onAudio"]?.(shared >>> 0);
  },

  /* migration.c: has the VM's Worker take or give the bytes of a saved VM. */
  qemuweb_migration_open__proxy: "sync",
  qemuweb_migration_open: (shared, incoming) => {
    Module["onMigration"]?.(shared >>> 0, incoming !== 0);
  },
  qemuweb_migration_close__proxy: "async",
  qemuweb_migration_close: () => {
    Module["onMigrationClosed"]?.();
  },
});
