/*
 * Computed jumps that go where they went the last time: most returns do. Asked in a dozen instructions, beside what looking into
 * QEMU's jump cache takes. Only where one thread runs all vCPUs: the memory of a jump is common to them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "accel/tcg/internal-common.h"
#include "web/jit/internal.h"

/* Jumps that remember, until a flush. */
#define JUMPS 16384

QemuwebLookup qemuweb_lookup;
uint64_t qemuweb_jump_epoch = 1;
static QemuwebJump *jumps;
static unsigned jump_count;

void jit_jumps_init(bool several_threads)
{
    jumps = several_threads ? NULL : g_new0(QemuwebJump, JUMPS);
}

void jit_jumps_flush(void)
{
    jump_count = 0;
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

    if (env != last || cpu->singlestep_flags || one_insn_per_tb || !QTAILQ_EMPTY(&cpu->breakpoints)
        || qemu_loglevel_mask(CPU_LOG_TB_CPU | CPU_LOG_EXEC | CPU_LOG_TB_NOCHAIN)) {
        last = env;
        qemuweb_forget_jumps();
    }
}

static void different(Expression *e, unsigned in_state, unsigned load, unsigned compare, const void *remembered)
{
    jit_op_u(e, W_GET, LOCAL_ENV);
    jit_op_memory(e, load, in_state + QEMUWEB_ENV_BIAS);
    jit_const32(e, (uintptr_t)remembered);
    jit_op_memory(e, load, 0);
    jit_op(e, compare);
}

void jit_look_up(const Insn *i)
{
    QemuwebJump *jump = jumps && jump_count < JUMPS ? &jumps[jump_count++] : NULL;
    EXPRESSION(e);

    if (jump) {
        jump->epoch = 0;
        different(&e, qemuweb_lookup.pc, W_I64_LOAD, W_I64_NE, &jump->pc);
        jit_op_u(&e, W_GET, LOCAL_ENV);
        jit_op_memory(&e, W_I32_LOAD, qemuweb_lookup.more_flags + QEMUWEB_ENV_BIAS);
        jit_const32(&e, qemuweb_lookup.more_flags_mask);
        jit_op(&e, W_I32_AND);
        jit_op_u(&e, W_GET, LOCAL_ENV);
        jit_op_memory(&e, W_I32_LOAD, qemuweb_lookup.flags + QEMUWEB_ENV_BIAS);
        jit_op(&e, W_I32_OR);
        jit_const32(&e, (uintptr_t)&jump->flags);
        jit_op_memory(&e, W_I32_LOAD, 0);
        jit_op(&e, W_I32_NE);
        jit_op(&e, W_I32_OR);
        different(&e, qemuweb_lookup.base, W_I32_LOAD, W_I32_NE, &jump->base);
        jit_op(&e, W_I32_OR);
        jit_const32(&e, (uintptr_t)&qemuweb_jump_epoch);
        jit_op_memory(&e, W_I64_LOAD, 0);
        jit_const32(&e, (uintptr_t)&jump->epoch);
        jit_op_memory(&e, W_I64_LOAD, 0);
        jit_op(&e, W_I64_NE);
        jit_op(&e, W_I32_OR);
        jit_op_u(&e, W_IF, T_I64);
    }
    jit_own_base(&e);
    jit_const32(&e, (uintptr_t)(i->at + 1));
    jit_op_memory(&e, W_I32_STORE, jit_own_offset(&tci_tb_ptr));
    jit_env64(&e);
    jit_const64(&e, (uintptr_t)jump);
    CALL(&e, qemuweb_lookup.function, T_I64, T_I64, T_I64);
    if (jump) {
        jit_op(&e, W_ELSE);
        jit_const32(&e, (uintptr_t)&jump->block);
        jit_op_memory(&e, W_I64_LOAD32_U, 0);
        jit_op(&e, W_END);
    }
    jit_settle_all();
    jit_emit_set(&e, i->writes[0], i->uses[0]);
}
