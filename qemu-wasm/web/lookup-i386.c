/*
 * Where a computed jump of an x86 guest leads: accel/tcg/cpu-exec.c's lookup_tb_ptr for the case that the vCPU's jump cache has
 * the block and nothing special (log, breakpoints, single steps) is asked for. Compiled for the target, so that it calls nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "accel/tcg/internal-common.h"
#include "accel/tcg/tb-hash.h"
#include "accel/tcg/tb-jmp-cache.h"
#include "exec/helper-proto-common.h"
#include "exec/translation-block.h"
#include "qemu/log.h"
#include "web/jit.h"

static const void *lookup(CPUX86State *env)
{
    CPUState *cpu = env_cpu(env);
    /* As in x86_get_tb_cpu_state (target/i386/tcg/tcg-cpu.c). */
    uint32_t flags = env->hflags | (env->eflags & (IOPL_MASK | TF_MASK | RF_MASK | VM_MASK | AC_MASK));
    uint32_t base = env->hflags & HF_CS64_MASK ? 0 : env->segs[R_CS].base;
    vaddr pc = env->hflags & HF_CS64_MASK ? env->eip : (uint32_t)(base + env->eip);
    unsigned hash = tb_jmp_cache_hash_func(pc);
    const TranslationBlock *tb = qatomic_read(&cpu->tb_jmp_cache->array[hash].tb);

    if (tb && cpu->tb_jmp_cache->array[hash].pc == pc && tb->flags == flags && tb->cs_base == base
        && tb->cflags == cpu->tcg_cflags && !cpu->singlestep_flags && !one_insn_per_tb
        && !qemu_loglevel_mask(CPU_LOG_TB_CPU | CPU_LOG_EXEC | CPU_LOG_TB_NOCHAIN)
        && QTAILQ_EMPTY(&cpu->breakpoints)) {
        cpu->neg.can_do_io = true;
        return tb->tc.ptr;
    }
    return helper_lookup_tb_ptr(env);
}

static void __attribute__((constructor)) set_lookup(void)
{
    qemuweb_lookup = (const void *)lookup;
}
