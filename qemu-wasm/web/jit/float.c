/*
 * Floating-point arithmetic of the guest's that is WebAssembly's own. QEMU's helpers (fpu/softfloat.c) let the host compute, too,
 * where that can't show: what is rounded is rounded to nearest, and inexact was raised before; no operand is denormal or a NaN, and no
 * result is anything but a normal number. Compiled code asks that by itself, and calls the helper if it isn't so.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

QemuwebFloats qemuweb_floats;

/* The opcode for numbers of the operation's size, and for integers of that size. */
#define FLOAT(name) (f->size == 8 ? W_F64_##name : W_F32_##name)
#define INTEGER(name) (f->size == 8 ? W_I64_##name : W_I32_##name)

#define VECTOR(name) (f->size == 8 ? V_F64_##name : V_F32_##name)

/* What code branches to if the helper has to do it, and where it goes on: the two blocks that it is in. */
enum { CALL_HELPER, GO_ON };

static const QemuwebFloat *find(const void *helper)
{
    for (unsigned n = 0; n < qemuweb_floats.count; n++) {
        if (qemuweb_floats.helpers[n].helper == helper) {
            return &qemuweb_floats.helpers[n];
        }
    }
    return NULL;
}

static void load(Expression *e, uint8_t opcode, int offset)
{
    jit_env(e);
    jit_op_memory(e, opcode, offset + QEMUWEB_ENV_BIAS);
}

static void copy(Expression *e, unsigned size, int to, int from)
{
    jit_env(e);
    load(e, size == 8 ? W_I64_LOAD : W_I32_LOAD, from);
    jit_op_memory(e, size == 8 ? W_I64_STORE : W_I32_STORE, to + QEMUWEB_ENV_BIAS);
}

static void begin(Expression *e, uint8_t result)
{
    jit_op_u(e, W_BLOCK, result);
    jit_op_u(e, W_BLOCK, T_VOID);
}

static void unless_usual(Expression *e)
{
    load(e, W_I32_LOAD, qemuweb_floats.status);
    jit_const32(e, qemuweb_floats.mask);
    jit_op(e, W_I32_AND);
    jit_const32(e, qemuweb_floats.usual);
    jit_op(e, W_I32_NE);
    jit_op_u(e, W_BR_IF, CALL_HELPER);
}

/* Leaves bits without their sign, less `less`. */
static void magnitude_less(Expression *e, const QemuwebFloat *f, uint64_t less)
{
    jit_constant(e, f->size, 1);
    jit_op(e, INTEGER(SHL));
    jit_constant(e, f->size, less);
    jit_op(e, INTEGER(SUB));
}

/* One bit above the fraction, where magnitudes are shifted by one. */
static uint64_t lowest_exponent(const QemuwebFloat *f)
{
    return f->size == 8 ? 1ull << 53 : 1 << 24;
}

static void if_denormal(Expression *e, const QemuwebFloat *f, int offset)
{
    load(e, INTEGER(LOAD), offset);
    magnitude_less(e, f, 1);
    jit_constant(e, f->size, lowest_exponent(f) - 1);
    jit_op(e, INTEGER(LT_U));
    jit_op_u(e, W_BR_IF, CALL_HELPER);
}

static void if_nan(Expression *e, const QemuwebFloat *f, int offset)
{
    load(e, FLOAT(LOAD), offset);
    load(e, FLOAT(LOAD), offset);
    jit_op(e, FLOAT(NE));
    jit_op_u(e, W_BR_IF, CALL_HELPER);
}

/*
 * The number on the stack goes to the state, if it is neither zero, infinite nor a NaN, nor so small that it may have been smaller
 * before it was rounded.
 */
static void store_normal(Expression *e, const QemuwebFloat *f, int offset)
{
    uint8_t result = f->size == 8 ? jit_new_local() : LOCAL_SCRATCH;
    uint64_t lowest = lowest_exponent(f);

    if (result != LOCAL_SCRATCH) {
        jit_hold(e, result);
    }
    jit_op(e, INTEGER(REINTERPRET));
    jit_op_u(e, W_TEE, result);
    magnitude_less(e, f, 2 * lowest);
    jit_constant(e, f->size, -3 * lowest);
    jit_op(e, INTEGER(GE_U));
    jit_op_u(e, W_BR_IF, CALL_HELPER);
    jit_env(e);
    jit_op_u(e, W_GET, result);
    jit_op_memory(e, INTEGER(STORE), offset + QEMUWEB_ENV_BIAS);
}

