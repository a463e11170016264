/*
 * Calls of C functions where code seldom makes them, by a function of the module, a thunk: V8's baseline code for such a call is half
 * as long as for an imported one, and most code runs too rarely for V8 to make better one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

Thunk jit_thunks[MAX_THUNKS];
unsigned jit_thunk_count;
/* Where the module's bodies name thunks, as 32-bit numbers. */
static Code cold_calls;

void jit_cold_env(Expression *e)
{
    if (!jit.env) {
        jit_op_u(e, W_GET, LOCAL_ENV);
    }
}

/* The thunk for a C function: its parameters are those given, and the CPU's state first unless that is constant. */
static unsigned thunk_of(const void *function, uint8_t result, const uint8_t *parameters, unsigned count)
{
    uint8_t own[MAX_CALL_IARGS], imported[MAX_CALL_IARGS];
    unsigned n = 0, own_count = 0;
    Thunk *thunk;
    EXPRESSION(e);

    while (n < jit_thunk_count && jit_imports[jit_thunks[n].import] != (uintptr_t)function) {
        n++;
    }
    if (n < jit_thunk_count) {
        return n;
    }
    assert(n < MAX_THUNKS && count + 1 < MAX_CALL_IARGS);
    if (jit.env) {
        jit_const64(&e, jit.env + QEMUWEB_ENV_BIAS);
    } else {
        jit_op_u(&e, W_GET, own_count);
        jit_const32(&e, QEMUWEB_ENV_BIAS);
        jit_op(&e, W_I32_ADD);
        jit_op(&e, W_I64_EXTEND_I32_U);
        own[own_count++] = T_I32;
    }
    imported[0] = T_I64;
    for (unsigned k = 0; k < count; k++) {
        jit_op_u(&e, W_GET, own_count);
        own[own_count++] = imported[k + 1] = parameters[k];
    }
    jit_op(&e, W_I64_EXTEND_I32_U);
    imported[count] = T_I64;

    thunk = &jit_thunks[jit_thunk_count++];
    thunk->type = jit_function_type(result, own, own_count);
    thunk->import = jit_import(function, result, imported, count + 1);
    jit_op_u(&e, W_CALL, thunk->import);
    jit_op(&e, W_END);
    assert(e.length <= sizeof(thunk->body));
    memcpy(thunk->body, e.code, e.length);
    thunk->length = e.length;
    return n;
}

void jit_call_cold(Expression *e, const void *function, uint8_t result, const uint8_t *parameters, unsigned count)
{
    jit_op(e, W_CALL);
    assert(!e->cold_call);
    e->cold_call = e->length;
    /* Two bytes wide, whatever the function's index will be: imports come before it. */
    jit_op(e, 0x80 | thunk_of(function, result, parameters, count));
    jit_op(e, 0);
}

void jit_take_cold_calls(size_t place)
{
    const uint32_t *calls = (const uint32_t *)jit.cold_calls.bytes;

    for (unsigned n = 0; n < jit.cold_calls.length / sizeof(*calls); n++) {
        uint32_t at = place + calls[n];
        jit_put(&cold_calls, &at, sizeof(at));
    }
}

void jit_resolve_cold_calls(Code *bodies)
{
    const uint32_t *calls = (const uint32_t *)cold_calls.bytes;

    for (unsigned n = 0; n < cold_calls.length / sizeof(*calls); n++) {
        uint8_t *operand = bodies->bytes + calls[n];
        unsigned function = jit_import_count + (operand[0] & 0x7f);

        assert(function < 1 << 14);
        operand[0] = 0x80 | (function & 0x7f);
        operand[1] = function >> 7;
    }
    cold_calls.length = 0;
}
