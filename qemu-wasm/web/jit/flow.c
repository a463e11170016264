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

/* The branch to where computed jumps of the region's go, jit_reenter(); its loop lies around that. */
static unsigned reenter_depth(void)
{
    return own_depth() + jit.member_count - 1 - jit.member;
}

/* The branch to the region's loop, which goes on with the block whose index is in LOCAL_SCRATCH. */
static unsigned loop_depth(void)
{
    return reenter_depth() + 1;
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
    jit_op_u(e, W_BR, jit.cycle ? loop_depth() + 1 : own_depth());
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

/*
 * Leaves whether the CPU may stay. Blocks don't ask: what goes in circles asks, who enters a function, and what leaves an instruction
 * that may have accessed a device, which may have changed what the next one is to find.
 */
static void may_stay(Expression *e)
{
    jit_env(e);
    jit_op_memory(e, W_I32_LOAD, INTERRUPTED + QEMUWEB_ENV_BIAS);
    jit_const32(e, 0);
    jit_op(e, W_I32_GE_S);
}

void jit_reenter(void)
{
    EXPRESSION(e);

    jit_op_u(&e, W_GET, LOCAL_SCRATCH);
    jit_op_memory(&e, W_I32_LOAD, offsetof(QemuwebBlock, entry));
    jit_const32(&e, jit.entry);
    jit_op(&e, W_I32_EQ);
    may_stay(&e);
    jit_op(&e, W_I32_AND);
    jit_op_u(&e, W_IF, T_VOID);
    jit_op_u(&e, W_GET, LOCAL_SCRATCH);
    jit_op_memory(&e, W_I32_LOAD, offsetof(QemuwebBlock, index));
    jit_op_u(&e, W_SET, LOCAL_SCRATCH);
    jit_op_u(&e, W_BR, 1);
    jit_op(&e, W_END);
    jit_emit(&e);
}

unsigned jit_member(const QemuwebBlock *block)
{
    unsigned n = jit.cycle ? 0 : jit.member_count;

    while (n < jit.member_count && jit.members[n] != block) {
        n++;
    }
    return n;
}

void jit_go_if(Expression *e, unsigned target)
{
    bool forward = target > jit.member, asks = !forward || jit.io_done;

    if (asks) {
        jit_op_u(e, W_IF, T_VOID);
        may_stay(e);
    }
    if (forward) {
        jit_op_u(e, W_BR_IF, own_depth() + target - jit.member - 1 + asks);
    } else if (jit.member_count == 1) {
        jit_op_u(e, W_BR_IF, loop_depth() + 1);
    } else {
        jit_op_u(e, W_IF, T_VOID);
        jit_const32(e, target);
        jit_op_u(e, W_SET, LOCAL_SCRATCH);
        jit_op_u(e, W_BR, loop_depth() + 2);
        jit_op(e, W_END);
    }
    if (asks) {
        jit_op(e, W_END);
    }
    jit_emit(e);
}

/* To the block that QEMU has linked: known now, checked when it runs. */
void jit_linked_jump(const Insn *i, unsigned how)
{
    const QemuwebBlock *expected = jit_linked(i);
    unsigned target = jit_member(expected);
    EXPRESSION(e);

    if (target < jit.member_count) {
        jit_const32(&e, (uintptr_t)jit_pointer(i));
        jit_op_memory(&e, W_I32_LOAD, 0);
        jit_const32(&e, (uintptr_t)expected);
        jit_op(&e, W_I32_EQ);
        jit_go_if(&e, target);
    }
    jit_const32(&e, (uintptr_t)jit_pointer(i));
    jit_op_memory(&e, W_I32_LOAD, 0);
    jit_op_u(&e, W_SET, LOCAL_SCRATCH);
    leave(&e);
    jit_emit(&e);
}

/* To the block that lookup_tb_ptr found. */
void jit_computed_jump(const Insn *i, unsigned how)
{
    EXPRESSION(e);

    jit_use32(&e, jit_field(i, 0));
    jit_op_u(&e, W_SET, LOCAL_SCRATCH);
    if (jit.cycle) {
        jit_op_u(&e, W_BR, reenter_depth());
    } else {
        leave(&e);
    }
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
