/*
 * The second tier of TCG: hot translation blocks as WebAssembly.
 *
 * The first tier is QEMU's interpreter: what TCG emits, and what all of QEMU takes for "host code", is TCI bytecode. Each block
 * begins with a header that says how it is entered; blocks that were run often enough are compiled, up to 256 in one module,
 * and their headers then name a function in the table. A function that leaves for a block of another returns it to
 * tcg_qemu_tb_exec (tcg/tci.c), which enters that by its header: linking and unlinking work on QEMU's own jmp_target_addr and
 * patch no code.
 *
 * Blocks, headers and the numbering of the table are common to all vCPU threads. The table itself is a thread's own: it has a
 * module's functions once it has instantiated that module, and does so when it first enters one of them (jit/table.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QEMUWEB_JIT_H
#define QEMUWEB_JIT_H

#include <stdint.h>
#include <stdbool.h>
#include "tcg/tcg-mo.h"

/* A vector register of TCI. */
typedef union QemuwebVector {
    int8_t s8 __attribute__((vector_size(16)));
    int16_t s16 __attribute__((vector_size(16)));
    int32_t s32 __attribute__((vector_size(16)));
    int64_t s64 __attribute__((vector_size(16)));
    uint8_t u8 __attribute__((vector_size(16)));
    uint16_t u16 __attribute__((vector_size(16)));
    uint32_t u32 __attribute__((vector_size(16)));
    uint64_t u64 __attribute__((vector_size(16)));
} QemuwebVector;

/*
 * The start of each block, and (without the last two words) the place to which an unlinked goto_tb falls through. All words are
 * bytecode to the interpreter: an opcode that skips the rest.
 */
typedef struct QemuwebBlock {
    uint32_t opcode;
    /* Table index of a QemuwebEntry. */
    uint32_t entry;
    /* Of the block among those of its function: set before `entry`. */
    uint32_t index;
    /* Times that the interpreter entered it. */
    uint32_t count;
} QemuwebBlock;

/*
 * What a block returns: a value of exit_tb (accel/tcg/cpu-exec.c takes it apart), or QEMUWEB_GO_ON with the address of a
 * block to be entered next.
 */
typedef uint64_t QemuwebEntry(uint32_t env, uint32_t block);
#define QEMUWEB_GO_ON (1ull << 32)

/* Compiled blocks address the state at negative offsets of CPUArchState, too: their `env` points this much below it. */
#define QEMUWEB_ENV_BIAS 1024

/* Entry of a block that is not compiled: no place of the table that a function could have. */
#define QEMUWEB_INTERPRETED 0

/* tcg/tci.c: interprets from some place in a block on; returns what a block returns. */
uint64_t qemuweb_interpret_from(CPUArchState *env, const void *bytecode);

/* vector.c: interprets one instruction on vectors; `next` is where the one behind it lies. */
void qemuweb_interpret_vector(uint32_t insn, const void *next, uint64_t *integers, QemuwebVector *vectors);

/* How often the interpreter enters a block before it asks for compilation (-accel tcg,jit-threshold=); 0 compiles nothing. */
#define QEMUWEB_JIT_THRESHOLD 32
extern uint32_t qemuweb_jit_threshold;

/* `threads`: of vCPUs, at most. */
void qemuweb_jit_init(uint32_t threshold, unsigned threads);

/* A vCPU thread whose table doesn't belong to the present epoch, which a flush ends, has to catch up before it enters a block. */
extern uint32_t qemuweb_jit_epoch;
extern __thread uint32_t qemuweb_jit_seen_epoch;
void qemuweb_jit_catch_up(void);

/* Whether this is an x86 host, whose stores and loads keep their order by themselves, but for a load after a store. */
extern bool qemuweb_ordered_host;

/* Whether the host needs a fence for a barrier of these kinds (TCGBar). */
static inline bool qemuweb_needs_fence(unsigned barrier)
{
    return !qemuweb_ordered_host || (barrier & TCG_MO_ST_LD);
}

/*
 * Behind each goto_ptr: where it went last, and goes again if nothing of this is different: the epoch of what blocks are where, the
 * CPU's place and mode. While the epoch is 0, `block` only says where the interpreter went.
 */
typedef struct __attribute__((packed, aligned(4))) QemuwebJump {
    uint64_t epoch, pc;
    uint32_t flags, base;
    uint32_t block;
} QemuwebJump;

/*
 * Where this target has those, by offset in CPUArchState; and a faster lookup_tb_ptr, which fills in a jump, too, if it is given one.
 * No function: there is none for this target.
 */
typedef struct QemuwebLookup {
    const void *function;
    unsigned pc, base;
    /* The mode is one word and some bits of another. */
    unsigned flags, more_flags;
    uint32_t more_flags_mask;
} QemuwebLookup;

extern QemuwebLookup qemuweb_lookup;

/*
 * A helper that accesses nothing of the CPU's state but floating-point registers and their status: what it does, the bytes of a number
 * (of FLOAT_WIDEN's and FLOAT_NARROW's operand), and of an integer.
 *
 * Parameters, behind the CPU's state: FLOAT_COMPARE's two operands; FLOAT_TO_INTEGER's one; FLOAT_FROM_INTEGER's register for the
 * result, and the integer; of others the register for the result, another that the rest of it is copied from, which is the
 * first operand if there are two, and the last operand. If `packed`, it is done
 * to all numbers of a register of 16 bytes, so nothing is copied: the square root's parameters are the result and the operand.
 */
typedef struct QemuwebFloat {
    const void *helper;
    enum {
        FLOAT_ADD, FLOAT_SUBTRACT, FLOAT_MULTIPLY, FLOAT_DIVIDE, FLOAT_SQUARE_ROOT, FLOAT_WIDEN, FLOAT_NARROW, FLOAT_COMPARE,
        FLOAT_TO_INTEGER, FLOAT_FROM_INTEGER,
    } operation;
    unsigned size, integer_size;
    bool packed;
} QemuwebFloat;

/* All of them; where the state has the word of their float_status that says, under a mask, whether the host may compute. */
typedef struct QemuwebFloats {
    const QemuwebFloat *helpers;
    unsigned count;
    unsigned status;
    uint32_t mask, usual;
    /* What FLOAT_COMPARE returns: one bit each, or none if the first is greater. */
    uint32_t less, equal;
} QemuwebFloats;

extern QemuwebFloats qemuweb_floats;

/*
 * Jumps remembered before don't count any more: blocks, or the memory that they are in, are no longer where they were. After the
 * vCPU's jump cache has been changed.
 */
void qemuweb_forget_jumps(void);
extern uint64_t qemuweb_jump_epoch;

/* A vCPU enters blocks. */
void qemuweb_jumps_of(CPUArchState *env);

/* Called at each entry from the threshold on. True: the block has been compiled. */
bool qemuweb_jit_hot(QemuwebBlock *block);

/* Forgets every compiled block: QEMU is about to reuse the code buffer. */
void qemuweb_jit_flush(void);

/* Calls a helper of any signature (TCGHelperInfo's typemask) with the slots that TCI laid out; its result goes to slots[0..1]. */
void qemuweb_call(const void *function, uint32_t typemask, uint64_t *slots);

#endif
