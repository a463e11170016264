/*
 * Where a computed jump of an x86 guest leads: accel/tcg/cpu-exec.c's lookup_tb_ptr for the case that nothing special (log,
 * breakpoints, single steps) is asked for. Compiled for the target, so that it calls nothing while the vCPU's jump cache has the
 * block.
 *
 * That cache has few places for a page, and the guest empties it with the TLB. Behind it is a larger one, by where a block's code
 * lies in the host's memory, which is what the TLB says: it outlives the guest's address spaces.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "accel/tcg/internal-common.h"
#include "accel/tcg/tb-hash.h"
#include "accel/tcg/tb-jmp-cache.h"
#include "exec/helper-proto-common.h"
#include "exec/target_page.h"
#include "exec/tlb-common.h"
#include "exec/translation-block.h"
#include "qemu/log.h"
#include "target/i386/tcg/tcg-cpu.h"
#include "web/jit.h"

#define KNOWN_BITS 15

/* As in x86_get_tb_cpu_state (target/i386/tcg/tcg-cpu.c). */
#define MODE_FLAGS (IOPL_MASK | TF_MASK | RF_MASK | VM_MASK | AC_MASK)

/* Blocks by their code: its address in the low half, the TranslationBlock's in the high one. Of the epoch, all vCPUs'. */
static uint64_t known[1 << KNOWN_BITS];
static uint32_t known_epoch;

static uint64_t *known_place(uint32_t code)
{
    return &known[code * 0x9e3779b1u >> (32 - KNOWN_BITS)];
}

/* Where the host has the instruction at pc; 0 if the TLB can't tell. */
static uint32_t code_at(CPUX86State *env, vaddr pc)
{
    const CPUTLBDescFast *tlb = cpu_tlb_fast(env_cpu(env), x86_mmu_index_pl(env, env->hflags & HF_CPL_MASK));
    const CPUTLBEntry *entry = &tlb->table[(pc >> TARGET_PAGE_BITS) & (tlb->mask >> CPU_TLB_ENTRY_BITS)];

    return entry->addr_code == (pc & TARGET_PAGE_MASK) ? pc + entry->addend : 0;
}

static bool is_for(const TranslationBlock *tb, uint32_t flags, uint32_t base, uint32_t cflags)
{
    /* A block that is invalid by now has a flag for that among its cflags. */
    return tb->flags == flags && tb->cs_base == base && tb->cflags == cflags;
}

/* Whether nothing special is asked for. */
static bool is_usual(const CPUState *cpu)
{
    return !cpu->singlestep_flags && !one_insn_per_tb && QTAILQ_EMPTY(&cpu->breakpoints)
        && !qemu_loglevel_mask(CPU_LOG_TB_CPU | CPU_LOG_EXEC | CPU_LOG_TB_NOCHAIN);
}

/* The jump, if there is one, goes to the block as long as nothing is different. */
static void remember(QemuwebJump *jump, uint64_t epoch, const CPUX86State *env, const TranslationBlock *tb)
{
    if (jump) {
        *jump = (QemuwebJump) {
            .epoch = epoch, .pc = env->eip, .flags = tb->flags, .base = env->segs[R_CS].base, .block = (uintptr_t)tb->tc.ptr,
        };
    }
}

/* What the jump cache lacks. Apart, so that the usual case saves no registers for it. */
static const void *__attribute__((noinline)) search(CPUX86State *env, vaddr pc, uint32_t flags, uint32_t base, QemuwebJump *jump,
                                                    uint64_t epoch)
{
    CPUState *cpu = env_cpu(env);
    unsigned hash = tb_jmp_cache_hash_func(pc);
    uint32_t code = code_at(env, pc);
    const TranslationBlock *tb;
    const void *found;

    if (known_epoch != qatomic_read(&qemuweb_jit_epoch)) {
        memset(known, 0, sizeof(known));
        known_epoch = qatomic_read(&qemuweb_jit_epoch);
    }
    if (code && is_usual(cpu)) {
        uint64_t place = *known_place(code);

        tb = (const TranslationBlock *)(uintptr_t)(place >> 32);
        if ((uint32_t)place == code && is_for(tb, flags, base, cpu->tcg_cflags) && tb_page_addr1(tb) == -1) {
            cpu->tb_jmp_cache->array[hash].pc = pc;
            qatomic_set(&cpu->tb_jmp_cache->array[hash].tb, (TranslationBlock *)tb);
            cpu->neg.can_do_io = true;
            remember(jump, epoch, env, tb);
            return tb->tc.ptr;
        }
    }
    found = helper_lookup_tb_ptr(env);
    code = code_at(env, pc);
    tb = qatomic_read(&cpu->tb_jmp_cache->array[hash].tb);
    if (code && tb && tb->tc.ptr == found) {
        *known_place(code) = code | (uint64_t)(uintptr_t)tb << 32;
    }
    return found;
}

static const void *lookup(CPUX86State *env, QemuwebJump *jump)
{
    CPUState *cpu = env_cpu(env);
    /* Read first: who changes the jump cache begins a new epoch then. */
    uint64_t epoch = qatomic_load_acquire(&qemuweb_jump_epoch);
    uint32_t flags = env->hflags | (env->eflags & MODE_FLAGS);
    uint32_t base = env->hflags & HF_CS64_MASK ? 0 : env->segs[R_CS].base;
    vaddr pc = env->hflags & HF_CS64_MASK ? env->eip : (uint32_t)(base + env->eip);
    unsigned hash = tb_jmp_cache_hash_func(pc);
    const TranslationBlock *tb = qatomic_read(&cpu->tb_jmp_cache->array[hash].tb);

    if (tb && cpu->tb_jmp_cache->array[hash].pc == pc && is_for(tb, flags, base, cpu->tcg_cflags) && is_usual(cpu)) {
        cpu->neg.can_do_io = true;
        remember(jump, epoch, env, tb);
        return tb->tc.ptr;
    }
    return search(env, pc, flags, base, jump, epoch);
}

static void __attribute__((constructor)) set_lookup(void)
{
    qemuweb_lookup = (QemuwebLookup) {
        .function = (const void *)lookup,
        .pc = offsetof(CPUX86State, eip), .base = offsetof(CPUX86State, segs[R_CS].base),
        .flags = offsetof(CPUX86State, hflags), .more_flags = offsetof(CPUX86State, eflags), .more_flags_mask = MODE_FLAGS,
    };
}
