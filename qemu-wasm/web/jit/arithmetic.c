/*
 * Arithmetic.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

void jit_unary(const Insn *i, unsigned opcode)
{
    EXPRESSION(e);

    jit_use64(&e, jit_field(i, 1));
    jit_op(&e, opcode);
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_binary(const Insn *i, unsigned opcode)
{
    EXPRESSION(e);

    jit_use64(&e, jit_field(i, 1));
    jit_use64(&e, jit_field(i, 2));
    jit_op(&e, opcode);
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_binary32(const Insn *i, unsigned opcode)
{
    EXPRESSION(e);

    jit_use32(&e, jit_field(i, 1));
    jit_use32(&e, jit_field(i, 2));
    jit_op(&e, opcode);
    e.narrow = true;
    jit_define(&e, i->writes[0], i->uses[0]);
}

static void invert(Expression *e)
{
    jit_const64(e, -1);
    jit_op(e, W_I64_XOR);
}

void jit_binary_inverted(const Insn *i, unsigned opcode)
{
    EXPRESSION(e);

    jit_use64(&e, jit_field(i, 1));
    jit_use64(&e, jit_field(i, 2));
    invert(&e);
    jit_op(&e, opcode);
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_inverted_binary(const Insn *i, unsigned opcode)
{
    EXPRESSION(e);

    jit_use64(&e, jit_field(i, 1));
    jit_use64(&e, jit_field(i, 2));
    jit_op(&e, opcode);
    invert(&e);
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_complement(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    jit_use64(&e, jit_field(i, 1));
    invert(&e);
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_negate(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    jit_const64(&e, 0);
    jit_use64(&e, jit_field(i, 1));
    jit_op(&e, W_I64_SUB);
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_zero_extend(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    jit_use32(&e, jit_field(i, 1));
    e.narrow = true;
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_add(const Insn *i, unsigned how)
{
    Value *value = &jit.values[jit_field(i, 2)];

    if (jit_field(i, 1) != TCG_AREG0 || value->kind != CONSTANT) {
        jit_binary(i, W_I64_ADD);
        return;
    }
    value->uses--;
    jit_define_constant(i->writes[0], IN_STATE, value->constant, i->uses[0]);
}

void jit_load_constant(const Insn *i, unsigned how)
{
    jit_define_constant(i->writes[0], CONSTANT, sextract32(*i->at, 12, 20), i->uses[0]);
}

void jit_pooled_constant(const Insn *i, unsigned how)
{
    jit_define_constant(i->writes[0], CONSTANT, *(const int64_t *)jit_pointer(i), i->uses[0]);
}

void jit_copy(const Insn *i, unsigned how)
{
    jit_define_copy(i->writes[0], jit_field(i, 1), i->uses[0]);
}

/* Leaves an i32: whether the condition holds between two values. */
static void compare(Expression *e, TCGCond condition, unsigned x, unsigned y, bool narrow)
{
    static const uint8_t jit_opcodes[][2] = {
        [TCG_COND_EQ] = { W_I64_EQ, W_I32_EQ }, [TCG_COND_NE] = { W_I64_NE, W_I32_NE },
        [TCG_COND_LT] = { W_I64_LT_S, W_I32_LT_S }, [TCG_COND_GE] = { W_I64_GE_S, W_I32_GE_S },
        [TCG_COND_LE] = { W_I64_LE_S, W_I32_LE_S }, [TCG_COND_GT] = { W_I64_GT_S, W_I32_GT_S },
        [TCG_COND_LTU] = { W_I64_LT_U, W_I32_LT_U }, [TCG_COND_GEU] = { W_I64_GE_U, W_I32_GE_U },
        [TCG_COND_LEU] = { W_I64_LE_U, W_I32_LE_U }, [TCG_COND_GTU] = { W_I64_GT_U, W_I32_GT_U },
    };
    void (*const operand)(Expression *, unsigned) = narrow ? jit_use32 : jit_use64;
    bool test = condition == TCG_COND_TSTEQ || condition == TCG_COND_TSTNE;
    bool zero = y != TCG_AREG0 && jit.values[y].kind == CONSTANT
        && (narrow ? (int32_t)jit.values[y].constant : jit.values[y].constant) == 0;

    operand(e, x);
    if (zero && (condition == TCG_COND_EQ || condition == TCG_COND_NE)) {
        jit.values[y].uses--;
        jit_op(e, narrow ? W_I32_EQZ : W_I64_EQZ);
        if (condition == TCG_COND_NE) {
            jit_op(e, W_I32_EQZ);
        }
        return;
    }
    operand(e, y);
    if (test) {
        jit_op(e, narrow ? W_I32_AND : W_I64_AND);
        jit_op(e, narrow ? W_I32_EQZ : W_I64_EQZ);
        if (condition == TCG_COND_TSTNE) {
            jit_op(e, W_I32_EQZ);
        }
    } else {
        jit_op(e, jit_opcodes[condition][narrow]);
    }
}

