/*
 * Computed jumps that go where they went the last time: most returns do. Asked in a dozen instructions, beside what looking into
 * QEMU's jump cache takes. Only where one thread runs all vCPUs: the memory of a jump, in the bytecode, is common to them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "accel/tcg/internal-common.h"
#include "web/jit/internal.h"

QemuwebLookup qemuweb_lookup;
uint64_t qemuweb_jump_epoch = 1;

QemuwebJump *jit_jump(const Insn *i)
{
    return (QemuwebJump *)(i->at + 1);
}

void qemuweb_forget_jumps(void)
{
    qatomic_inc(&qemuweb_jump_epoch);
}

/* What another vCPU remembered doesn't count, and nothing does while each block is to be looked at. */
void qemuweb_jumps_of(CPUArchState *env)
{
    static const CPUArchState *last;
    const CPUState *cpu = env_cpu(env);

    if (!jit_one_thread) {
        return;
    }
    if (env != last || cpu->singlestep_flags || one_insn_per_tb || !QTAILQ_EMPTY(&cpu->breakpoints)
        || qemu_loglevel_mask(CPU_LOG_TB_CPU | CPU_LOG_EXEC | CPU_LOG_TB_NOCHAIN)) {
        last = env;
        qemuweb_forget_jumps();
    }
}

/* Leaves an i64 that isn't 0 if the state isn't what was remembered. */
static void different(Expression *e, unsigned load, unsigned in_state, const void *remembered)
{
    jit_env(e);
    jit_op_memory(e, load, in_state + QEMUWEB_ENV_BIAS);
    jit_const32(e, (uintptr_t)remembered);
    jit_op_memory(e, load, 0);
    jit_op(e, W_I64_XOR);
}

static bool overlap(int offset, unsigned size, int other, unsigned other_size)
{
    return offset < other + (int)other_size && other < offset + (int)size;
}

/*
 * Whether the block may change the CPU's mode before it jumps, itself or by a helper. If not, that is the one that the block was
 * made for, each time.
 */
static bool changes_mode(void)
{
    for (unsigned n = 0; n < jit.insn_count; n++) {
        const Insn *i = &jit.insns[n];
        const Opcode *opcode = &jit_opcodes[i->opcode];
        int offset = sextract32(*i->at, 16, 16);
        unsigned size = opcode->how >> 16;

        if (i->opcode == INDEX_op_call && !(jit_helper(i)->flags & TCG_CALL_NO_SIDE_EFFECTS)) {
            return true;
        }
        if (opcode->compile == jit_store && !jit_is_frame(i)
            && (jit_field(i, 1) != TCG_AREG0 || overlap(offset, size, qemuweb_lookup.flags, 4)
                || overlap(offset, size, qemuweb_lookup.more_flags, 4) || overlap(offset, size, qemuweb_lookup.base, 4))) {
            return true;
        }
    }
    return false;
}

/* Leaves an i64 that isn't 0 if the jump doesn't go where it went. */
static void elsewhere(Expression *e, const QemuwebJump *jump)
{
    different(e, W_I64_LOAD, qemuweb_lookup.pc, &jump->pc);
    jit_const32(e, (uintptr_t)&qemuweb_jump_epoch);
    jit_op_memory(e, W_I64_LOAD, 0);
    jit_const32(e, (uintptr_t)&jump->epoch);
    jit_op_memory(e, W_I64_LOAD, 0);
    jit_op(e, W_I64_XOR);
    jit_op(e, W_I64_OR);
    if (changes_mode()) {
        different(e, W_I64_LOAD32_U, qemuweb_lookup.base, &jump->base);
        jit_op(e, W_I64_OR);
        jit_env(e);
        jit_op_memory(e, W_I64_LOAD32_U, qemuweb_lookup.more_flags + QEMUWEB_ENV_BIAS);
        jit_const64(e, qemuweb_lookup.more_flags_mask);
        jit_op(e, W_I64_AND);
        different(e, W_I64_LOAD32_U, qemuweb_lookup.flags, &jump->flags);
        jit_op(e, W_I64_XOR);
        jit_op(e, W_I64_OR);
    }
}

static void load_block(Expression *e, const QemuwebJump *jump)
{
    jit_const32(e, (uintptr_t)&jump->block);
    jit_op_memory(e, W_I64_LOAD32_U, 0);
}

/* Seldom needed where jumps are remembered. */
static void call_lookup(Expression *e, const Insn *i, const QemuwebJump *jump)
{
    jit_return_address(e, i);
    if (jump) {
        jit_cold_env(e);
        jit_const32(e, (uintptr_t)jump);
        CALL_COLD(e, qemuweb_lookup.function, T_I64, T_I32);
    } else {
        jit_env64(e);
        jit_const64(e, 0);
        CALL(e, qemuweb_lookup.function, T_I64, T_I64, T_I64);
    }
}

void jit_look_up(const Insn *i)
{
    const Insn *end = jit.insns + jit.insn_count, *to = i;
    const QemuwebJump *jump;
    unsigned target;
    EXPRESSION(e);

    while (to < end && to->opcode != INDEX_op_goto_ptr) {
        to++;
    }
    jump = jit_one_thread && to < end ? jit_jump(to) : NULL;
    target = jump ? jit_member(jit_linked(to)) : jit.member_count;
    if (target < jit.member_count) {
        elsewhere(&e, jump);
        load_block(&e, jump);
        jit_const64(&e, (uintptr_t)jit.members[target]);
        jit_op(&e, W_I64_XOR);
        jit_op(&e, W_I64_OR);
        jit_op(&e, W_I64_EQZ);
        jit_go_if(&e, target);
        call_lookup(&e, i, jump);
    } else if (jump) {
        elsewhere(&e, jump);
        jit_op(&e, W_I64_EQZ);
        jit_op_u(&e, W_IF, T_I64);
        load_block(&e, jump);
        jit_op(&e, W_ELSE);
        call_lookup(&e, i, jump);
        jit_op(&e, W_END);
    } else {
        call_lookup(&e, i, jump);
    }
    jit_settle_all();
    jit_emit_set(&e, i->writes[0], i->uses[0]);
}