/* The rest of the register is that of another. */
static void copy_rest(Expression *e, unsigned size, int to, int from)
{
    if (to != from) {
        if (size == 4) {
            copy(e, 4, to + 4, from + 4);
        }
        copy(e, 8, to + 8, from + 8);
    }
}

static void otherwise(Expression *e)
{
    jit_op_u(e, W_BR, GO_ON);
    jit_op(e, W_END);
}

/* The call of the helper on registers of the guest's, and the end of all. */
static void call_helper(Expression *e, const QemuwebFloat *f, uint8_t result, const int *registers, unsigned count)
{
    const uint8_t parameters[] = { T_I64, T_I64, T_I64, T_I64 };

    jit_env64(e);
    for (unsigned n = 0; n < count; n++) {
        jit_state_address(e, registers[n]);
        jit_op(e, W_I64_EXTEND_I32_U);
    }
    jit_call(e, f->helper, result, parameters, count + 1);
    jit_op(e, W_END);
}

/* Of two registers, or of the second only; the rest of the register is the first one's. */
static void arithmetic(const QemuwebFloat *f, const int *registers)
{
    static const uint8_t opcodes[] = {
        [FLOAT_ADD] = W_F64_ADD, [FLOAT_SUBTRACT] = W_F64_SUB, [FLOAT_MULTIPLY] = W_F64_MUL, [FLOAT_DIVIDE] = W_F64_DIV,
        [FLOAT_SQUARE_ROOT] = W_F64_SQRT,
    };
    int to = registers[0], first = registers[1], second = registers[2];
    EXPRESSION(e);

    begin(&e, T_VOID);
    unless_usual(&e);
    if (f->operation != FLOAT_SQUARE_ROOT) {
        if_denormal(&e, f, first);
    }
    if_denormal(&e, f, second);
    if (f->operation != FLOAT_SQUARE_ROOT) {
        load(&e, FLOAT(LOAD), first);
    }
    load(&e, FLOAT(LOAD), second);
    jit_op(&e, opcodes[f->operation] - (f->size == 8 ? 0 : W_F64_ADD - W_F32_ADD));
    store_normal(&e, f, to);
    copy_rest(&e, f->size, to, first);
    otherwise(&e);
    call_helper(&e, f, T_VOID, registers, 3);
    jit_emit(&e);
}

static void load_vector(Expression *e, int offset)
{
    jit_env(e);
    jit_vector_op_memory(e, V_LOAD, offset + QEMUWEB_ENV_BIAS);
}

/* Both halves of a vector of numbers that have the bits. */
static uint64_t of_all(const QemuwebFloat *f, uint64_t bits)
{
    return f->size == 8 ? bits : bits << 32 | bits;
}

static void if_denormals(Expression *e, const QemuwebFloat *f, int offset)
{
    load_vector(e, offset);
    jit_vector_op(e, VECTOR(ABS));
    jit_const128(e, of_all(f, lowest_exponent(f) / 2));
    jit_vector_op(e, VECTOR(LT));
    load_vector(e, offset);
    jit_const128(e, 0);
    jit_vector_op(e, VECTOR(NE));
    jit_vector_op(e, V_AND);
    jit_vector_op(e, V_ANY_TRUE);
    jit_op_u(e, W_BR_IF, CALL_HELPER);
}

/* As store_normal(), with all numbers of a vector. */
static void store_normals(Expression *e, const QemuwebFloat *f, int offset)
{
    uint64_t smallest = lowest_exponent(f) / 2, infinity = f->size == 8 ? 0x7ffull << 52 : 0xff << 23;
    uint8_t result = 0;

    jit_op_u(e, W_SET, jit_own_vector(&result));
    jit_op_u(e, W_GET, result);
    jit_vector_op(e, VECTOR(ABS));
    jit_const128(e, of_all(f, smallest));
    jit_vector_op(e, VECTOR(GT));
    jit_op_u(e, W_GET, result);
    jit_vector_op(e, VECTOR(ABS));
    jit_const128(e, of_all(f, infinity));
    jit_vector_op(e, VECTOR(LT));
    jit_vector_op(e, V_AND);
    jit_vector_op(e, f->size == 8 ? V_I64_ALL_TRUE : V_I32_ALL_TRUE);
    jit_op(e, W_I32_EQZ);
    jit_op_u(e, W_BR_IF, CALL_HELPER);
    jit_env(e);
    jit_op_u(e, W_GET, result);
    jit_vector_op_memory(e, V_STORE, offset + QEMUWEB_ENV_BIAS);
    jit.holders[result]--;
}

