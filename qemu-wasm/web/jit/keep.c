/*
 * What a region keeps in locals: the parts of the CPU's state that its loops read. Blocks hand registers to each other in memory,
 * and what goes round a loop would wait at each block for the store of the one before. Stores are still made: memory has at all
 * times what the locals have, so exits, faults and helpers that read the state need no code.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

/* Whether that is a global of TCG's: nothing writes those but blocks, and helpers that say so. */
static bool is_global(int offset, unsigned size)
{
    for (int n = 0; n < tcg_ctx->nb_globals; n++) {
        const TCGTemp *global = &tcg_ctx->temps[n];

        if (global->kind == TEMP_GLOBAL && !global->indirect_reg && global->mem_base->reg == TCG_AREG0
            && global->mem_offset == offset && size == (global->type == TCG_TYPE_I32 ? 4 : 8)) {
            return true;
        }
    }
    return false;
}

static unsigned find(int offset, unsigned size)
{
    unsigned n = 0;

    while (n < jit.kept_count && (jit.kept[n].offset != offset || jit.kept[n].size != size)) {
        n++;
    }
    return n;
}

static void keep(int offset, unsigned size)
{
    unsigned n = find(offset, size);

    if (n == jit.kept_count && n < MAX_KEPT && is_global(offset, size)) {
        jit.kept[n].offset = offset;
        jit.kept[n].size = size;
        jit.kept_count++;
    }
}

/* Members that the one being read jumps to, as bits. */
static uint32_t targets(void)
{
    uint32_t bits = 0;

    QEMU_BUILD_BUG_ON(REGION > 32);
    for (unsigned k = 0; k < jit.insn_count; k++) {
        const QemuwebBlock *linked = jit_linked(&jit.insns[k]);

        for (unsigned m = 0; linked && m < jit.member_count; m++) {
            bits |= (uint32_t)(jit.members[m] == linked) << m;
        }
    }
    return bits;
}

/*
 * Whether a helper may change what is kept. TCG asks only that it changes nothing that the block still uses: xrstor, which says that
 * it changes no globals, loads bounds registers, and ends its block. So that is believed only of those without any side effects.
 */
static bool changes_globals(const Insn *i)
{
    const unsigned reader = TCG_CALL_NO_WRITE_GLOBALS | TCG_CALL_NO_SIDE_EFFECTS;
    unsigned flags = i->opcode == INDEX_op_call ? jit_helper(i)->flags : TCG_CALL_NO_READ_GLOBALS;

    return !(flags & (TCG_CALL_NO_READ_GLOBALS | TCG_CALL_NO_RETURN)) && (flags & reader) != reader;
}

void jit_choose_kept(void)
{
    uint32_t reached[REGION];

    jit.kept_count = 0;
    if (!jit.cycle) {
        return;
    }
    for (unsigned m = 0; m < jit.member_count; m++) {
        if (!jit_read_block(jit.members[m])) {
            return;
        }
        reached[m] = targets();
        for (unsigned k = 0; k < jit.insn_count; k++) {
            if (changes_globals(&jit.insns[k])) {
                return;
            }
        }
    }
    for (unsigned by = 0; by < jit.member_count; by++) {
        for (unsigned m = 0; m < jit.member_count; m++) {
            reached[m] |= reached[m] >> by & 1 ? reached[by] : 0;
        }
    }
    for (unsigned m = 0; m < jit.member_count; m++) {
        if (!(reached[m] >> m & 1)) {
            continue;
        }
        jit_read_block(jit.members[m]);
        for (unsigned k = 0; k < jit.insn_count; k++) {
            const Insn *i = &jit.insns[k];

            if (jit_opcodes[i->opcode].compile == jit_load && jit_field(i, 1) == TCG_AREG0) {
                keep(sextract32(*i->at, 16, 16), extract32(jit_opcodes[i->opcode].how, 8, 8));
            }
        }
    }
}

static void load(Expression *e, unsigned n)
{
    jit_env(e);
    jit_op_memory(e, jit.kept[n].size == 8 ? W_I64_LOAD : W_I64_LOAD32_U, jit.kept[n].offset + QEMUWEB_ENV_BIAS);
    jit_op_u(e, W_SET, FIRST_LOCAL + n);
}

void jit_load_kept(void)
{
    EXPRESSION(e);

    for (unsigned n = 0; n < jit.kept_count; n++) {
        load(&e, n);
    }
    jit_emit(&e);
}

uint8_t jit_kept_local(int offset, unsigned size)
{
    unsigned n = find(offset, size);

    return n < jit.kept_count ? FIRST_LOCAL + n : 0;
}

void jit_reload_kept(Expression *e, int low, int high)
{
    for (unsigned n = 0; n < jit.kept_count; n++) {
        if (jit.kept[n].offset < high && low < jit.kept[n].offset + (int)jit.kept[n].size) {
            load(e, n);
        }
    }
}
