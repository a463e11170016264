/*
 * The function that a region becomes: a group of blocks that jump to each other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "hw/core/boards.h"
#include "web/jit/internal.h"

Block jit;

/* Appends one block of the region to its function. */
static bool compile_block(void)
{
    /* insns and values are large, and need no clearing: counts and kinds say what of them is valid. */
    jit.next_label = jit.carry = 0;
    jit.io_forbidden = jit.io_done = false;
    jit.io_allowed = true;
    for (unsigned v = 0; v < VALUES; v++) {
        jit.values[v].kind = EMPTY;
    }
    memset(jit.holders, 0, sizeof(jit.holders));
    memset(jit.frame, 0, sizeof(jit.frame));
    memset(jit.vectors, 0, sizeof(jit.vectors));
    for (unsigned n = 0; n < jit.kept_count; n++) {
        jit.holders[FIRST_LOCAL + n] = 1;
    }

    if (!jit_read_block(jit.members[jit.member])) {
        return false;
    }
    jit_count_uses();
    jit_open_blocks();
    for (unsigned n = 0; n < jit.insn_count && !jit.failed; n++) {
        if (jit.next_label < jit.label_count && jit.labels[jit.next_label] == jit.insns[n].at) {
            for (unsigned v = 0; v < VALUES; v++) {
                jit_forget(&jit.values[v]);
            }
            jit_settle_io();
            jit_put8(&jit.code, W_END);
            jit.next_label++;
        }
        jit_opcodes[jit.insns[n].opcode].compile(&jit.insns[n], jit_opcodes[jit.insns[n].opcode].how);
        n += jit.done;
        jit.done = 0;
    }
    if (jit.loops) {
        jit_put8(&jit.code, W_END);
        jit_put8(&jit.code, W_UNREACHABLE);
    }
    return !jit.failed;
}

/* The function's locals, as runs of one type each (specification, section 5.4.1); how many bytes that takes. */
static unsigned describe_locals(uint8_t *bytes)
{
    unsigned length = 1, local = FIRST_LOCAL, end = FIRST_LOCAL + jit.local_count;

    bytes[0] = 0;
    while (local < end) {
        unsigned first = local;
        bool vector = jit.vector_locals >> first & 1;

        while (local < end && (jit.vector_locals >> local & 1) == vector) {
            local++;
        }
        bytes[0]++;
        bytes[length++] = local - first;
        bytes[length++] = vector ? T_V128 : T_I64;
    }
    return length;
}

/*
 * Appends the region's function to `bodies`: its blocks in their order, within a loop whose head goes to the block with the
 * index in LOCAL_SCRATCH. False: one of them stays with the interpreter.
 */
static bool compile_region(Code *bodies)
{
    EXPRESSION(e);
    uint8_t locals[2 * MAX_LOCALS + 2];
    unsigned length;

    jit.code.length = jit.vector_locals = jit.cold_calls.length = 0;
    jit_choose_kept();
    jit.local_count = jit.kept_count;
    jit_load_kept();
    jit_op_u(&e, W_BLOCK, T_VOID);
    jit_emit(&e);
    if (jit.cycle) {
        if (jit.member_count > 1) {
            jit_op_u(&e, W_GET, LOCAL_SCRATCH);
            jit_op_memory(&e, W_I32_LOAD, offsetof(QemuwebBlock, index));
            jit_op_u(&e, W_SET, LOCAL_SCRATCH);
        }
        jit_op_u(&e, W_LOOP, T_VOID);
        jit_op_u(&e, W_BLOCK, T_VOID);
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
        jit_reenter();
        jit_put8(&jit.code, W_END);
    }
    jit_put8(&jit.code, W_END);
    jit_leave();
    jit_put8(&jit.code, W_END);

    length = describe_locals(locals);
    jit_put_number(bodies, length + jit.code.length);
    jit_put(bodies, locals, length);
    jit_take_cold_calls(bodies->length);
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
    jit.env = current_machine->smp.max_cpus == 1 ? (uintptr_t)cpu_env(current_cpu) - QEMUWEB_ENV_BIAS : 0;
    jit.own = jit_one_thread ? (uintptr_t)__builtin_wasm_tls_base() : 0;
    if (!compile_region(bodies)) {
        bodies->length = length;
        return false;
    }
    return true;
}
