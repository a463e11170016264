/*
 * Vectors of 128 bits (specification, section 5.4.8: opcodes, each behind W_VECTOR). A vector register of TCI is one local while a
 * block is compiled, and so is a spilled one: nothing is deferred.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

void jit_vector_op(Expression *e, unsigned opcode)
{
    jit_op_u(e, W_VECTOR, opcode);
}

void jit_vector_op_memory(Expression *e, unsigned opcode, uint32_t offset)
{
    jit_op(e, W_VECTOR);
    jit_op_memory(e, opcode, offset);
}

uint8_t jit_own_vector(uint8_t *local)
{
    unsigned n = FIRST_LOCAL;

    if (*local) {
        return *local;
    }
    while (n < FIRST_LOCAL + jit.local_count && (jit.holders[n] || !(jit.vector_locals >> n & 1))) {
        n++;
    }
    if (n == MAX_LOCALS) {
        jit.failed = true;
        return FIRST_LOCAL;
    }
    jit.local_count = MAX(jit.local_count, n + 1 - FIRST_LOCAL);
    jit.vector_locals |= 1ull << n;
    jit.holders[n]++;
    return *local = n;
}

static void get(Expression *e, const Insn *i, unsigned field)
{
    jit_op_u(e, W_GET, jit_own_vector(&jit.vectors[jit_field(i, field)]));
}

static void emit_set(Expression *e, const Insn *i)
{
    jit_op_u(e, W_SET, jit_own_vector(&jit.vectors[jit_field(i, 0)]));
    jit_emit(e);
}

/* By tcg/tci/tcg-target.c.inc: log2 of the bytes of an element. */
static unsigned element(const Insn *i)
{
    return extract32(*i->at, 30, 2);
}

static uint8_t *frame_local(const Insn *i)
{
    return &jit.frame[sextract32(*i->at, 16, 16) / 4];
}

void jit_vector_load(const Insn *i, unsigned how)
{
    EXPRESSION(e);
    uint32_t offset;

    if (jit_is_frame(i)) {
        jit_op_u(&e, W_GET, jit_own_vector(frame_local(i)));
    } else {
        jit_host_address(&e, i, &offset);
        jit_vector_op_memory(&e, V_LOAD, offset);
    }
    emit_set(&e, i);
}

void jit_vector_store(const Insn *i, unsigned how)
{
    EXPRESSION(e);
    uint32_t offset;
    int low, high;

    if (jit_is_frame(i)) {
        get(&e, i, 0);
        jit_op_u(&e, W_SET, jit_own_vector(frame_local(i)));
        jit_emit(&e);
        return;
    }
    jit_range(i, 16, &low, &high);
    jit_host_address(&e, i, &offset);
    get(&e, i, 0);
    jit_vector_op_memory(&e, V_STORE, offset);
    if (jit_field(i, 1) == TCG_AREG0) {
        jit_reload_kept(&e, low, high);
    }
    jit_settle(low, high);
    jit_emit(&e);
}

void jit_vector_copy(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    get(&e, i, 1);
    emit_set(&e, i);
}

void jit_const128(Expression *e, uint64_t half)
{
    jit_vector_op(e, V_CONST);
    for (unsigned n = 0; n < 16; n++) {
        jit_op(e, half >> (n % 8 * 8));
    }
}

void jit_vector_constant(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    jit_const128(&e, *(const uint64_t *)jit_pointer(i));
    emit_set(&e, i);
}

void jit_vector_splat(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    if (element(i) == MO_64) {
        jit_use64(&e, jit_field(i, 1));
    } else {
        jit_use32(&e, jit_field(i, 1));
    }
    jit_vector_op(&e, V_SPLAT8 + element(i));
    emit_set(&e, i);
}

/* Ends an instruction whose operands are on the stack. */
static void operate(Expression *e, const Insn *i, unsigned opcode)
{
    jit_vector_op(e, opcode + 32 * element(i));
    emit_set(e, i);
}

void jit_vector_unary(const Insn *i, unsigned opcode)
{
    EXPRESSION(e);

    get(&e, i, 1);
    operate(&e, i, opcode);
}

void jit_vector_binary(const Insn *i, unsigned opcode)
{
    EXPRESSION(e);

    get(&e, i, 1);
    get(&e, i, 2);
    operate(&e, i, opcode);
}

void jit_vector_shift(const Insn *i, unsigned opcode)
{
    EXPRESSION(e);

    get(&e, i, 1);
    jit_use32(&e, jit_field(i, 2));
    operate(&e, i, opcode);
}

void jit_vector_shift_immediate(const Insn *i, unsigned opcode)
{
    EXPRESSION(e);

    get(&e, i, 1);
    jit_const32(&e, extract32(*i->at, 16, 6));
    operate(&e, i, opcode);
}

void jit_vector_compare(const Insn *i, unsigned how)
{
    /* Of bytes, then 10 above for each wider element; and of 64 bits, which have no unsigned ones: those are signed ones, too. */
    static const struct { uint8_t narrow, wide; bool biased; } opcodes[] = {
        [TCG_COND_EQ] = { 35, 214 }, [TCG_COND_NE] = { 36, 215 },
        [TCG_COND_LT] = { 37, 216 }, [TCG_COND_LTU] = { 38, 216, true },
        [TCG_COND_GT] = { 39, 217 }, [TCG_COND_GTU] = { 40, 217, true },
        [TCG_COND_LE] = { 41, 218 }, [TCG_COND_LEU] = { 42, 218, true },
        [TCG_COND_GE] = { 43, 219 }, [TCG_COND_GEU] = { 44, 219, true },
    };
    unsigned condition = extract32(*i->at, 20, 4);
    bool wide = element(i) == MO_64;
    EXPRESSION(e);

    for (unsigned operand = 1; operand <= 2; operand++) {
        get(&e, i, operand);
        if (wide && opcodes[condition].biased) {
            jit_const128(&e, 1ull << 63);
            jit_vector_op(&e, V_XOR);
        }
    }
    jit_vector_op(&e, wide ? opcodes[condition].wide : opcodes[condition].narrow + 10 * element(i));
    emit_set(&e, i);
}

/* Bits of the second operand where the first has ones, and else of the third. */
void jit_vector_select(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    get(&e, i, 2);
    get(&e, i, 3);
    get(&e, i, 1);
    jit_vector_op(&e, V_SELECT);
    emit_set(&e, i);
}
