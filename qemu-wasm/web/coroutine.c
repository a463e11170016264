/*
 * Coroutines on JavaScript Promise Integration. JavaScript half: runtime.js.
 *
 * Each coroutine is one promising call of qemuweb_coroutine_run, on a C stack of its own in linear memory. The wasm
 * frames are switched by the engine when an import suspends; the C stack pointer, a global that the engine knows
 * nothing of, is saved before each suspending import and restored after it. Thread-local storage needs no care: all
 * coroutines live on the home thread (home.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/coroutine_int.h"
#include "qemu/memalign.h"
#include "qemu/units.h"
#include "home.h"

#include <emscripten.h>
#include <emscripten/stack.h>

/* Enough for the block layer's deepest paths (upstream allots 1 MiB); a coroutine's stack is kept in the pool. */
#define STACK_SIZE (256 * KiB)

typedef struct {
    Coroutine base;
    void *stack;
    bool started;
    CoroutineAction action;
} CoroutineWeb;

/*
 * Handles are addresses: linear memory ends at 4 GiB, and an int crosses to JavaScript as a number, not a BigInt.
 * start and resume return, perhaps much later, when the coroutine has yielded or ended.
 */
void qemuweb_coroutine_start(uint32_t handle);
void qemuweb_coroutine_resume(uint32_t handle);
void qemuweb_coroutine_yield(uint32_t handle);
void qemuweb_coroutine_end(uint32_t handle);

void _emscripten_stack_restore(uintptr_t sp);

static CoroutineWeb leader; /* what runs on the home thread outside of any coroutine */
static CoroutineWeb *current = &leader;

static void __attribute__((noinline)) run(uint32_t handle)
{
    CoroutineWeb *co = (CoroutineWeb *)(uintptr_t)handle;

    co->base.entry(co->base.entry_arg);
    current = container_of(co->base.caller, CoroutineWeb, base);
    co->base.caller = NULL;
    co->started = false;
    co->action = COROUTINE_TERMINATE;
}

/* Has no C stack frame itself: the stack pointer changes under it. */
EMSCRIPTEN_KEEPALIVE void qemuweb_coroutine_run(uint32_t handle)
{
    CoroutineWeb *co = (CoroutineWeb *)(uintptr_t)handle;

    _emscripten_stack_restore((uintptr_t)co->stack + STACK_SIZE);
    run(handle);
    qemuweb_coroutine_end(handle);
}

Coroutine *qemu_coroutine_new(void)
{
    CoroutineWeb *co = g_new0(CoroutineWeb, 1);

    co->stack = qemu_memalign(16, STACK_SIZE);
    return &co->base;
}

void qemu_coroutine_delete(Coroutine *co_)
{
    CoroutineWeb *co = container_of(co_, CoroutineWeb, base);

    qemu_vfree(co->stack);
    g_free(co);
}

CoroutineAction qemu_coroutine_switch(Coroutine *from_, Coroutine *to_, CoroutineAction action)
{
    CoroutineWeb *from = container_of(from_, CoroutineWeb, base);
    CoroutineWeb *to = container_of(to_, CoroutineWeb, base);
    uintptr_t sp = emscripten_stack_get_current();

    assert(qemuweb_on_home_thread());
    current = to;
    if (action == COROUTINE_ENTER) {
        if (to->started) {
            qemuweb_coroutine_resume((uintptr_t)to);
        } else {
            to->started = true;
            qemuweb_coroutine_start((uintptr_t)to);
        }
        _emscripten_stack_restore(sp);
        return to->action;
    }
    from->action = action;
    qemuweb_coroutine_yield((uintptr_t)from);
    _emscripten_stack_restore(sp);
    return COROUTINE_ENTER;
}

Coroutine *qemu_coroutine_self(void)
{
    /* Other threads ask too, and never enter: each is its own leader. */
    static __thread Coroutine outside;

    return qemuweb_on_home_thread() ? &current->base : &outside;
}

bool qemu_in_coroutine(void)
{
    return qemuweb_on_home_thread() && current != &leader;
}