void jit_setcond(const Insn *i, unsigned narrow)
{
    EXPRESSION(e);

    compare(&e, extract32(*i->at, 20, 4), jit_field(i, 1), jit_field(i, 2), narrow);
    e.narrow = true;
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_movcond(const Insn *i, unsigned narrow)
{
    EXPRESSION(e);

    jit_use64(&e, jit_field(i, 3));
    jit_use64(&e, jit_field(i, 4));
    compare(&e, extract32(*i->at, 28, 4), jit_field(i, 1), jit_field(i, 2), narrow);
    jit_op(&e, W_SELECT);
    jit_define(&e, i->writes[0], i->uses[0]);
}

static void mask(Expression *e, unsigned length)
{
    jit_const64(e, MAKE_64BIT_MASK(0, length));
    jit_op(e, W_I64_AND);
}

static void shift(Expression *e, uint8_t opcode, unsigned count)
{
    if (count) {
        jit_const64(e, count);
        jit_op(e, opcode);
    }
}

void jit_extract(const Insn *i, unsigned how)
{
    unsigned position = extract32(*i->at, 16, 6), length = extract32(*i->at, 22, 6);
    EXPRESSION(e);

    if (position == 0 && length == 32) {
        jit_use32(&e, jit_field(i, 1));
        e.narrow = true;
    } else if (position + length <= 32) {
        jit_use32(&e, jit_field(i, 1));
        if (position) {
            jit_const32(&e, position);
            jit_op(&e, W_I32_SHR_U);
        }
        if (position + length < 32) {
            jit_const32(&e, MAKE_64BIT_MASK(0, length));
            jit_op(&e, W_I32_AND);
        }
        e.narrow = true;
    } else {
        jit_use64(&e, jit_field(i, 1));
        shift(&e, W_I64_SHR_U, position);
        if (position + length < 64) {
            mask(&e, length);
        }
    }
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_sextract(const Insn *i, unsigned how)
{
    unsigned position = extract32(*i->at, 16, 6), length = extract32(*i->at, 22, 6);
    EXPRESSION(e);

    jit_use64(&e, jit_field(i, 1));
    if (length == 8 || length == 16 || length == 32) {
        shift(&e, W_I64_SHR_U, position);
        jit_op(&e, length == 8 ? W_I64_EXTEND8_S : length == 16 ? W_I64_EXTEND16_S : W_I64_EXTEND32_S);
    } else {
        shift(&e, W_I64_SHL, 64 - position - length);
        shift(&e, W_I64_SHR_S, 64 - length);
    }
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_deposit(const Insn *i, unsigned how)
{
    unsigned position = extract32(*i->at, 20, 6), length = extract32(*i->at, 26, 6);
    EXPRESSION(e);

    jit_use64(&e, jit_field(i, 1));
    jit_const64(&e, ~MAKE_64BIT_MASK(position, length));
    jit_op(&e, W_I64_AND);
    jit_use64(&e, jit_field(i, 2));
    mask(&e, length);
    shift(&e, W_I64_SHL, position);
    jit_op(&e, W_I64_OR);
    jit_define(&e, i->writes[0], i->uses[0]);
}

/* clz and ctz: the second operand is the result for zero. */
void jit_count_zeros(const Insn *i, unsigned opcode)
{
    bool narrow = opcode == W_I32_CLZ || opcode == W_I32_CTZ;
    const Value *otherwise = &jit.values[jit_field(i, 2)];
    bool native = otherwise->kind == CONSTANT && otherwise->constant == (narrow ? 32 : 64);
    EXPRESSION(e);
    uint8_t x;

    x = jit_in_local(jit_field(i, 1));
    jit_op_u(&e, W_GET, x);
    jit_hold(&e, x);
    jit.holders[x]--;
    if (narrow) {
        jit_op(&e, W_I32_WRAP);
    }
    jit_op(&e, opcode);
    if (native) {
        jit.values[jit_field(i, 2)].uses--;
        e.narrow = narrow;
    } else {
        if (narrow) {
            jit_op(&e, W_I64_EXTEND_I32_U);
        }
        jit_use64(&e, jit_field(i, 2));
        jit_op_u(&e, W_GET, x);
        if (narrow) {
            jit_op(&e, W_I32_WRAP);
        }
        jit_op(&e, narrow ? W_I32_EQZ : W_I64_EQZ);
        jit_op(&e, W_I32_EQZ);
        jit_op(&e, W_SELECT);
    }
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_byte_swap(const Insn *i, unsigned size)
{
    uint8_t x = jit_in_local(jit_field(i, 1));
    EXPRESSION(e);

    jit_hold(&e, x);
    jit.holders[x]--;
    if (size == 2) {
        jit_op_u(&e, W_GET, x);
        shift(&e, W_I64_SHR_U, 8);
        mask(&e, 8);
        jit_op_u(&e, W_GET, x);
        mask(&e, 8);
        shift(&e, W_I64_SHL, 8);
        jit_op(&e, W_I64_OR);
    } else {
        /* Each half: its odd bytes from a rotation to the left, its even ones from one to the right. */
        for (unsigned half = 0; half < size / 4; half++) {
            for (unsigned right = 0; right < 2; right++) {
                jit_op_u(&e, W_GET, x);
                shift(&e, W_I64_SHR_U, half * 32);
                jit_op(&e, W_I32_WRAP);
                jit_const32(&e, 8);
                jit_op(&e, right ? W_I32_ROTR : W_I32_ROTL);
                jit_const32(&e, right ? 0xff00ff00 : 0x00ff00ff);
                jit_op(&e, W_I32_AND);
            }
            jit_op(&e, W_I32_OR);
            if (size == 8) {
                jit_op(&e, W_I64_EXTEND_I32_U);
                shift(&e, W_I64_SHL, half ? 0 : 32);
            }
        }
        if (size == 8) {
            jit_op(&e, W_I64_OR);
        }
        e.narrow = size == 4;
    }
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_multiply_wide(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    jit_own_address(&e, &jit_large[0]);
    jit_own_address(&e, &jit_large[1]);
    jit_use64(&e, jit_field(i, 2));
    jit_use64(&e, jit_field(i, 3));
    CALL(&e, how ? (void *)muls64 : (void *)mulu64, T_VOID, T_I64, T_I64, T_I64, T_I64);
    jit_emit(&e);
    for (unsigned half = 0; half < 2; half++) {
        jit_own_base(&e);
        jit_op_memory(&e, W_I64_LOAD, jit_own_offset(&jit_large[half]));
        jit_emit_set(&e, i->writes[half], i->uses[half]);
    }
}

/* x + y + carry or x - y - carry: with or without a carry coming in, with or without one going out. */
void jit_with_carry(const Insn *i, unsigned how)
{
    uint8_t opcode = how;
    bool in = how & CARRY_IN, out = how & CARRY_OUT;
    uint8_t carry = jit_own_local(&jit.carry);
    uint8_t x = jit_in_local(jit_field(i, 1)), y = jit_in_local(jit_field(i, 2)), partial, result;
    EXPRESSION(e);

    jit_op_u(&e, W_GET, x);
    jit_op_u(&e, W_GET, y);
    jit_op(&e, opcode);
    result = partial = jit_new_local();
    jit.holders[partial]++;
    jit_op_u(&e, W_SET, partial);
    if (in) {
        jit_op_u(&e, W_GET, partial);
        jit_op_u(&e, W_GET, carry);
        jit_op(&e, opcode);
        result = jit_new_local();
        jit_op_u(&e, W_SET, result);
    }
    if (out) {
        /* Of the two steps at most one carries. */
        jit_op_u(&e, W_GET, opcode == W_I64_SUB ? x : partial);
        jit_op_u(&e, W_GET, opcode == W_I64_SUB ? y : x);
        jit_op(&e, W_I64_LT_U);
        if (in) {
            jit_op_u(&e, W_GET, opcode == W_I64_SUB ? partial : result);
            jit_op_u(&e, W_GET, opcode == W_I64_SUB ? carry : partial);
            jit_op(&e, W_I64_LT_U);
            jit_op(&e, W_I32_OR);
        }
        jit_op(&e, W_I64_EXTEND_I32_U);
        jit_op_u(&e, W_SET, carry);
    }
    jit_emit(&e);
    jit.holders[result]++;
    jit.holders[x]--;
    jit.holders[y]--;
    jit.holders[partial]--;
    jit_forget(&jit.values[i->writes[0]]);
    jit.values[i->writes[0]] = (Value) { .kind = IN_LOCAL, .local = result, .uses = i->uses[0] };
    if (i->uses[0] == 0) {
        jit_forget(&jit.values[i->writes[0]]);
    }
}

void jit_set_carry(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    jit_const64(&e, 1);
    jit_op_u(&e, W_SET, jit_own_local(&jit.carry));
    jit_emit(&e);
}
