/*
 * Reading a block of TCI bytecode: what each instruction reads and writes, labels, how often a value is used.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

/* Fields as tcg/tci/tcg-target.c.inc packs them. */

unsigned jit_field(const Insn *i, unsigned n)
{
    return extract32(*i->at, 8 + 4 * n, 4);
}

const uint32_t *jit_pointer(const Insn *i)
{
    return (const void *)((intptr_t)(i->at + 1) + sextract32(*i->at, 12, 20));
}

static void reads(Insn *i, unsigned v)
{
    if (v != TCG_AREG0) {
        i->reads[i->read_count++] = v;
    }
}

static void writes(Insn *i, unsigned v)
{
    i->writes[i->write_count++] = v;
}

/* A frame slot by offset: of an argument's value, or NO_VALUE. */
static unsigned slot_value(const Insn *i)
{
    unsigned slot = sextract32(*i->at, 16, 16) / 8;

    return slot < ARGUMENT_SLOTS ? REGISTERS + slot : NO_VALUE;
}

bool jit_is_frame(const Insn *i)
{
    return jit_field(i, 1) == TCG_REG_CALL_STACK;
}

const TCGHelperInfo *jit_helper(const Insn *i)
{
    return ((const TCGHelperInfo *const *)jit_pointer(i))[1];
}

/* Another thread may link it anew at any moment. */
QemuwebBlock *jit_linked(const Insn *i)
{
    switch (i->opcode) {
    case INDEX_op_goto_tb:
        return qatomic_read((QemuwebBlock **)jit_pointer(i));
    case INDEX_op_goto_ptr:
        return (QemuwebBlock *)(uintptr_t)qatomic_read(&jit_jump(i)->block);
    default:
        return NULL;
    }
}

/* How many slots a helper's arguments take. */
static unsigned argument_slots(const TCGHelperInfo *info)
{
    unsigned slots = 0;

    for (uint32_t mask = info->typemask >> 3; mask; mask >>= 3) {
        slots += (mask & 7) == dh_typecode_i128 ? 2 : 1;
    }
    return slots;
}

/* Fills in what an instruction reads and writes. False: it is not known. */
static bool decode(Insn *i, const uint32_t *at)
{
    const Opcode *opcode = &jit_opcodes[*at & 0xff];

    *i = (Insn) { .at = at, .opcode = *at & 0xff };
    for (unsigned n = 0; n < 5; n++) {
        if (opcode->writes >> n & 1) {
            writes(i, jit_field(i, n));
        }
    }
    for (unsigned n = 0; n < 5; n++) {
        if ((opcode->reads >> n & 1) && jit_field(i, n) != TCG_REG_CALL_STACK) {
            reads(i, jit_field(i, n));
        }
    }
    if (i->opcode == INDEX_op_call) {
        unsigned result = jit_helper(i)->typemask & 7;
        for (unsigned slot = 0; slot < argument_slots(jit_helper(i)); slot++) {
            reads(i, REGISTERS + slot);
        }
        if (result != dh_typecode_void) {
            writes(i, TCG_REG_R0);
        }
        if (result == dh_typecode_i128) {
            writes(i, TCG_REG_R1);
        }
    } else if (opcode->compile == jit_store && jit_is_frame(i) && slot_value(i) != NO_VALUE) {
        writes(i, slot_value(i));
    } else if (opcode->compile == jit_load && jit_is_frame(i) && slot_value(i) != NO_VALUE) {
        return false;
    }
    return opcode->compile;
}

static bool ends_flow(const Insn *i)
{
    switch (i->opcode) {
    case INDEX_op_br:
    case INDEX_op_exit_tb:
    case INDEX_op_goto_tb:
    case INDEX_op_goto_ptr:
        return true;
    case INDEX_op_call:
        return jit_helper(i)->flags & TCG_CALL_NO_RETURN;
    default:
        return false;
    }
}

int jit_label_index(const uint32_t *at)
{
    for (unsigned n = 0; n < jit.label_count; n++) {
        if (jit.labels[n] == at) {
            return n;
        }
    }
    return -1;
}

static bool add_label(const uint32_t *at)
{
    unsigned n = jit.label_count;

    if (jit_label_index(at) >= 0) {
        return false;
    }
    if (n == MAX_LABELS) {
        jit.failed = true;
        return false;
    }
    jit.label_count++;
    while (n && jit.labels[n - 1] > at) {
        jit.labels[n] = jit.labels[n - 1];
        n--;
    }
    jit.labels[n] = at;
    return true;
}

/*
 * Whether the branch is the check for interrupts with which a block begins (gen_tb_start() in accel/tcg/translator.c). With -icount
 * it isn't: the number of instructions left goes down first.
 */
static bool checks_interrupts(const Insn *branch)
{
    const Insn *i = jit.insns;

    if (jit_opcodes[i->opcode].compile != jit_load || jit_field(i, 1) != TCG_AREG0 || sextract32(*i->at, 16, 16) != INTERRUPTED) {
        return false;
    }
    do {
        i++;
    } while (i->opcode == INDEX_op_tci_movi || i->opcode == INDEX_op_tci_setcond32);
    return i == branch;
}

/*
 * Reads the instructions that can be reached, by rising address, but for the check for interrupts, and finds the labels. Again from
 * the start if a branch back leads to code that was skipped.
 */
bool jit_read_block(const QemuwebBlock *block)
{
    bool again;

    jit.label_count = 0;
    jit.loops = jit.failed = false;
    do {
        const uint32_t *at = (const uint32_t *)(block + 1);
        again = false;
        jit.insn_count = 0;
        while (at) {
            Insn *i = &jit.insns[jit.insn_count];
            if (jit.insn_count == MAX_INSNS || !decode(i, at)) {
                return false;
            }
            at++;
            if (i->opcode == INDEX_op_brcond && checks_interrupts(i)) {
                continue;
            }
            jit.insn_count++;
            if (i->opcode == INDEX_op_br || i->opcode == INDEX_op_brcond) {
                const uint32_t *target = jit_pointer(i);
                bool new = add_label(target);
                if (target < at) {
                    jit.loops = true;
                    again |= new;
                }
            }
            if (ends_flow(i)) {
                unsigned n = 0;
                while (n < jit.label_count && jit.labels[n] < at) {
                    n++;
                }
                at = n < jit.label_count ? jit.labels[n] : NULL;
            }
        }
    } while (again && !jit.failed);
    return !jit.failed;
}

/* Counts each definition's uses, backwards. */
void jit_count_uses(void)
{
    uint16_t uses[VALUES] = { 0 };

    for (unsigned n = jit.insn_count; n-- > 0;) {
        Insn *i = &jit.insns[n];
        if (ends_flow(i)) {
            memset(uses, 0, sizeof(uses));
        }
        for (unsigned k = 0; k < i->write_count; k++) {
            i->uses[k] = uses[i->writes[k]];
            uses[i->writes[k]] = 0;
        }
        for (unsigned k = 0; k < i->read_count; k++) {
            uses[i->reads[k]]++;
        }
        if (jit_label_index(i->at) >= 0) {
            memset(uses, 0, sizeof(uses));
        }
    }
}
