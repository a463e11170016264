/*
 * Jumps: inside a block, within a region, to other blocks, and out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

/* How many wasm blocks of its own the current block of the region has open. */
static unsigned own_depth(void)
{
    return jit.label_count - jit.next_label + jit.loops;
}

/* The branch to the region's loop, which goes on with the block whose index is in LOCAL_SCRATCH. */
static unsigned loop_depth(void)
{
    return own_depth() + jit.member_count - 1 - jit.member;
}

/* How many blocks lie between here and the end of the block that a branch to the label leaves. */
static unsigned depth_of(const uint32_t *target)
{
    return jit_label_index(target) - jit.next_label;
}

static void branch_if(const Insn *i, Expression *condition)
{
    const uint32_t *target = jit_pointer(i);
    EXPRESSION(e);

    jit_settle_io();
    if (target > i->at) {
        jit_op_u(condition ? condition : &e, condition ? W_BR_IF : W_BR, depth_of(target));
    } else {
        if (condition) {
            jit_op_u(condition, W_IF, T_VOID);
            jit_emit(condition);
        }
        jit_const32(&e, jit_label_index(target) + 1);
        jit_op_u(&e, W_SET, LOCAL_SCRATCH);
        jit_op_u(&e, W_BR, jit.label_count - jit.next_label + (condition ? 1 : 0));
        if (condition) {
            jit_op(&e, W_END);
        }
    }
    if (condition) {
        jit_emit(condition);
    }
    jit_emit(&e);
}

/* Opens what branches leave: a wasm block for each label, the first label's innermost; a loop around all if one leads back. */
void jit_open_blocks(void)
{
    EXPRESSION(e);

    if (jit.loops) {
        jit_const32(&e, 0);
        jit_op_u(&e, W_SET, LOCAL_SCRATCH);
        jit_op_u(&e, W_LOOP, T_VOID);
    }
    for (unsigned n = 0; n < jit.label_count; n++) {
        jit_op_u(&e, W_BLOCK, T_VOID);
    }
    if (jit.loops) {
        jit_op_u(&e, W_BLOCK, T_VOID);
        jit_op_u(&e, W_GET, LOCAL_SCRATCH);
        jit_op_u(&e, W_BR_TABLE, jit.label_count);
        for (unsigned n = 0; n <= jit.label_count; n++) {
            e.length += jit_unsigned_leb(e.code + e.length, n);
        }
        jit_op(&e, W_END);
    }
    jit_emit(&e);
}

/* To the block in LOCAL_SCRATCH, by the way that all jumps out of the function have in common. */
static void leave(Expression *e)
{
    jit_op_u(e, W_BR, loop_depth() + jit.cycle);
}

void jit_leave(void)
{
    EXPRESSION(e);

    jit_op_u(&e, W_GET, LOCAL_SCRATCH);
    jit_op(&e, W_I64_EXTEND_I32_U);
    jit_const64(&e, QEMUWEB_GO_ON);
    jit_op(&e, W_I64_OR);
    jit_emit(&e);
}

/* To the block whose address the expression leaves: within the function if it is the one that was expected. */
static void jump(Expression *e, const QemuwebBlock *expected)
{
    unsigned target = jit.cycle ? 0 : jit.member_count;

    while (target < jit.member_count && jit.members[target] != expected) {
        target++;
    }
    if (target == jit.member_count) {
        jit_op_u(e, W_SET, LOCAL_SCRATCH);
        return;
    }
    jit_op_u(e, W_TEE, LOCAL_SCRATCH);
    jit_const32(e, (uintptr_t)expected);
    jit_op(e, W_I32_EQ);
    if (target > jit.member) {
        jit_op_u(e, W_BR_IF, own_depth() + target - jit.member - 1);
    } else if (jit.member_count == 1) {
        jit_op_u(e, W_BR_IF, loop_depth());
    } else {
        jit_op_u(e, W_IF, T_VOID);
        jit_const32(e, target);
        jit_op_u(e, W_SET, LOCAL_SCRATCH);
        jit_op_u(e, W_BR, loop_depth() + 1);
        jit_op(e, W_END);
    }
}

/* To the block that QEMU has linked: known now, checked when it runs. */
void jit_linked_jump(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    jit_const32(&e, (uintptr_t)jit_pointer(i));
    jit_op_memory(&e, W_I32_LOAD, 0);
    jump(&e, jit_linked(i));
    leave(&e);
    jit_emit(&e);
}

/* To the block that lookup_tb_ptr found. */
void jit_computed_jump(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    jit_use32(&e, jit_field(i, 0));
    jump(&e, jit_linked(i));
    if (jit.cycle) {
        jit_op_u(&e, W_GET, LOCAL_SCRATCH);
        jit_op_memory(&e, W_I32_LOAD, offsetof(QemuwebBlock, entry));
        jit_const32(&e, jit.entry);
        jit_op(&e, W_I32_EQ);
        jit_op_u(&e, W_IF, T_VOID);
        jit_op_u(&e, W_GET, LOCAL_SCRATCH);
        jit_op_memory(&e, W_I32_LOAD, offsetof(QemuwebBlock, index));
        jit_op_u(&e, W_SET, LOCAL_SCRATCH);
        jit_op_u(&e, W_BR, loop_depth() + 1);
        jit_op(&e, W_END);
    }
    leave(&e);
    jit_emit(&e);
}

void jit_branch(const Insn *i, unsigned how)
{
    branch_if(i, NULL);
}

void jit_conditional_branch(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    jit_use32(&e, jit_field(i, 0));
    branch_if(i, &e);
}

void jit_exit_block(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    jit_const64(&e, sextract32(*i->at, 12, 20) ? (uintptr_t)jit_pointer(i) : 0);
    jit_op(&e, W_RETURN);
    jit_emit(&e);
}

void jit_fence(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    if (qemuweb_needs_fence(extract32(*i->at, 8, 8))) {
        jit_op_u(&e, W_ATOMIC, 3);
        jit_op(&e, 0);
    }
    jit_emit(&e);
}
