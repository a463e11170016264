/*
 * Which blocks are compiled, when, and which of them together.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include <math.h>
#include "exec/translation-block.h"
#include "qemu/lockable.h"
#include "tcg/tcg.h"
#include "web/jit/internal.h"
#include "web/statistics.h"

uint32_t qemuweb_jit_threshold;

bool qemuweb_ordered_host, jit_one_thread;
QemuMutex jit_lock;
/* Blocks that asked to be compiled, and those of the module in the making. */
static QemuwebBlock *queue[BATCH], *batch[MAX_BATCH];
static unsigned queued, batched;
/* The functions of the module in the making, the first's place in the table, and which block will be entered by which. */
static Code bodies;
static uint32_t table_first;
static struct { QemuwebBlock *block; uint32_t entry; } compiled[MAX_BATCH];
static unsigned function_count, compiled_count;

/* The block's place in the batch; `batched` if it is not there. */
static unsigned place_of(const QemuwebBlock *block)
{
    unsigned place = 0;

    while (place < batched && batch[place] != block) {
        place++;
    }
    return place;
}

/* Where the batch's blocks jump to, as far as that is known: by goto_tb, and by goto_ptr. */
static struct { unsigned from; const QemuwebBlock *to; } jumps[2][MAX_BATCH * 2];
static unsigned jump_counts[2];

static void note_jump(const Insn *i, unsigned from, const QemuwebBlock *to)
{
    unsigned kind = i->opcode == INDEX_op_goto_ptr, n = jump_counts[kind];

    if (n < ARRAY_SIZE(jumps[kind])) {
        jumps[kind][n].from = from;
        jumps[kind][n].to = to;
        jump_counts[kind]++;
    }
}

static void add(QemuwebBlock *block)
{
    if (batched < MAX_BATCH && block->entry == QEMUWEB_INTERPRETED && block->index != REFUSED && place_of(block) == batched) {
        batch[batched++] = block;
    }
}

/* Adds what the batch's block leads to and what is on its way to being hot. False: the block can't be compiled. */
static bool add_companions(unsigned place)
{
    if (!jit_read_block(batch[place])) {
        return false;
    }
    for (unsigned k = 0; k < jit.insn_count; k++) {
        QemuwebBlock *block = jit_linked(&jit.insns[k]);

        if (block) {
            note_jump(&jit.insns[k], place, block);
            if (block->opcode == INDEX_op_tci_block && block->count >= qemuweb_jit_threshold / COMPANION) {
                add(block);
            }
        }
    }
    return true;
}

/*
 * Takes blocks from the queue, each with those that it leads to and that are on their way there: both sides of a branch become hot
 * later than what is before and behind it, and would be functions of their own. What there is no room for stays in the queue.
 */
static void take_batch(void)
{
    unsigned taken = 0, read = 0;

    batched = jump_counts[0] = jump_counts[1] = 0;
    while (taken < queued && batched < MAX_BATCH) {
        add(queue[taken++]);
        while (read < batched) {
            if (add_companions(read)) {
                read++;
            } else {
                batch[read]->index = REFUSED;
                qemuweb_statistics.refused++;
                batch[read] = batch[--batched];
            }
        }
    }
    queued -= taken;
    memmove(queue, queue + taken, queued * sizeof(*queue));
}

/* A group's number is that of one of its blocks. */
typedef struct Groups {
    unsigned of[MAX_BATCH], sizes[MAX_BATCH];
    bool cycle[MAX_BATCH];
} Groups;

/* Joins the groups of a block and of one that it jumps to, unless that is too much for a function. */
static void join(Groups *groups, unsigned block, unsigned target)
{
    unsigned from = groups->of[block], to = groups->of[target];

    if (from == to) {
        groups->cycle[from] = true;
    } else if (groups->sizes[from] + groups->sizes[to] <= REGION) {
        groups->sizes[to] += groups->sizes[from];
        groups->cycle[to] |= groups->cycle[from];
        for (unsigned n = 0; n < batched; n++) {
            if (groups->of[n] == from) {
                groups->of[n] = to;
            }
        }
    }
}

/* Groups the batch's blocks by which jump to which: by what is linked first, then by where computed jumps went. */
static void find_regions(Groups *groups)
{
    for (unsigned n = 0; n < batched; n++) {
        groups->of[n] = n;
        groups->sizes[n] = 1;
        groups->cycle[n] = false;
    }
    for (unsigned kind = 0; kind < ARRAY_SIZE(jumps); kind++) {
        for (unsigned n = 0; n < jump_counts[kind]; n++) {
            unsigned target = place_of(jumps[kind][n].to);

            if (target < batched) {
                join(groups, jumps[kind][n].from, target);
            }
        }
    }
}