/* Of all numbers of two registers, or of one. */
static void packed_arithmetic(const QemuwebFloat *f, const int *registers)
{
    static const uint8_t opcodes[] = {
        [FLOAT_ADD] = V_F64_ADD, [FLOAT_SUBTRACT] = V_F64_ADD + 1, [FLOAT_MULTIPLY] = V_F64_ADD + 2, [FLOAT_DIVIDE] = V_F64_ADD + 3,
        [FLOAT_SQUARE_ROOT] = V_F64_ADD - 1,
    };
    unsigned count = f->operation == FLOAT_SQUARE_ROOT ? 1 : 2;
    EXPRESSION(e);

    begin(&e, T_VOID);
    unless_usual(&e);
    for (unsigned n = 1; n <= count; n++) {
        if_denormals(&e, f, registers[n]);
    }
    for (unsigned n = 1; n <= count; n++) {
        load_vector(&e, registers[n]);
    }
    jit_vector_op(&e, opcodes[f->operation] - (f->size == 8 ? 0 : V_F64_ADD - V_F32_ADD));
    store_normals(&e, f, registers[0]);
    otherwise(&e);
    call_helper(&e, f, T_VOID, registers, count + 1);
    jit_emit(&e);
}

/* To the other size. */
static void resize(const QemuwebFloat *f, const int *registers)
{
    int to = registers[0], first = registers[1], second = registers[2];
    EXPRESSION(e);

    begin(&e, T_VOID);
    if (f->operation == FLOAT_WIDEN) {
        if_denormal(&e, f, second);
        if_nan(&e, f, second);
        jit_env(&e);
        load(&e, W_F32_LOAD, second);
        jit_op(&e, W_F64_PROMOTE);
        jit_op_memory(&e, W_F64_STORE, to + QEMUWEB_ENV_BIAS);
        copy_rest(&e, 8, to, first);
    } else {
        const QemuwebFloat narrow = { .size = 4 };

        unless_usual(&e);
        load(&e, W_F64_LOAD, second);
        jit_op(&e, W_F32_DEMOTE);
        store_normal(&e, &narrow, to);
        copy_rest(&e, 4, to, first);
    }
    otherwise(&e);
    call_helper(&e, f, T_VOID, registers, 3);
    jit_emit(&e);
}

static void compare(const Insn *i, const QemuwebFloat *f, const int *registers)
{
    EXPRESSION(e);

    begin(&e, T_I32);
    for (unsigned n = 0; n < 2; n++) {
        if_denormal(&e, f, registers[n]);
        if_nan(&e, f, registers[n]);
    }
    for (unsigned equal = 0; equal < 2; equal++) {
        load(&e, FLOAT(LOAD), registers[0]);
        load(&e, FLOAT(LOAD), registers[1]);
        jit_op(&e, equal ? FLOAT(EQ) : FLOAT(LT));
        jit_const32(&e, ctz32(equal ? qemuweb_floats.equal : qemuweb_floats.less));
        jit_op(&e, W_I32_SHL);
    }
    jit_op(&e, W_I32_OR);
    otherwise(&e);
    call_helper(&e, f, T_I32, registers, 2);
    e.narrow = true;
    jit_emit_set(&e, TCG_REG_R0, i->uses[0]);
}

