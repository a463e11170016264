/*
 * The function that a region becomes: a group of blocks that jump to each other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

Block jit;

bool jit_read_member(unsigned member)
{
    jit.label_count = 0;
    jit.loops = jit.failed = false;
    return jit_read_block((const uint32_t *)(jit.members[member] + 1));
}

/* Appends one block of the region to its function. */
static bool compile_block(void)
{
    /* insns and values are large, and need no clearing: counts and kinds say what of them is valid. */
    jit.next_label = jit.carry = 0;
    for (unsigned v = 0; v < VALUES; v++) {
        jit.values[v].kind = EMPTY;
    }
    memset(jit.holders, 0, sizeof(jit.holders));
    memset(jit.frame, 0, sizeof(jit.frame));
    for (unsigned n = 0; n < jit.kept_count; n++) {
        jit.holders[FIRST_LOCAL + n] = 1;
    }

    if (!jit_read_member(jit.member)) {
        return false;
    }
    jit_count_uses();
    jit_open_blocks();
    for (unsigned n = 0; n < jit.insn_count && !jit.failed; n++) {
        if (jit.next_label < jit.label_count && jit.labels[jit.next_label] == jit.insns[n].at) {
            for (unsigned v = 0; v < VALUES; v++) {
                jit_forget(&jit.values[v]);
            }
            jit_put8(&jit.code, W_END);
            jit.next_label++;
        }
        jit_opcodes[jit.insns[n].opcode].compile(&jit.insns[n], jit_opcodes[jit.insns[n].opcode].how);
    }
    if (jit.loops) {
        jit_put8(&jit.code, W_END);
        jit_put8(&jit.code, W_UNREACHABLE);
    }
    return !jit.failed;
}

/*
 * Appends the region's function to `bodies`: its blocks in their order, within a loop whose head goes to the block with the
 * index in LOCAL_SCRATCH. False: one of them stays with the interpreter.
 */
static bool compile_region(Code *bodies)
{
    EXPRESSION(e);
    uint8_t locals[8];
    unsigned length = 0;

    jit.code.length = 0;
    jit_choose_kept();
    jit.local_count = jit.kept_count;
    jit_load_kept();
    if (jit.cycle) {
        if (jit.member_count > 1) {
            jit_op_u(&e, W_GET, LOCAL_SCRATCH);
            jit_op_memory(&e, W_I32_LOAD, offsetof(QemuwebBlock, index));
            jit_op_u(&e, W_SET, LOCAL_SCRATCH);
        }
        jit_op_u(&e, W_LOOP, T_VOID);
        if (jit.member_count > 1) {
            for (unsigned n = 0; n < jit.member_count; n++) {
                jit_op_u(&e, W_BLOCK, T_VOID);
            }
            jit_op_u(&e, W_GET, LOCAL_SCRATCH);
            jit_op_u(&e, W_BR_TABLE, jit.member_count - 1);
            for (unsigned n = 0; n < jit.member_count; n++) {
                e.length += jit_unsigned_leb(e.code + e.length, n);
            }
        }
        jit_emit(&e);
    }
    for (jit.member = 0; jit.member < jit.member_count; jit.member++) {
        if (jit.member_count > 1) {
            jit_put8(&jit.code, W_END);
        }
        if (!compile_block()) {
            return false;
        }
    }
    if (jit.cycle) {
        jit_put8(&jit.code, W_END);
        jit_put8(&jit.code, W_UNREACHABLE);
    }
    jit_put8(&jit.code, W_END);

    locals[length++] = jit.local_count ? 1 : 0;
    if (jit.local_count) {
        length += jit_unsigned_leb(locals + length, jit.local_count);
        locals[length++] = T_I64;
    }
    jit_put_number(bodies, length + jit.code.length);
    jit_put(bodies, locals, length);
    jit_put(bodies, jit.code.bytes, jit.code.length);
    return true;
}

bool jit_add_region(Code *bodies, QemuwebBlock **members, unsigned count, bool cycle, uint32_t entry)
{
    size_t length = bodies->length;

    memcpy(jit.members, members, count * sizeof(*members));
    jit.member_count = count;
    jit.cycle = cycle || count > 1;
    jit.entry = entry;
    if (!compile_region(bodies)) {
        bodies->length = length;
        return false;
    }
    return true;
}