/* Compiles the blocks to one function; false if one of them can't be. */
static bool add_function(QemuwebBlock **members, unsigned count, bool cycle)
{
    uint32_t entry = table_first + function_count;

    if (!jit_add_region(&bodies, members, count, cycle, entry)) {
        return false;
    }
    for (unsigned m = 0; m < count; m++) {
        /* Whoever finds the block compiled finds its index: it is set long before. */
        members[m]->index = m;
        compiled[compiled_count].block = members[m];
        compiled[compiled_count++].entry = entry;
    }
    function_count++;
    return true;
}

/* Compiles each region of the batch's blocks; what can't be compiled as one is tried block by block. */
static void compile_regions(void)
{
    static const uint8_t block_type[] = { 0x60, 2, T_I32, T_I32, 1, T_I64 };
    Groups groups;

    jit_type_count = jit_import_count = jit_thunk_count = function_count = compiled_count = 0;
    jit_type_of(block_type, sizeof(block_type));
    bodies.length = 0;
    take_batch();
    find_regions(&groups);
    for (unsigned n = 0; n < batched; n++) {
        QemuwebBlock *members[REGION];
        unsigned count = 0;
        for (unsigned m = 0; m < batched; m++) {
            if (groups.of[m] == n) {
                members[count++] = batch[m];
            }
        }
        if (count == 0 || add_function(members, count, groups.cycle[n])) {
            continue;
        }
        for (unsigned m = 0; m < count; m++) {
            if (count == 1 || !add_function(&members[m], 1, true)) {
                members[m]->index = REFUSED;
            }
        }
    }
}

/* Compiles a module of what is queued first. */
static void compile_batch(void)
{
    compile_regions();
    qemuweb_statistics.refused += batched - compiled_count;
    if (!function_count || !jit_load_module(&bodies, function_count, table_first)) {
        return;
    }
    for (unsigned n = 0; n < compiled_count; n++) {
        const TranslationBlock *tb = tcg_tb_lookup((uintptr_t)compiled[n].block);

        qatomic_store_release(&compiled[n].block->entry, compiled[n].entry);
        qemuweb_statistics.instructions += tb ? tb->icount : 0;
    }
    qemuweb_statistics.functions += function_count;
    qemuweb_statistics.blocks += compiled_count;
}

static void compile_queue(void)
{
    while (queued) {
        table_first = jit_table_next(MAX_BATCH);
        if (!table_first) {
            queued = 0;
            return;
        }
        compile_batch();
    }
}

/*
 * Whether this is an x86 host. The engine doesn't know what machine it runs on, but the sign of a NaN that the machine makes is
 * left open (specification, section 4.3.3), and x86's is negative.
 */
static void __attribute__((constructor)) find_host(void)
{
    volatile double zero = 0;

    qemuweb_ordered_host = signbit(zero / zero);
}

void qemuweb_jit_init(uint32_t threshold, unsigned threads)
{
    qemuweb_jit_threshold = threshold;
    qemu_mutex_init(&jit_lock);
    jit_one_thread = threads == 1;
    jit_table_init();
}

/* Queues a block, and compiles the queue if that fills it. */
static void enqueue(QemuwebBlock *block)
{
    for (unsigned n = 0; n < queued; n++) {
        if (queue[n] == block) {
            return;
        }
    }
    queue[queued++] = block;
    if (queued == BATCH) {
        compile_queue();
    }
}

/* Threads that run a block at the same time may lose counts, but none passes a number that no thread has seen. */
bool qemuweb_jit_hot(QemuwebBlock *block)
{
    uint32_t count = block->count;

    if (count != qemuweb_jit_threshold && count != qemuweb_jit_threshold * IMPATIENCE) {
        return false;
    }
    QEMU_LOCK_GUARD(&jit_lock);
    if (block->entry == QEMUWEB_INTERPRETED) {
        if (count == qemuweb_jit_threshold) {
            enqueue(block);
        } else {
            compile_queue();
        }
    }
    return block->entry != QEMUWEB_INTERPRETED;
}

void qemuweb_jit_flush(void)
{
    queued = 0;
    jit_table_flush();
}