/* Toward zero, if there is such an integer. */
static void to_integer(const Insn *i, const QemuwebFloat *f, const int *registers)
{
    bool wide = f->integer_size == 8;
    uint8_t truncate = f->size == 8 ? W_I32_TRUNC_F64_S : W_I32_TRUNC_F32_S;
    EXPRESSION(e);

    begin(&e, wide ? T_I64 : T_I32);
    unless_usual(&e);
    if_denormal(&e, f, registers[0]);
    load(&e, FLOAT(LOAD), registers[0]);
    jit_op(&e, FLOAT(ABS));
    jit_constant(&e, f->integer_size, wide ? INT64_MIN : INT32_MIN);
    jit_op(&e, wide ? FLOAT(CONVERT_I64_U) : FLOAT(CONVERT_I32_U));
    jit_op(&e, FLOAT(LT));
    jit_op(&e, W_I32_EQZ);
    jit_op_u(&e, W_BR_IF, CALL_HELPER);
    load(&e, FLOAT(LOAD), registers[0]);
    jit_op(&e, truncate + (wide ? W_I64_TRUNC_F32_S - W_I32_TRUNC_F32_S : 0));
    otherwise(&e);
    call_helper(&e, f, wide ? T_I64 : T_I32, registers, 1);
    e.narrow = !wide;
    jit_emit_set(&e, TCG_REG_R0, i->uses[0]);
}

/* To a number of 64 bits, which all integers of 32 are. */
static void from_integer(const QemuwebFloat *f, const int *registers)
{
    EXPRESSION(e);

    assert(f->size == 8);
    if (f->integer_size == 4) {
        jit_env(&e);
        jit_use32(&e, REGISTERS + 2);
        jit_op(&e, W_F64_CONVERT_I32_S);
        jit_op_memory(&e, W_F64_STORE, registers[0] + QEMUWEB_ENV_BIAS);
    } else {
        uint8_t integer = jit_in_local(REGISTERS + 2);

        begin(&e, T_VOID);
        unless_usual(&e);
        jit_env(&e);
        jit_op_u(&e, W_GET, integer);
        jit_op(&e, W_F64_CONVERT_I64_S);
        jit_op_memory(&e, W_F64_STORE, registers[0] + QEMUWEB_ENV_BIAS);
        otherwise(&e);
        jit_env64(&e);
        jit_state_address(&e, registers[0]);
        jit_op(&e, W_I64_EXTEND_I32_U);
        jit_op_u(&e, W_GET, integer);
        CALL(&e, f->helper, T_VOID, T_I64, T_I64, T_I64);
        jit_op(&e, W_END);
        jit.holders[integer]--;
    }
    jit_emit(&e);
}

bool jit_float(const Insn *i, const void *helper)
{
    static const uint8_t register_counts[] = {
        [FLOAT_ADD] = 3, [FLOAT_SUBTRACT] = 3, [FLOAT_MULTIPLY] = 3, [FLOAT_DIVIDE] = 3, [FLOAT_SQUARE_ROOT] = 3,
        [FLOAT_WIDEN] = 3, [FLOAT_NARROW] = 3, [FLOAT_COMPARE] = 2, [FLOAT_TO_INTEGER] = 1, [FLOAT_FROM_INTEGER] = 1,
    };
    const QemuwebFloat *f = find(helper);
    int registers[3];
    unsigned count;

    if (!f) {
        return false;
    }
    count = register_counts[f->operation] - (f->packed && f->operation == FLOAT_SQUARE_ROOT);
    for (unsigned n = 0; n < count; n++) {
        if (jit.values[REGISTERS + 1 + n].kind != IN_STATE) {
            return false;
        }
        registers[n] = jit.values[REGISTERS + 1 + n].constant;
    }
    for (unsigned n = 0; n <= count; n++) {
        jit_forget(&jit.values[REGISTERS + n]);
    }
    if (f->operation != FLOAT_COMPARE && f->operation != FLOAT_TO_INTEGER) {
        jit_settle(registers[0], registers[0] + 16);
    }
    switch (f->operation) {
    case FLOAT_COMPARE:
        compare(i, f, registers);
        break;
    case FLOAT_TO_INTEGER:
        to_integer(i, f, registers);
        break;
    case FLOAT_FROM_INTEGER:
        from_integer(f, registers);
        break;
    case FLOAT_WIDEN:
    case FLOAT_NARROW:
        resize(f, registers);
        break;
    default:
        (f->packed ? packed_arithmetic : arithmetic)(f, registers);
    }
    return true;
}
