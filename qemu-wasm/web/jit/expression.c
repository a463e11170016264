/*
 * Code in the making: bytes, expressions, and the values of registers and argument slots.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

void jit_put(Code *code, const void *bytes, size_t length)
{
    if (code->length + length > code->capacity) {
        code->capacity = MAX(code->capacity * 2, code->length + length + 65536);
        code->bytes = g_realloc(code->bytes, code->capacity);
    }
    memcpy(code->bytes + code->length, bytes, length);
    code->length += length;
}

unsigned jit_unsigned_leb(uint8_t *to, uint64_t value)
{
    unsigned length = 0;

    do {
        to[length++] = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);
        value >>= 7;
    } while (value);
    return length;
}

unsigned jit_signed_leb(uint8_t *to, int64_t value)
{
    unsigned length = 0;
    bool more;

    do {
        uint8_t byte = value & 0x7f;
        value >>= 7;
        more = value != (byte & 0x40 ? -1 : 0);
        to[length++] = byte | (more ? 0x80 : 0);
    } while (more);
    return length;
}

void jit_put8(Code *code, uint8_t byte)
{
    jit_put(code, &byte, 1);
}

void jit_put_number(Code *code, uint64_t value)
{
    uint8_t leb[10];

    jit_put(code, leb, jit_unsigned_leb(leb, value));
}

/* The parts of an expression. */

void jit_op(Expression *e, uint8_t opcode)
{
    assert(e->length < sizeof(e->code) - 16);
    e->code[e->length++] = opcode;
}

void jit_op_u(Expression *e, uint8_t opcode, uint32_t operand)
{
    jit_op(e, opcode);
    e->length += jit_unsigned_leb(e->code + e->length, operand);
}

void jit_op_memory(Expression *e, uint8_t opcode, uint32_t offset)
{
    jit_op_u(e, opcode, 0);
    e->length += jit_unsigned_leb(e->code + e->length, offset);
}

void jit_const32(Expression *e, int32_t value)
{
    jit_op(e, W_I32_CONST);
    e->length += jit_signed_leb(e->code + e->length, value);
}

void jit_const64(Expression *e, int64_t value)
{
    jit_op(e, W_I64_CONST);
    e->length += jit_signed_leb(e->code + e->length, value);
}

static void widen(Expression *e)
{
    if (e->narrow) {
        jit_op(e, W_I64_EXTEND_I32_U);
        e->narrow = false;
    }
}

void jit_constant(Expression *e, unsigned size, int64_t value)
{
    if (size == 8) {
        jit_const64(e, value);
    } else {
        jit_const32(e, value);
    }
}

void jit_hold(Expression *e, uint8_t local)
{
    assert(e->ref_count < ARRAY_SIZE(e->refs));
    e->refs[e->ref_count++] = local;
    jit.holders[local]++;
}

void jit_env(Expression *e)
{
    if (jit.env) {
        jit_const32(e, jit.env);
    } else {
        jit_op_u(e, W_GET, LOCAL_ENV);
    }
}

void jit_state_address(Expression *e, int offset)
{
    if (jit.env) {
        jit_const32(e, jit.env + QEMUWEB_ENV_BIAS + offset);
    } else {
        jit_env(e);
        jit_const32(e, QEMUWEB_ENV_BIAS + offset);
        jit_op(e, W_I32_ADD);
    }
}

void jit_reads_env(Expression *e, int low, int high)
{
    e->low = e->low < e->high ? MIN(e->low, low) : low;
    e->high = MAX(e->high, high);
}

/* Emits what was built, and starts anew. */
void jit_emit(Expression *e)
{
    if (e->cold_call) {
        uint32_t at = jit.code.length + e->cold_call;
        jit_put(&jit.cold_calls, &at, sizeof(at));
    }
    jit_put(&jit.code, e->code, e->length);
    for (unsigned i = 0; i < e->ref_count; i++) {
        jit.holders[e->refs[i]]--;
    }
    jit_clear(e);
}

uint8_t jit_new_local(void)
{
    unsigned local = FIRST_LOCAL;

    while (local < MAX_LOCALS && (jit.holders[local] || (jit.vector_locals >> local & 1))) {
        local++;
    }
    if (local == MAX_LOCALS) {
        jit.failed = true;
        return FIRST_LOCAL;
    }
    jit.local_count = MAX(jit.local_count, local + 1 - FIRST_LOCAL);
    return local;
}

uint8_t jit_own_local(uint8_t *local)
{
    if (!*local) {
        *local = jit_new_local();
        jit.holders[*local]++;
    }
    return *local;
}

void jit_forget(Value *value)
{
    if (value->kind == IN_LOCAL) {
        jit.holders[value->local]--;
    } else if (value->kind == DEFERRED) {
        for (unsigned i = 0; i < value->ref_count; i++) {
            jit.holders[value->refs[i]]--;
        }
    }
    value->kind = EMPTY;
}

