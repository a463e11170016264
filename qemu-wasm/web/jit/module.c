/*
 * Which blocks are compiled, and the module that they become.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include <math.h>
#include "web/jit/internal.h"

/*
 * JavaScript (runtime.js): instantiates a module that imports functions of the table, by their indices, and says whether that
 * went well; grows the table, giving its former length.
 */
bool qemuweb_jit_load(uint32_t bytes, uint32_t length, uint32_t imports, uint32_t import_count);
uint32_t qemuweb_jit_grow(uint32_t count);

uint32_t qemuweb_jit_threshold;
Block jit;

static bool ordered_host;
static QemuwebBlock *queue[BATCH];
static unsigned queued;
static uint32_t table_next, table_end, table_first;
/* The module in the making: its functions' code, and which block will be entered how. */
static Code bodies, module;
static struct { QemuwebBlock *block; uint32_t entry, index; } compiled[BATCH];
static unsigned function_count, compiled_count;

/* Appends one block of the region to its function. */
static bool compile_block(void)
{
    /* insns and values are large, and need no clearing: counts and kinds say what of them is valid. */
    jit.insn_count = jit.label_count = jit.next_label = jit.carry = 0;
    jit.loops = jit.failed = false;
    for (unsigned v = 0; v < VALUES; v++) {
        jit.values[v].kind = EMPTY;
    }
    memset(jit.holders, 0, sizeof(jit.holders));
    memset(jit.frame, 0, sizeof(jit.frame));

    if (!jit_read_block((const uint32_t *)(jit.members[jit.member] + 1))) {
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
static bool compile_region(void)
{
    EXPRESSION(e);
    uint8_t locals[8];
    unsigned length = 0;

    jit.code.length = 0;
    jit.local_count = 0;
    if (jit.cycle) {
        if (jit.member_count > 1) {
            jit_op_u(&e, W_GET, LOCAL_SCRATCH);
            jit_op_memory(&e, W_I32_LOAD, offsetof(QemuwebBlock, count));
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
    jit_put_number(&bodies, length + jit.code.length);
    jit_put(&bodies, locals, length);
    jit_put(&bodies, jit.code.bytes, jit.code.length);
    return true;
}

/* Finds which of the queued blocks each links to: joins them in groups, by the number of one of each. */
static void find_regions(unsigned *group, bool *cycle)
{
    unsigned sizes[BATCH];

    for (unsigned n = 0; n < queued; n++) {
        group[n] = n;
        sizes[n] = 1;
        cycle[n] = false;
    }
    for (unsigned n = 0; n < queued; n++) {
        jit.label_count = 0;
        jit.failed = jit.loops = false;
        if (!jit_read_block((const uint32_t *)(queue[n] + 1))) {
            continue;
        }
        for (unsigned k = 0; k < jit.insn_count; k++) {
            unsigned target = 0, from = group[n], to;

            if (jit.insns[k].opcode != INDEX_op_goto_tb) {
                continue;
            }
            while (target < queued && (uintptr_t)queue[target] != *(const uintptr_t *)jit_pointer(&jit.insns[k])) {
                target++;
            }
            if (target == queued) {
                continue;
            }
            to = group[target];
            if (from == to) {
                cycle[from] = true;
            } else if (sizes[from] + sizes[to] <= REGION) {
                sizes[to] += sizes[from];
                cycle[to] |= cycle[from];
                for (unsigned m = 0; m < queued; m++) {
                    if (group[m] == from) {
                        group[m] = to;
                    }
                }
            }
        }
    }
}

/* Compiles the blocks to one function; false if one of them can't be. */
static bool add_function(QemuwebBlock **members, unsigned count, bool cycle)
{
    size_t length = bodies.length;

    memcpy(jit.members, members, count * sizeof(*members));
    jit.member_count = count;
    jit.cycle = cycle || count > 1;
    jit.entry = table_next + function_count;
    if (!compile_region()) {
        bodies.length = length;
        return false;
    }
    for (unsigned m = 0; m < count; m++) {
        compiled[compiled_count].block = members[m];
        compiled[compiled_count].entry = jit.entry;
        compiled[compiled_count++].index = m;
    }
    function_count++;
    return true;
}

static void put_section(uint8_t id, const Code *content)
{
    jit_put8(&module, id);
    jit_put_number(&module, content->length);
    jit_put(&module, content->bytes, content->length);
}

/* Compiles what is queued, as one module (specification, section 5.5). */
static void compile_queue(void)
{
    static Code section;
    static const uint8_t start[] = { 0, 'a', 's', 'm', 1, 0, 0, 0 };
    /* The engine's memory, shared, of any size; its table. */
    static const uint8_t imports[] = { 1, 'e', 1, 'm', 2, 3, 0, 0x80, 0x80, 4, 1, 'e', 1, 't', 1, T_FUNCREF, 0, 0 };
    static const uint8_t block_type[] = { 0x60, 2, T_I32, T_I32, 1, T_I64 };
    unsigned group[BATCH];
    bool cycle[BATCH];

    if (table_next + BATCH > table_end) {
        uint32_t first = qemuweb_jit_grow(TABLE_CHUNK);
        if (first != table_end) {
            table_first = table_next = first;
        }
        table_end = first + TABLE_CHUNK;
    }
    jit_type_count = jit_import_count = function_count = compiled_count = 0;
    jit_type_of(block_type, sizeof(block_type));
    bodies.length = 0;
    find_regions(group, cycle);
    for (unsigned n = 0; n < queued; n++) {
        QemuwebBlock *members[REGION];
        unsigned count = 0;
        for (unsigned m = 0; m < queued; m++) {
            if (group[m] == n) {
                members[count++] = queue[m];
            }
        }
        if (count && !add_function(members, count, cycle[n]) && count > 1) {
            for (unsigned m = 0; m < count; m++) {
                add_function(&members[m], 1, true);
            }
        }
    }
    queued = 0;
    if (!function_count) {
        return;
    }

    module.length = 0;
    jit_put(&module, start, sizeof(start));

    section.length = 0;
    jit_put_number(&section, jit_type_count);
    for (unsigned n = 0; n < jit_type_count; n++) {
        jit_put(&section, jit_types[n].bytes, jit_types[n].length);
    }
    put_section(1, &section);

    section.length = 0;
    jit_put_number(&section, 2 + jit_import_count);
    jit_put(&section, imports, sizeof(imports));
    for (unsigned n = 0; n < jit_import_count; n++) {
        char name[11];
        int length = snprintf(name, sizeof(name), "%u", jit_imports[n]);
        jit_put(&section, (const uint8_t[]) { 1, 'f', length }, 3);
        jit_put(&section, name, length);
        jit_put8(&section, 0);
        jit_put_number(&section, jit_import_types[n]);
    }
    put_section(2, &section);

    section.length = 0;
    jit_put_number(&section, function_count);
    for (unsigned n = 0; n < function_count; n++) {
        jit_put8(&section, 0);
    }
    put_section(3, &section);

    /* The functions go into the table, in a row. */
    section.length = 0;
    jit_put8(&section, 1);
    jit_put8(&section, 0);
    jit_put8(&section, W_I32_CONST);
    {
        uint8_t leb[10];
        jit_put(&section, leb, jit_signed_leb(leb, table_next));
    }
    jit_put8(&section, W_END);
    jit_put_number(&section, function_count);
    for (unsigned n = 0; n < function_count; n++) {
        jit_put_number(&section, jit_import_count + n);
    }
    put_section(9, &section);

    section.length = 0;
    jit_put_number(&section, function_count);
    jit_put(&section, bodies.bytes, bodies.length);
    put_section(10, &section);

    if (!qemuweb_jit_load((uintptr_t)module.bytes, module.length, (uintptr_t)jit_imports, jit_import_count)) {
        return;
    }
    for (unsigned n = 0; n < compiled_count; n++) {
        compiled[n].block->entry = compiled[n].entry;
        compiled[n].block->count = compiled[n].index;
    }
    table_next += function_count;
}

/*
 * Whether this is an x86 host. The engine doesn't know what machine it runs on, but the sign of a NaN that the machine makes is
 * left open (specification, section 4.3.3), and x86's is negative.
 */
static bool host_is_x86(void)
{
    volatile double zero = 0;

    return signbit(zero / zero);
}

void qemuweb_jit_init(uint32_t threshold)
{
    ordered_host = host_is_x86();
    qemuweb_jit_threshold = threshold;
}

bool qemuweb_needs_fence(unsigned barrier)
{
    return !ordered_host || (barrier & TCG_MO_ST_LD);
}

bool qemuweb_jit_hot(QemuwebBlock *block)
{
    if (block->count == qemuweb_jit_threshold) {
        queue[queued++] = block;
        if (queued < BATCH) {
            return false;
        }
    } else if (block->count != qemuweb_jit_threshold * IMPATIENCE) {
        return false;
    }
    compile_queue();
    return block->entry != (uintptr_t)qemuweb_interpret;
}

void qemuweb_jit_flush(void)
{
    queued = 0;
    table_next = table_first;
}

uint64_t qemuweb_interpret(uint32_t env, uint32_t block)
{
    return QEMUWEB_GO_ON | block;
}