/* Appends value v as it is: an i32 if *narrow says so after the call. */
static void use(Expression *e, unsigned v, bool *narrow)
{
    Value *value = &jit.values[v];

    *narrow = false;
    if (v == TCG_AREG0) {
        jit_state_address(e, 0);
        *narrow = true;
        return;
    }
    switch (value->kind) {
    case CONSTANT:
        jit_const64(e, value->constant);
        break;
    case IN_STATE:
        jit_state_address(e, value->constant);
        *narrow = true;
        break;
    case IN_LOCAL:
        jit_op_u(e, W_GET, value->local);
        jit_hold(e, value->local);
        break;
    case DEFERRED:
        assert(e->length + value->length < sizeof(e->code) - 16);
        memcpy(e->code + e->length, value->code, value->length);
        e->length += value->length;
        for (unsigned i = 0; i < value->ref_count; i++) {
            jit_hold(e, value->refs[i]);
        }
        if (value->low < value->high) {
            jit_reads_env(e, value->low, value->high);
        }
        *narrow = value->narrow;
        break;
    default:
        jit.failed = true;
        return;
    }
    if (--value->uses == 0) {
        jit_forget(value);
    }
}

void jit_use64(Expression *e, unsigned v)
{
    bool narrow;

    use(e, v, &narrow);
    if (narrow) {
        jit_op(e, W_I64_EXTEND_I32_U);
    }
}

void jit_use32(Expression *e, unsigned v)
{
    bool narrow;

    if (jit.values[v].kind == CONSTANT) {
        jit_const32(e, jit.values[v].constant);
        jit.values[v].uses--;
        return;
    }
    use(e, v, &narrow);
    if (!narrow) {
        jit_op(e, W_I32_WRAP);
    }
}

/* The value on the stack goes to v, which will be used so often. */
void jit_emit_set(Expression *e, unsigned v, unsigned uses)
{
    Value *value = &jit.values[v];

    jit_forget(value);
    if (uses == 0) {
        jit_op(e, W_DROP);
        jit_emit(e);
        return;
    }
    widen(e);
    value->local = jit_new_local();
    jit_op_u(e, W_SET, value->local);
    jit_emit(e);
    value->kind = IN_LOCAL;
    value->uses = uses;
    jit.holders[value->local]++;
}

/* v becomes the expression, which has no effect but its value. */
void jit_define(Expression *e, unsigned v, unsigned uses)
{
    Value *value = &jit.values[v];

    if (uses != 1 || e->length > MAX_DEFERRED || e->ref_count > MAX_REFS) {
        if (uses == 0) {
            jit_forget(value);
            e->length = 0;
            jit_emit(e);
        } else {
            jit_emit_set(e, v, uses);
        }
        return;
    }
    jit_forget(value);
    *value = (Value) {
        .kind = DEFERRED, .uses = 1, .length = e->length, .narrow = e->narrow, .ref_count = e->ref_count,
        .low = e->low, .high = e->high,
    };
    memcpy(value->code, e->code, e->length);
    memcpy(value->refs, e->refs, e->ref_count);
    jit_clear(e);
}

void jit_define_constant(unsigned v, Kind kind, int64_t constant, unsigned uses)
{
    jit_forget(&jit.values[v]);
    jit.values[v] = (Value) { .kind = kind, .constant = constant, .uses = uses };
}

/* v becomes the value of another. */
void jit_define_copy(unsigned v, unsigned from, unsigned uses)
{
    Value *source = &jit.values[from];
    EXPRESSION(e);

    if (from == TCG_AREG0) {
        jit_define_constant(v, IN_STATE, 0, uses);
    } else if (source->kind == CONSTANT || source->kind == IN_STATE) {
        int64_t constant = source->constant;
        Kind kind = source->kind;
        source->uses--;
        jit_define_constant(v, kind, constant, uses);
    } else if (source->kind == IN_LOCAL) {
        uint8_t local = source->local;
        jit.holders[local]++;
        if (--source->uses == 0) {
            jit_forget(source);
        }
        jit_forget(&jit.values[v]);
        if (uses) {
            jit.values[v] = (Value) { .kind = IN_LOCAL, .local = local, .uses = uses };
        } else {
            jit.holders[local]--;
        }
    } else {
        use(&e, from, &e.narrow);
        jit_define(&e, v, uses);
    }
}

/* Evaluates what reads env between low and high, before that is written. */
void jit_settle(int low, int high)
{
    for (unsigned v = 0; v < VALUES; v++) {
        Value *value = &jit.values[v];
        if (value->kind == DEFERRED && value->low < value->high && value->low < high && low < value->high) {
            EXPRESSION(e);
            unsigned uses = value->uses;
            use(&e, v, &e.narrow);
            jit_emit_set(&e, v, uses);
        }
    }
}

void jit_settle_all(void)
{
    jit_settle(INT_MIN, INT_MAX);
}

/* Has the value in a local for the time of an access: its own, or a new one. */
uint8_t jit_in_local(unsigned v)
{
    EXPRESSION(e);
    Value *value = &jit.values[v];
    uint8_t local;

    if (v != TCG_AREG0 && value->kind == IN_LOCAL) {
        local = value->local;
        jit.holders[local]++;
        if (--value->uses == 0) {
            jit_forget(value);
        }
        return local;
    }
    jit_use64(&e, v);
    local = jit_new_local();
    jit_op_u(&e, W_SET, local);
    jit_emit(&e);
    jit.holders[local]++;
    return local;
}
