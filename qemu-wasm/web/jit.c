/*
 * Compiles TCI bytecode to WebAssembly. See jit.h for what a block is and how blocks reach each other.
 *
 * A block is straight-line code with labels inside it. TCG keeps nothing in registers across a label, so registers become
 * values of one extended basic block: a value used once is left unevaluated (a piece of wasm code) until its use, one used
 * more often gets a wasm local, which is free again after the last use. What TCG stores to its frame is a value, too, if it is
 * the argument of a call, and a local of its own if it is a spilled temporary.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include <math.h>
#include "exec/memopidx.h"
#include "exec/helper-proto-common.h"
#include "exec/target_page.h"
#include "exec/tlb-common.h"
#include "exec/helper-head.h.inc"
#include "hw/core/cpu.h"
#include "qemu/host-utils.h"
#include "tcg/tcg.h"
#include "tcg/helper-info.h"
#include "tcg/tcg-ldst.h"
#include "accel/tcg/getpc.h"
#include "web/jit.h"

/*
 * JavaScript (runtime.js): instantiates a module that imports functions of the table, by their indices, and says whether that
 * went well; grows the table, giving its former length.
 */
bool qemuweb_jit_load(uint32_t bytes, uint32_t length, uint32_t imports, uint32_t import_count);
uint32_t qemuweb_jit_grow(uint32_t count);

#define BATCH 64
/* Blocks in one function, at most. */
#define REGION 16
#define MAX_INSNS 4096
#define MAX_LABELS 128
#define MAX_LOCALS 48
#define MAX_REFS 4
#define MAX_DEFERRED 80
#define MAX_TYPES 128
#define MAX_IMPORTS 1024

/* A block asks a second time at this multiple of the threshold: its batch is then compiled as it is. */
#define IMPATIENCE 8

/* Table slots are taken in pieces of this many. */
#define TABLE_CHUNK 4096

/* Values: TCG's 16 registers, then the slots of call arguments. */
#define REGISTERS 16
#define ARGUMENT_SLOTS (TCG_STATIC_CALL_ARGS_SIZE / 8)
#define FRAME_SLOTS ((TCG_STATIC_CALL_ARGS_SIZE + TCG_STATIC_FRAME_SIZE) / 8)
#define VALUES (REGISTERS + ARGUMENT_SLOTS)
#define NO_VALUE 255

/* Parameters of a compiled block; the second is scratch after the jump to it. */
#define LOCAL_ENV 0
#define LOCAL_SCRATCH 1
#define FIRST_LOCAL 2

/* Opcodes: WebAssembly Core Specification 2.0, section 5.4, and its tail call and threads extensions. */
enum {
    W_UNREACHABLE = 0x00, W_BLOCK = 0x02, W_LOOP = 0x03, W_IF = 0x04, W_ELSE = 0x05, W_END = 0x0b, W_BR = 0x0c,
    W_BR_IF = 0x0d, W_BR_TABLE = 0x0e, W_RETURN = 0x0f, W_CALL = 0x10, W_RETURN_CALL_INDIRECT = 0x13,
    W_DROP = 0x1a, W_SELECT = 0x1b, W_GET = 0x20, W_SET = 0x21, W_TEE = 0x22,
    W_I32_LOAD = 0x28, W_I64_LOAD = 0x29, W_I32_LOAD8_U = 0x2d, W_I32_LOAD16_U = 0x2f,
    W_I64_LOAD8_S = 0x30, W_I64_LOAD8_U, W_I64_LOAD16_S, W_I64_LOAD16_U, W_I64_LOAD32_S, W_I64_LOAD32_U,
    W_I32_STORE = 0x36, W_I64_STORE = 0x37, W_I32_STORE8 = 0x3a, W_I32_STORE16 = 0x3b,
    W_I64_STORE8 = 0x3c, W_I64_STORE16, W_I64_STORE32,
    W_I32_CONST = 0x41, W_I64_CONST = 0x42,
    W_I32_EQZ = 0x45, W_I32_EQ, W_I32_NE, W_I32_LT_S, W_I32_LT_U, W_I32_GT_S, W_I32_GT_U, W_I32_LE_S, W_I32_LE_U,
    W_I32_GE_S, W_I32_GE_U,
    W_I64_EQZ = 0x50, W_I64_EQ, W_I64_NE, W_I64_LT_S, W_I64_LT_U, W_I64_GT_S, W_I64_GT_U, W_I64_LE_S, W_I64_LE_U,
    W_I64_GE_S, W_I64_GE_U,
    W_I32_CLZ = 0x67, W_I32_CTZ, W_I32_POPCNT, W_I32_ADD, W_I32_SUB, W_I32_MUL, W_I32_DIV_S, W_I32_DIV_U, W_I32_REM_S,
    W_I32_REM_U, W_I32_AND, W_I32_OR, W_I32_XOR, W_I32_SHL, W_I32_SHR_S, W_I32_SHR_U, W_I32_ROTL, W_I32_ROTR,
    W_I64_CLZ = 0x79, W_I64_CTZ, W_I64_POPCNT, W_I64_ADD, W_I64_SUB, W_I64_MUL, W_I64_DIV_S, W_I64_DIV_U, W_I64_REM_S,
    W_I64_REM_U, W_I64_AND, W_I64_OR, W_I64_XOR, W_I64_SHL, W_I64_SHR_S, W_I64_SHR_U, W_I64_ROTL, W_I64_ROTR,
    W_I32_WRAP = 0xa7, W_I64_EXTEND_I32_S = 0xac, W_I64_EXTEND_I32_U = 0xad,
    W_I64_EXTEND8_S = 0xc2, W_I64_EXTEND16_S, W_I64_EXTEND32_S,
    W_ATOMIC = 0xfe,
    T_I32 = 0x7f, T_I64 = 0x7e, T_VOID = 0x40, T_FUNCREF = 0x70,
};

/* Bytes of a module, or of a part of it; never freed. */
typedef struct Code {
    uint8_t *bytes;
    size_t length, capacity;
} Code;

/* A piece of code that leaves one value on the stack, an i32 that stands for its zero extension if narrow. */
typedef struct Expression {
    uint8_t code[1024];
    unsigned length;
    bool narrow;
    /* Locals it reads. */
    uint8_t refs[16];
    unsigned ref_count;
    /* Range of env that it reads, empty if low >= high. */
    int low, high;
} Expression;

typedef enum { EMPTY, CONSTANT, IN_LOCAL, DEFERRED } Kind;

typedef struct Value {
    Kind kind;
    /* How many uses of it are still to come. */
    unsigned uses;
    uint8_t local;
    int64_t constant;
    /* The expression, if deferred. */
    uint8_t code[MAX_DEFERRED];
    unsigned length;
    bool narrow;
    uint8_t refs[MAX_REFS];
    unsigned ref_count;
    int low, high;
} Value;

typedef struct Insn {
    const uint32_t *at;
    uint8_t opcode, read_count, reads[MAX_CALL_IARGS * 2], write_count, writes[2];
    /* How often each value written is read. */
    uint16_t uses[2];
} Insn;

/* A function's compilation: of the region's blocks one after the other. */
typedef struct Block {
    /* The region, and which of its blocks is being compiled; the function's place in the table. */
    QemuwebBlock *members[REGION];
    unsigned member_count, member;
    uint32_t entry;
    /* Whether the region is a wasm loop: more than one block, or one that jumps to itself. */
    bool cycle;

    Insn insns[MAX_INSNS];
    unsigned insn_count;
    /* Labels by rising address; the next to be placed; whether one is branched to from behind. */
    const uint32_t *labels[MAX_LABELS];
    unsigned label_count, next_label;
    bool loops;
    Value values[VALUES];
    /* How many hold each local: values and code that is not yet emitted. */
    uint16_t holders[MAX_LOCALS];
    unsigned local_count;
    /* Locals of frame slots and of the carry: 0 while there is none. */
    uint8_t frame[FRAME_SLOTS];
    uint8_t carry;
    Code code;
    bool failed;
} Block;

uint32_t qemuweb_jit_threshold;
const void *qemuweb_lookup;

static bool ordered_host;
static QemuwebBlock *queue[BATCH];
static unsigned queued;
static uint32_t table_next, table_end, table_first;
static uint64_t large[8]; /* 128-bit arguments and results, and products */
static struct { uint8_t bytes[MAX_CALL_IARGS + 6]; unsigned length; } types[MAX_TYPES];
static unsigned type_count;
/* C functions that the module calls: by index in the table, with their types. */
static uint32_t imported[MAX_IMPORTS];
static unsigned imported_type[MAX_IMPORTS], import_count;
static Block b;
/* The module in the making: its functions' code, and which block will be entered how. */
static Code bodies, module;
static struct { QemuwebBlock *block; uint32_t entry, index; } compiled[BATCH];
static unsigned function_count, compiled_count;

static void put(Code *code, const void *bytes, size_t length)
{
    if (code->length + length > code->capacity) {
        code->capacity = MAX(code->capacity * 2, code->length + length + 65536);
        code->bytes = g_realloc(code->bytes, code->capacity);
    }
    memcpy(code->bytes + code->length, bytes, length);
    code->length += length;
}

static unsigned unsigned_leb(uint8_t *to, uint64_t value)
{
    unsigned length = 0;

    do {
        to[length++] = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);
        value >>= 7;
    } while (value);
    return length;
}

static unsigned signed_leb(uint8_t *to, int64_t value)
{
    unsigned length = 0;
    bool more;

    do {
        uint8_t byte = value & 0x7f;
        value >>= 7;
        more = value != (byte & 0x40 ? -1 : 0);
        to[length++] = byte | (more ? 0x80 : 0);
    } while (more);
    return length;
}

static void put8(Code *code, uint8_t byte)
{
    put(code, &byte, 1);
}

static void put_number(Code *code, uint64_t value)
{
    uint8_t leb[10];

    put(code, leb, unsigned_leb(leb, value));
}

/* The parts of an expression. */

static void op(Expression *e, uint8_t opcode)
{
    assert(e->length < sizeof(e->code) - 16);
    e->code[e->length++] = opcode;
}

static void op_u(Expression *e, uint8_t opcode, uint32_t operand)
{
    op(e, opcode);
    e->length += unsigned_leb(e->code + e->length, operand);
}

static void op_memory(Expression *e, uint8_t opcode, uint32_t offset)
{
    op_u(e, opcode, 0);
    e->length += unsigned_leb(e->code + e->length, offset);
}

static void const32(Expression *e, int32_t value)
{
    op(e, W_I32_CONST);
    e->length += signed_leb(e->code + e->length, value);
}

static void const64(Expression *e, int64_t value)
{
    op(e, W_I64_CONST);
    e->length += signed_leb(e->code + e->length, value);
}

static void widen(Expression *e)
{
    if (e->narrow) {
        op(e, W_I64_EXTEND_I32_U);
        e->narrow = false;
    }
}

static void hold(Expression *e, uint8_t local)
{
    assert(e->ref_count < ARRAY_SIZE(e->refs));
    e->refs[e->ref_count++] = local;
    b.holders[local]++;
}

static void reads_env(Expression *e, int low, int high)
{
    e->low = e->low < e->high ? MIN(e->low, low) : low;
    e->high = MAX(e->high, high);
}

/* Emits what was built, and starts anew. */
static void emit(Expression *e)
{
    put(&b.code, e->code, e->length);
    for (unsigned i = 0; i < e->ref_count; i++) {
        b.holders[e->refs[i]]--;
    }
    *e = (Expression) { .length = 0 };
}

static uint8_t new_local(void)
{
    unsigned local = FIRST_LOCAL;

    while (local < MAX_LOCALS && b.holders[local]) {
        local++;
    }
    if (local == MAX_LOCALS) {
        b.failed = true;
        return FIRST_LOCAL;
    }
    b.local_count = MAX(b.local_count, local + 1 - FIRST_LOCAL);
    return local;
}

static uint8_t own_local(uint8_t *local)
{
    if (!*local) {
        *local = new_local();
        b.holders[*local]++;
    }
    return *local;
}

static void forget(Value *value)
{
    if (value->kind == IN_LOCAL) {
        b.holders[value->local]--;
    } else if (value->kind == DEFERRED) {
        for (unsigned i = 0; i < value->ref_count; i++) {
            b.holders[value->refs[i]]--;
        }
    }
    value->kind = EMPTY;
}

/* Appends value v as it is: an i32 if *narrow says so after the call. */
static void use(Expression *e, unsigned v, bool *narrow)
{
    Value *value = &b.values[v];

    *narrow = false;
    if (v == TCG_AREG0) {
        op_u(e, W_GET, LOCAL_ENV);
        const32(e, QEMUWEB_ENV_BIAS);
        op(e, W_I32_ADD);
        *narrow = true;
        return;
    }
    switch (value->kind) {
    case CONSTANT:
        const64(e, value->constant);
        break;
    case IN_LOCAL:
        op_u(e, W_GET, value->local);
        hold(e, value->local);
        break;
    case DEFERRED:
        assert(e->length + value->length < sizeof(e->code) - 16);
        memcpy(e->code + e->length, value->code, value->length);
        e->length += value->length;
        for (unsigned i = 0; i < value->ref_count; i++) {
            hold(e, value->refs[i]);
        }
        if (value->low < value->high) {
            reads_env(e, value->low, value->high);
        }
        *narrow = value->narrow;
        break;
    default:
        b.failed = true;
        return;
    }
    if (--value->uses == 0) {
        forget(value);
    }
}

static void use64(Expression *e, unsigned v)
{
    bool narrow;

    use(e, v, &narrow);
    if (narrow) {
        op(e, W_I64_EXTEND_I32_U);
    }
}

static void use32(Expression *e, unsigned v)
{
    bool narrow;

    if (b.values[v].kind == CONSTANT) {
        const32(e, b.values[v].constant);
        b.values[v].uses--;
        return;
    }
    use(e, v, &narrow);
    if (!narrow) {
        op(e, W_I32_WRAP);
    }
}

/* The value on the stack goes to v, which will be used so often. */
static void emit_set(Expression *e, unsigned v, unsigned uses)
{
    Value *value = &b.values[v];

    forget(value);
    if (uses == 0) {
        op(e, W_DROP);
        emit(e);
        return;
    }
    widen(e);
    value->local = new_local();
    op_u(e, W_SET, value->local);
    emit(e);
    value->kind = IN_LOCAL;
    value->uses = uses;
    b.holders[value->local]++;
}

/* v becomes the expression, which has no effect but its value. */
static void define(Expression *e, unsigned v, unsigned uses)
{
    Value *value = &b.values[v];

    if (uses != 1 || e->length > MAX_DEFERRED || e->ref_count > MAX_REFS) {
        if (uses == 0) {
            forget(value);
            e->length = 0;
            emit(e);
        } else {
            emit_set(e, v, uses);
        }
        return;
    }
    forget(value);
    *value = (Value) {
        .kind = DEFERRED, .uses = 1, .length = e->length, .narrow = e->narrow, .ref_count = e->ref_count,
        .low = e->low, .high = e->high,
    };
    memcpy(value->code, e->code, e->length);
    memcpy(value->refs, e->refs, e->ref_count);
    *e = (Expression) { .length = 0 };
}

static void define_constant(unsigned v, int64_t constant, unsigned uses)
{
    forget(&b.values[v]);
    b.values[v] = (Value) { .kind = CONSTANT, .constant = constant, .uses = uses };
}

/* v becomes the value of another. */
static void define_copy(unsigned v, unsigned from, unsigned uses)
{
    Value *source = &b.values[from];
    Expression e = { .length = 0 };

    if (from != TCG_AREG0 && source->kind == CONSTANT) {
        int64_t constant = source->constant;
        source->uses--;
        define_constant(v, constant, uses);
    } else if (from != TCG_AREG0 && source->kind == IN_LOCAL) {
        uint8_t local = source->local;
        b.holders[local]++;
        if (--source->uses == 0) {
            forget(source);
        }
        forget(&b.values[v]);
        if (uses) {
            b.values[v] = (Value) { .kind = IN_LOCAL, .local = local, .uses = uses };
        } else {
            b.holders[local]--;
        }
    } else {
        use(&e, from, &e.narrow);
        define(&e, v, uses);
    }
}

/* Evaluates what reads env between low and high, before that is written. */
static void settle(int low, int high)
{
    for (unsigned v = 0; v < VALUES; v++) {
        Value *value = &b.values[v];
        if (value->kind == DEFERRED && value->low < value->high && value->low < high && low < value->high) {
            Expression e = { .length = 0 };
            unsigned uses = value->uses;
            use(&e, v, &e.narrow);
            emit_set(&e, v, uses);
        }
    }
}

static void settle_all(void)
{
    settle(INT_MIN, INT_MAX);
}

/* Bytecode. Fields as tcg/tci/tcg-target.c.inc packs them. */

static unsigned field(const Insn *i, unsigned n)
{
    return extract32(*i->at, 8 + 4 * n, 4);
}

static const uint32_t *pointer(const Insn *i)
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

static bool is_frame(const Insn *i)
{
    return field(i, 1) == TCG_REG_CALL_STACK;
}

static const TCGHelperInfo *helper(const Insn *i)
{
    return ((const TCGHelperInfo *const *)pointer(i))[1];
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

/*
 * What there is to know of an opcode: the function that compiles it, with what it is told, and the fields of the instruction that
 * are registers read and written (bit masks). Frame slots and arguments of calls come on top.
 */
typedef struct Opcode {
    void (*compile)(const Insn *i, unsigned how);
    unsigned how;
    uint8_t writes, reads;
} Opcode;

static const Opcode opcodes[256];
static void load(const Insn *i, unsigned how);
static void store(const Insn *i, unsigned how);

/* Fills in what an instruction reads and writes. False: it is not known. */
static bool decode(Insn *i, const uint32_t *at)
{
    const Opcode *opcode = &opcodes[*at & 0xff];

    *i = (Insn) { .at = at, .opcode = *at & 0xff };
    for (unsigned n = 0; n < 5; n++) {
        if (opcode->writes >> n & 1) {
            writes(i, field(i, n));
        }
    }
    for (unsigned n = 0; n < 5; n++) {
        if ((opcode->reads >> n & 1) && field(i, n) != TCG_REG_CALL_STACK) {
            reads(i, field(i, n));
        }
    }
    if (i->opcode == INDEX_op_call) {
        unsigned result = helper(i)->typemask & 7;
        for (unsigned slot = 0; slot < argument_slots(helper(i)); slot++) {
            reads(i, REGISTERS + slot);
        }
        if (result != dh_typecode_void) {
            writes(i, TCG_REG_R0);
        }
        if (result == dh_typecode_i128) {
            writes(i, TCG_REG_R1);
        }
    } else if (opcode->compile == store && is_frame(i) && slot_value(i) != NO_VALUE) {
        writes(i, slot_value(i));
    } else if (opcode->compile == load && is_frame(i) && slot_value(i) != NO_VALUE) {
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
        return helper(i)->flags & TCG_CALL_NO_RETURN;
    default:
        return false;
    }
}

static int label_index(const uint32_t *at)
{
    for (unsigned n = 0; n < b.label_count; n++) {
        if (b.labels[n] == at) {
            return n;
        }
    }
    return -1;
}

static bool add_label(const uint32_t *at)
{
    unsigned n = b.label_count;

    if (label_index(at) >= 0) {
        return false;
    }
    if (n == MAX_LABELS) {
        b.failed = true;
        return false;
    }
    b.label_count++;
    while (n && b.labels[n - 1] > at) {
        b.labels[n] = b.labels[n - 1];
        n--;
    }
    b.labels[n] = at;
    return true;
}

/*
 * Reads the instructions that can be reached, by rising address, and finds the labels. Again from the start if a branch back
 * leads to code that was skipped.
 */
static bool read_block(const uint32_t *start)
{
    bool again;

    do {
        const uint32_t *at = start;
        again = false;
        b.insn_count = 0;
        while (at) {
            Insn *i = &b.insns[b.insn_count];
            if (b.insn_count == MAX_INSNS || !decode(i, at)) {
                return false;
            }
            b.insn_count++;
            if (i->opcode == INDEX_op_br || i->opcode == INDEX_op_brcond) {
                const uint32_t *target = pointer(i);
                bool new = add_label(target);
                if (target <= at) {
                    b.loops = true;
                    again |= new;
                }
            }
            at++;
            if (ends_flow(i)) {
                unsigned n = 0;
                while (n < b.label_count && b.labels[n] < at) {
                    n++;
                }
                at = n < b.label_count ? b.labels[n] : NULL;
            }
        }
    } while (again && !b.failed);
    return !b.failed;
}

/* Counts each definition's uses, backwards. */
static void count_uses(void)
{
    uint16_t uses[VALUES] = { 0 };

    for (unsigned n = b.insn_count; n-- > 0;) {
        Insn *i = &b.insns[n];
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
        if (label_index(i->at) >= 0) {
            memset(uses, 0, sizeof(uses));
        }
    }
}

/* Functions called from compiled code. */

static unsigned type_of(const uint8_t *bytes, unsigned length)
{
    unsigned n = 0;

    while (n < type_count && (types[n].length != length || memcmp(types[n].bytes, bytes, length))) {
        n++;
    }
    if (n == type_count) {
        assert(n < MAX_TYPES);
        memcpy(types[n].bytes, bytes, length);
        types[n].length = length;
        type_count++;
    }
    return n;
}

/* A call of a C function, by its type: result (T_VOID for none), then parameters. */
static void call(Expression *e, const void *function, uint8_t result, const uint8_t *parameters, unsigned count)
{
    uint8_t bytes[sizeof(types[0].bytes)];
    unsigned length = 0, n = 0;

    bytes[length++] = 0x60;
    bytes[length++] = count;
    memcpy(bytes + length, parameters, count);
    length += count;
    bytes[length++] = result != T_VOID;
    if (result != T_VOID) {
        bytes[length++] = result;
    }
    while (n < import_count && imported[n] != (uintptr_t)function) {
        n++;
    }
    if (n == import_count) {
        assert(n < MAX_IMPORTS);
        imported[n] = (uintptr_t)function;
        imported_type[n] = type_of(bytes, length);
        import_count++;
    }
    op_u(e, W_CALL, n);
}

#define CALL(e, function, result, ...) \
    call(e, function, result, (const uint8_t[]) { __VA_ARGS__ }, sizeof((const uint8_t[]) { __VA_ARGS__ }))

static void env64(Expression *e)
{
    use64(e, TCG_AREG0);
}

static unsigned loop_depth(void);
static unsigned own_depth(void);

/* The jump to the block in LOCAL_SCRATCH. */
static void jump(Expression *e)
{
    op_u(e, W_GET, LOCAL_ENV);
    op_u(e, W_GET, LOCAL_SCRATCH);
    op_u(e, W_GET, LOCAL_SCRATCH);
    op_memory(e, W_I32_LOAD, offsetof(QemuwebBlock, entry));
    op_u(e, W_RETURN_CALL_INDIRECT, 0);
    op(e, 0);
}

static void helper_call(const Insn *i, unsigned how)
{
    const TCGHelperInfo *info = helper(i);
    const void *function = ((const void *const *)pointer(i))[0];
    Expression e = { .length = 0 };
    uint8_t parameters[MAX_CALL_IARGS + 1], result = T_I64;
    unsigned count = 0, v = REGISTERS, large_slot = 2;

    if (function == helper_lookup_tb_ptr && qemuweb_lookup) {
        function = qemuweb_lookup;
    }
    /* A helper that doesn't read the state doesn't raise exceptions, so it asks for no return address. */
    if (!(info->flags & TCG_CALL_NO_READ_GLOBALS)) {
        const32(&e, (uintptr_t)&tci_tb_ptr);
        const32(&e, (uintptr_t)(i->at + 1));
        op_memory(&e, W_I32_STORE, 0);
    }
    switch (info->typemask & 7) {
    case dh_typecode_void:
        result = T_VOID;
        break;
    case dh_typecode_i32:
    case dh_typecode_s32:
        result = T_I32;
        break;
    case dh_typecode_i128:
        result = T_VOID;
        const64(&e, (uintptr_t)large);
        parameters[count++] = T_I64;
        break;
    }
    for (uint32_t mask = info->typemask >> 3; mask; mask >>= 3) {
        switch (mask & 7) {
        case dh_typecode_i32:
        case dh_typecode_s32:
            use32(&e, v++);
            parameters[count++] = T_I32;
            break;
        case dh_typecode_i128:
            for (unsigned half = 0; half < 2; half++) {
                const32(&e, (uintptr_t)&large[large_slot + half]);
                use64(&e, v++);
                op_memory(&e, W_I64_STORE, 0);
            }
            const64(&e, (uintptr_t)&large[large_slot]);
            large_slot += 2;
            parameters[count++] = T_I64;
            break;
        default:
            use64(&e, v++);
            parameters[count++] = T_I64;
            break;
        }
    }
    assert(large_slot <= ARRAY_SIZE(large));
    call(&e, function, result, parameters, count);
    settle_all();
    if (info->flags & TCG_CALL_NO_RETURN) {
        if (result != T_VOID) {
            op(&e, W_DROP);
        }
        op(&e, W_UNREACHABLE);
        emit(&e);
    } else if ((info->typemask & 7) == dh_typecode_i128) {
        emit(&e);
        for (unsigned half = 0; half < 2; half++) {
            const32(&e, (uintptr_t)&large[half]);
            op_memory(&e, W_I64_LOAD, 0);
            emit_set(&e, TCG_REG_R0 + half, i->uses[half]);
        }
    } else if (result != T_VOID) {
        e.narrow = result == T_I32;
        emit_set(&e, TCG_REG_R0, i->uses[0]);
    } else {
        emit(&e);
    }
}

/* Memory of the host. */

static void host_address(Expression *e, const Insn *i, uint32_t *offset)
{
    int signed_offset = sextract32(*i->at, 16, 16);

    if (field(i, 1) == TCG_AREG0 && signed_offset >= -QEMUWEB_ENV_BIAS) {
        op_u(e, W_GET, LOCAL_ENV);
        *offset = signed_offset + QEMUWEB_ENV_BIAS;
        return;
    }
    use32(e, field(i, 1));
    if (signed_offset < 0) {
        const32(e, signed_offset);
        op(e, W_I32_ADD);
        signed_offset = 0;
    }
    *offset = signed_offset;
}

static void range(const Insn *i, unsigned size, int *low, int *high)
{
    int offset = sextract32(*i->at, 16, 16);

    *low = field(i, 1) == TCG_AREG0 ? offset : INT_MIN;
    *high = field(i, 1) == TCG_AREG0 ? offset + size : INT_MAX;
}

/* `how` of a load: wasm's opcode, bytes, whether it leaves an i32. */
#define LOAD(opcode, size, narrow) ((opcode) | (size) << 8 | (narrow) << 16)

static void load(const Insn *i, unsigned how)
{
    uint8_t opcode = how;
    unsigned size = extract32(how, 8, 8);
    bool narrow = how >> 16;
    Expression e = { .length = 0 };
    uint32_t offset;
    int low, high;

    if (is_frame(i)) {
        unsigned slot = sextract32(*i->at, 16, 16) / 8;
        op_u(&e, W_GET, own_local(&b.frame[slot]));
        if (size == 4) {
            op(&e, W_I32_WRAP);
            e.narrow = true;
        }
        emit_set(&e, i->writes[0], i->uses[0]);
        return;
    }
    host_address(&e, i, &offset);
    op_memory(&e, opcode, offset);
    e.narrow = narrow;
    range(i, size, &low, &high);
    reads_env(&e, low, high);
    define(&e, i->writes[0], i->uses[0]);
}

/* `how` of a store: wasm's opcodes for an i64 and for an i32, bytes. */
#define STORE(opcode64, opcode32, size) ((opcode64) | (opcode32) << 8 | (size) << 16)

static void store(const Insn *i, unsigned how)
{
    uint8_t opcode64 = how, opcode32 = how >> 8;
    unsigned size = how >> 16;
    Expression e = { .length = 0 };
    const Value *value = &b.values[field(i, 0)];
    uint32_t offset;
    int low, high;

    if (is_frame(i)) {
        unsigned slot = sextract32(*i->at, 16, 16) / 8;
        if (slot < ARGUMENT_SLOTS) {
            define_copy(i->writes[0], field(i, 0), i->uses[0]);
        } else {
            use64(&e, field(i, 0));
            op_u(&e, W_SET, own_local(&b.frame[slot]));
            emit(&e);
        }
        return;
    }
    host_address(&e, i, &offset);
    if (size < 8 && (value->kind == CONSTANT || (value->kind == DEFERRED && value->narrow))) {
        use32(&e, field(i, 0));
        op_memory(&e, opcode32, offset);
    } else {
        use64(&e, field(i, 0));
        op_memory(&e, opcode64, offset);
    }
    range(i, size, &low, &high);
    settle(low, high);
    emit(&e);
}

/* Memory of the guest: accel/tcg/cputlb.c. */

/* Has the value in a local for the time of an access: its own, or a new one. */
static uint8_t in_local(unsigned v)
{
    Expression e = { .length = 0 };
    Value *value = &b.values[v];
    uint8_t local;

    if (v != TCG_AREG0 && value->kind == IN_LOCAL) {
        local = value->local;
        b.holders[local]++;
        if (--value->uses == 0) {
            forget(value);
        }
        return local;
    }
    use64(&e, v);
    local = new_local();
    op_u(&e, W_SET, local);
    emit(&e);
    b.holders[local]++;
    return local;
}

/* Leaves whether the TLB has the access, and the entry in LOCAL_SCRATCH. */
static void probe(Expression *e, uint8_t address, MemOpIdx oi, size_t comparator)
{
    MemOp memop = get_memop(oi);
    int align_mask = (1 << memop_alignment_bits(memop)) - 1;
    int size_mask = memop_size(memop) - 1;
    int fast = (int)offsetof(CPUNegativeOffsetState, tlb.f[mmuidx_to_fast_index(get_mmuidx(oi))])
        - (int)sizeof(CPUNegativeOffsetState) + QEMUWEB_ENV_BIAS;

    QEMU_BUILD_BUG_ON(offsetof(CPUNegativeOffsetState, tlb.f) + QEMUWEB_ENV_BIAS < sizeof(CPUNegativeOffsetState));

    op_u(e, W_GET, address);
    op(e, W_I32_WRAP);
    const32(e, TARGET_PAGE_BITS - CPU_TLB_ENTRY_BITS);
    op(e, W_I32_SHR_U);
    op_u(e, W_GET, LOCAL_ENV);
    op_memory(e, W_I32_LOAD, fast + offsetof(CPUTLBDescFast, mask));
    op(e, W_I32_AND);
    op_u(e, W_GET, LOCAL_ENV);
    op_memory(e, W_I32_LOAD, fast + offsetof(CPUTLBDescFast, table));
    op(e, W_I32_ADD);
    op_u(e, W_TEE, LOCAL_SCRATCH);
    op_memory(e, W_I64_LOAD, comparator);
    op_u(e, W_GET, address);
    if (align_mask < size_mask) {
        const64(e, size_mask - align_mask);
        op(e, W_I64_ADD);
    }
    const64(e, (int64_t)TARGET_PAGE_MASK | align_mask);
    op(e, W_I64_AND);
    op(e, W_I64_EQ);
}

static void translated(Expression *e, uint8_t address)
{
    op_u(e, W_GET, address);
    op(e, W_I32_WRAP);
    op_u(e, W_GET, LOCAL_SCRATCH);
    op_memory(e, W_I32_LOAD, offsetof(CPUTLBEntry, addend));
    op(e, W_I32_ADD);
}

/* What kind of access it is: a field, or (how) the register that the third field names, a constant always. */
static MemOpIdx access_of(const Insn *i, unsigned how)
{
    if (!how) {
        return extract32(*i->at, 16, 16);
    }
    b.values[field(i, 2)].uses--;
    return b.values[field(i, 2)].constant;
}

static void guest_load(const Insn *i, unsigned how)
{
    static const struct { uint8_t opcode; const void *slow; } loads[] = {
        [MO_UB] = { W_I64_LOAD8_U, helper_ldub_mmu }, [MO_SB] = { W_I64_LOAD8_S, helper_ldsb_mmu },
        [MO_UW] = { W_I64_LOAD16_U, helper_lduw_mmu }, [MO_SW] = { W_I64_LOAD16_S, helper_ldsw_mmu },
        [MO_UL] = { W_I64_LOAD32_U, helper_ldul_mmu }, [MO_SL] = { W_I64_LOAD32_S, helper_ldsl_mmu },
        [MO_UQ] = { W_I64_LOAD, helper_ldq_mmu },
    };
    MemOpIdx oi = access_of(i, how);
    MemOp memop = get_memop(oi);
    bool fast = !(memop & MO_BSWAP);
    uint8_t address = in_local(field(i, 1));
    Expression e = { .length = 0 };

    if (fast) {
        probe(&e, address, oi, offsetof(CPUTLBEntry, addr_read));
        op_u(&e, W_IF, T_I64);
        translated(&e, address);
        op_memory(&e, loads[memop & MO_SSIZE].opcode, 0);
        op(&e, W_ELSE);
    }
    env64(&e);
    op_u(&e, W_GET, address);
    const32(&e, oi);
    const64(&e, (uintptr_t)(i->at + 1));
    CALL(&e, loads[memop & MO_SSIZE].slow, T_I64, T_I64, T_I64, T_I32, T_I64);
    if (fast) {
        op(&e, W_END);
    }
    b.holders[address]--;
    emit_set(&e, i->writes[0], i->uses[0]);
}

static void guest_store(const Insn *i, unsigned how)
{
    static const struct { uint8_t opcode; const void *slow; } stores[] = {
        [MO_8] = { W_I64_STORE8, helper_stb_mmu }, [MO_16] = { W_I64_STORE16, helper_stw_mmu },
        [MO_32] = { W_I64_STORE32, helper_stl_mmu }, [MO_64] = { W_I64_STORE, helper_stq_mmu },
    };
    MemOpIdx oi = access_of(i, how);
    MemOp memop = get_memop(oi);
    bool fast = !(memop & MO_BSWAP);
    bool wide = (memop & MO_SIZE) == MO_64;
    unsigned v = field(i, 0);
    bool constant = v != TCG_AREG0 && b.values[v].kind == CONSTANT;
    int64_t bits = b.values[v].constant;
    uint8_t value = 0, address;
    Expression e = { .length = 0 };

    if (constant) {
        b.values[v].uses--;
    } else {
        value = in_local(v);
    }
    address = in_local(field(i, 1));
    if (fast) {
        probe(&e, address, oi, offsetof(CPUTLBEntry, addr_write));
        op_u(&e, W_IF, T_VOID);
        translated(&e, address);
        if (constant) {
            const64(&e, bits);
        } else {
            op_u(&e, W_GET, value);
        }
        op_memory(&e, stores[memop & MO_SIZE].opcode, 0);
        op(&e, W_ELSE);
    }
    env64(&e);
    op_u(&e, W_GET, address);
    if (constant && wide) {
        const64(&e, bits);
    } else if (constant) {
        const32(&e, bits);
    } else {
        op_u(&e, W_GET, value);
        if (!wide) {
            op(&e, W_I32_WRAP);
        }
    }
    const32(&e, oi);
    const64(&e, (uintptr_t)(i->at + 1));
    CALL(&e, stores[memop & MO_SIZE].slow, T_VOID, T_I64, T_I64, wide ? T_I64 : T_I32, T_I32, T_I64);
    if (fast) {
        op(&e, W_END);
    }
    if (!constant) {
        b.holders[value]--;
    }
    b.holders[address]--;
    emit(&e);
}

/* Arithmetic. */

static void unary(const Insn *i, unsigned opcode)
{
    Expression e = { .length = 0 };

    use64(&e, field(i, 1));
    op(&e, opcode);
    define(&e, i->writes[0], i->uses[0]);
}

static void binary(const Insn *i, unsigned opcode)
{
    Expression e = { .length = 0 };

    use64(&e, field(i, 1));
    use64(&e, field(i, 2));
    op(&e, opcode);
    define(&e, i->writes[0], i->uses[0]);
}

static void binary32(const Insn *i, unsigned opcode)
{
    Expression e = { .length = 0 };

    use32(&e, field(i, 1));
    use32(&e, field(i, 2));
    op(&e, opcode);
    e.narrow = true;
    define(&e, i->writes[0], i->uses[0]);
}

static void invert(Expression *e)
{
    const64(e, -1);
    op(e, W_I64_XOR);
}

static void binary_inverted(const Insn *i, unsigned opcode)
{
    Expression e = { .length = 0 };

    use64(&e, field(i, 1));
    use64(&e, field(i, 2));
    invert(&e);
    op(&e, opcode);
    define(&e, i->writes[0], i->uses[0]);
}

static void inverted_binary(const Insn *i, unsigned opcode)
{
    Expression e = { .length = 0 };

    use64(&e, field(i, 1));
    use64(&e, field(i, 2));
    op(&e, opcode);
    invert(&e);
    define(&e, i->writes[0], i->uses[0]);
}

static void complement(const Insn *i, unsigned how)
{
    Expression e = { .length = 0 };

    use64(&e, field(i, 1));
    invert(&e);
    define(&e, i->writes[0], i->uses[0]);
}

static void negate(const Insn *i, unsigned how)
{
    Expression e = { .length = 0 };

    const64(&e, 0);
    use64(&e, field(i, 1));
    op(&e, W_I64_SUB);
    define(&e, i->writes[0], i->uses[0]);
}

static void zero_extend(const Insn *i, unsigned how)
{
    Expression e = { .length = 0 };

    use32(&e, field(i, 1));
    e.narrow = true;
    define(&e, i->writes[0], i->uses[0]);
}

static void add(const Insn *i, unsigned how)
{
    Value *value = &b.values[field(i, 2)];
    Expression e = { .length = 0 };

    if (field(i, 1) != TCG_AREG0 || value->kind != CONSTANT) {
        binary(i, W_I64_ADD);
        return;
    }
    value->uses--;
    op_u(&e, W_GET, LOCAL_ENV);
    const32(&e, QEMUWEB_ENV_BIAS + value->constant);
    op(&e, W_I32_ADD);
    e.narrow = true;
    define(&e, i->writes[0], i->uses[0]);
}

static void constant(const Insn *i, unsigned how)
{
    define_constant(i->writes[0], sextract32(*i->at, 12, 20), i->uses[0]);
}

static void pooled_constant(const Insn *i, unsigned how)
{
    define_constant(i->writes[0], *(const int64_t *)pointer(i), i->uses[0]);
}

static void copy(const Insn *i, unsigned how)
{
    define_copy(i->writes[0], field(i, 1), i->uses[0]);
}

/* Leaves an i32: whether the condition holds between two values. */
static void compare(Expression *e, TCGCond condition, unsigned x, unsigned y, bool narrow)
{
    static const uint8_t opcodes[][2] = {
        [TCG_COND_EQ] = { W_I64_EQ, W_I32_EQ }, [TCG_COND_NE] = { W_I64_NE, W_I32_NE },
        [TCG_COND_LT] = { W_I64_LT_S, W_I32_LT_S }, [TCG_COND_GE] = { W_I64_GE_S, W_I32_GE_S },
        [TCG_COND_LE] = { W_I64_LE_S, W_I32_LE_S }, [TCG_COND_GT] = { W_I64_GT_S, W_I32_GT_S },
        [TCG_COND_LTU] = { W_I64_LT_U, W_I32_LT_U }, [TCG_COND_GEU] = { W_I64_GE_U, W_I32_GE_U },
        [TCG_COND_LEU] = { W_I64_LE_U, W_I32_LE_U }, [TCG_COND_GTU] = { W_I64_GT_U, W_I32_GT_U },
    };
    void (*const operand)(Expression *, unsigned) = narrow ? use32 : use64;
    bool test = condition == TCG_COND_TSTEQ || condition == TCG_COND_TSTNE;
    bool zero = y != TCG_AREG0 && b.values[y].kind == CONSTANT
        && (narrow ? (int32_t)b.values[y].constant : b.values[y].constant) == 0;

    operand(e, x);
    if (zero && (condition == TCG_COND_EQ || condition == TCG_COND_NE)) {
        b.values[y].uses--;
        op(e, narrow ? W_I32_EQZ : W_I64_EQZ);
        if (condition == TCG_COND_NE) {
            op(e, W_I32_EQZ);
        }
        return;
    }
    operand(e, y);
    if (test) {
        op(e, narrow ? W_I32_AND : W_I64_AND);
        op(e, narrow ? W_I32_EQZ : W_I64_EQZ);
        if (condition == TCG_COND_TSTNE) {
            op(e, W_I32_EQZ);
        }
    } else {
        op(e, opcodes[condition][narrow]);
    }
}

static void setcond(const Insn *i, unsigned narrow)
{
    Expression e = { .length = 0 };

    compare(&e, extract32(*i->at, 20, 4), field(i, 1), field(i, 2), narrow);
    e.narrow = true;
    define(&e, i->writes[0], i->uses[0]);
}

static void movcond(const Insn *i, unsigned narrow)
{
    Expression e = { .length = 0 };

    use64(&e, field(i, 3));
    use64(&e, field(i, 4));
    compare(&e, extract32(*i->at, 28, 4), field(i, 1), field(i, 2), narrow);
    op(&e, W_SELECT);
    define(&e, i->writes[0], i->uses[0]);
}

static void mask(Expression *e, unsigned length)
{
    const64(e, MAKE_64BIT_MASK(0, length));
    op(e, W_I64_AND);
}

static void shift(Expression *e, uint8_t opcode, unsigned count)
{
    if (count) {
        const64(e, count);
        op(e, opcode);
    }
}

static void extract(const Insn *i, unsigned how)
{
    unsigned position = extract32(*i->at, 16, 6), length = extract32(*i->at, 22, 6);
    Expression e = { .length = 0 };

    if (position == 0 && length == 32) {
        use32(&e, field(i, 1));
        e.narrow = true;
    } else if (position + length <= 32) {
        use32(&e, field(i, 1));
        if (position) {
            const32(&e, position);
            op(&e, W_I32_SHR_U);
        }
        if (position + length < 32) {
            const32(&e, MAKE_64BIT_MASK(0, length));
            op(&e, W_I32_AND);
        }
        e.narrow = true;
    } else {
        use64(&e, field(i, 1));
        shift(&e, W_I64_SHR_U, position);
        if (position + length < 64) {
            mask(&e, length);
        }
    }
    define(&e, i->writes[0], i->uses[0]);
}

static void sextract(const Insn *i, unsigned how)
{
    unsigned position = extract32(*i->at, 16, 6), length = extract32(*i->at, 22, 6);
    Expression e = { .length = 0 };

    use64(&e, field(i, 1));
    if (length == 8 || length == 16 || length == 32) {
        shift(&e, W_I64_SHR_U, position);
        op(&e, length == 8 ? W_I64_EXTEND8_S : length == 16 ? W_I64_EXTEND16_S : W_I64_EXTEND32_S);
    } else {
        shift(&e, W_I64_SHL, 64 - position - length);
        shift(&e, W_I64_SHR_S, 64 - length);
    }
    define(&e, i->writes[0], i->uses[0]);
}

static void deposit(const Insn *i, unsigned how)
{
    unsigned position = extract32(*i->at, 20, 6), length = extract32(*i->at, 26, 6);
    Expression e = { .length = 0 };

    use64(&e, field(i, 1));
    const64(&e, ~MAKE_64BIT_MASK(position, length));
    op(&e, W_I64_AND);
    use64(&e, field(i, 2));
    mask(&e, length);
    shift(&e, W_I64_SHL, position);
    op(&e, W_I64_OR);
    define(&e, i->writes[0], i->uses[0]);
}

/* clz and ctz: the second operand is the result for zero. */
static void count_zeros(const Insn *i, unsigned opcode)
{
    bool narrow = opcode == W_I32_CLZ || opcode == W_I32_CTZ;
    const Value *otherwise = &b.values[field(i, 2)];
    bool native = otherwise->kind == CONSTANT && otherwise->constant == (narrow ? 32 : 64);
    Expression e = { .length = 0 };
    uint8_t x;

    x = in_local(field(i, 1));
    op_u(&e, W_GET, x);
    hold(&e, x);
    b.holders[x]--;
    if (narrow) {
        op(&e, W_I32_WRAP);
    }
    op(&e, opcode);
    if (native) {
        b.values[field(i, 2)].uses--;
        e.narrow = narrow;
    } else {
        if (narrow) {
            op(&e, W_I64_EXTEND_I32_U);
        }
        use64(&e, field(i, 2));
        op_u(&e, W_GET, x);
        if (narrow) {
            op(&e, W_I32_WRAP);
        }
        op(&e, narrow ? W_I32_EQZ : W_I64_EQZ);
        op(&e, W_I32_EQZ);
        op(&e, W_SELECT);
    }
    define(&e, i->writes[0], i->uses[0]);
}

static void byte_swap(const Insn *i, unsigned size)
{
    uint8_t x = in_local(field(i, 1));
    Expression e = { .length = 0 };

    hold(&e, x);
    b.holders[x]--;
    if (size == 2) {
        op_u(&e, W_GET, x);
        shift(&e, W_I64_SHR_U, 8);
        mask(&e, 8);
        op_u(&e, W_GET, x);
        mask(&e, 8);
        shift(&e, W_I64_SHL, 8);
        op(&e, W_I64_OR);
    } else {
        /* Each half: its odd bytes from a rotation to the left, its even ones from one to the right. */
        for (unsigned half = 0; half < size / 4; half++) {
            for (unsigned right = 0; right < 2; right++) {
                op_u(&e, W_GET, x);
                shift(&e, W_I64_SHR_U, half * 32);
                op(&e, W_I32_WRAP);
                const32(&e, 8);
                op(&e, right ? W_I32_ROTR : W_I32_ROTL);
                const32(&e, right ? 0xff00ff00 : 0x00ff00ff);
                op(&e, W_I32_AND);
            }
            op(&e, W_I32_OR);
            if (size == 8) {
                op(&e, W_I64_EXTEND_I32_U);
                shift(&e, W_I64_SHL, half ? 0 : 32);
            }
        }
        if (size == 8) {
            op(&e, W_I64_OR);
        }
        e.narrow = size == 4;
    }
    define(&e, i->writes[0], i->uses[0]);
}

static void multiply_wide(const Insn *i, unsigned how)
{
    Expression e = { .length = 0 };

    const64(&e, (uintptr_t)&large[0]);
    const64(&e, (uintptr_t)&large[1]);
    use64(&e, field(i, 2));
    use64(&e, field(i, 3));
    CALL(&e, how ? (void *)muls64 : (void *)mulu64, T_VOID, T_I64, T_I64, T_I64, T_I64);
    emit(&e);
    for (unsigned half = 0; half < 2; half++) {
        const32(&e, (uintptr_t)&large[half]);
        op_memory(&e, W_I64_LOAD, 0);
        emit_set(&e, i->writes[half], i->uses[half]);
    }
}

/* x + y + carry or x - y - carry: with or without a carry coming in, with or without one going out. */
#define CARRY_IN 256
#define CARRY_OUT 512

static void with_carry(const Insn *i, unsigned how)
{
    uint8_t opcode = how;
    bool in = how & CARRY_IN, out = how & CARRY_OUT;
    uint8_t carry = own_local(&b.carry);
    uint8_t x = in_local(field(i, 1)), y = in_local(field(i, 2)), partial, result;
    Expression e = { .length = 0 };

    op_u(&e, W_GET, x);
    op_u(&e, W_GET, y);
    op(&e, opcode);
    result = partial = new_local();
    b.holders[partial]++;
    op_u(&e, W_SET, partial);
    if (in) {
        op_u(&e, W_GET, partial);
        op_u(&e, W_GET, carry);
        op(&e, opcode);
        result = new_local();
        op_u(&e, W_SET, result);
    }
    if (out) {
        /* Of the two steps at most one carries. */
        op_u(&e, W_GET, opcode == W_I64_SUB ? x : partial);
        op_u(&e, W_GET, opcode == W_I64_SUB ? y : x);
        op(&e, W_I64_LT_U);
        if (in) {
            op_u(&e, W_GET, opcode == W_I64_SUB ? partial : result);
            op_u(&e, W_GET, opcode == W_I64_SUB ? carry : partial);
            op(&e, W_I64_LT_U);
            op(&e, W_I32_OR);
        }
        op(&e, W_I64_EXTEND_I32_U);
        op_u(&e, W_SET, carry);
    }
    emit(&e);
    b.holders[result]++;
    b.holders[x]--;
    b.holders[y]--;
    b.holders[partial]--;
    forget(&b.values[i->writes[0]]);
    b.values[i->writes[0]] = (Value) { .kind = IN_LOCAL, .local = result, .uses = i->uses[0] };
    if (i->uses[0] == 0) {
        forget(&b.values[i->writes[0]]);
    }
}

/* Flow. */

/* How many wasm blocks of its own the current block of the region has open. */
static unsigned own_depth(void)
{
    return b.label_count - b.next_label + b.loops;
}

/* The branch to the region's loop, which goes on with the block whose index is in LOCAL_SCRATCH. */
static unsigned loop_depth(void)
{
    return own_depth() + b.member_count - 1 - b.member;
}

/* How many blocks lie between here and the end of the block that a branch to the label leaves. */
static unsigned depth_of(const uint32_t *target)
{
    return label_index(target) - b.next_label;
}

static void branch_if(const Insn *i, Expression *condition)
{
    const uint32_t *target = pointer(i);
    Expression e = { .length = 0 };

    if (target > i->at) {
        op_u(condition ? condition : &e, condition ? W_BR_IF : W_BR, depth_of(target));
    } else {
        if (condition) {
            op_u(condition, W_IF, T_VOID);
            emit(condition);
        }
        const32(&e, label_index(target) + 1);
        op_u(&e, W_SET, LOCAL_SCRATCH);
        op_u(&e, W_BR, b.label_count - b.next_label + (condition ? 1 : 0));
        if (condition) {
            op(&e, W_END);
        }
    }
    if (condition) {
        emit(condition);
    }
    emit(&e);
}

/* Opens what branches leave: a wasm block for each label, the first label's innermost; a loop around all if one leads back. */
static void open_blocks(void)
{
    Expression e = { .length = 0 };

    if (b.loops) {
        const32(&e, 0);
        op_u(&e, W_SET, LOCAL_SCRATCH);
        op_u(&e, W_LOOP, T_VOID);
    }
    for (unsigned n = 0; n < b.label_count; n++) {
        op_u(&e, W_BLOCK, T_VOID);
    }
    if (b.loops) {
        op_u(&e, W_BLOCK, T_VOID);
        op_u(&e, W_GET, LOCAL_SCRATCH);
        op_u(&e, W_BR_TABLE, b.label_count);
        for (unsigned n = 0; n <= b.label_count; n++) {
            e.length += unsigned_leb(e.code + e.length, n);
        }
        op(&e, W_END);
    }
    emit(&e);
}

/* To the block that QEMU has linked: known now, checked when it runs. */
static void linked_jump(const Insn *i, unsigned how)
{
    const uintptr_t *link = (const uintptr_t *)pointer(i);
    Expression e = { .length = 0 };
    unsigned target = 0;

    const32(&e, (uintptr_t)link);
    op_memory(&e, W_I32_LOAD, 0);
    while (target < b.member_count && (uintptr_t)b.members[target] != *link) {
        target++;
    }
    if (target == b.member_count) {
        op_u(&e, W_SET, LOCAL_SCRATCH);
    } else {
        op_u(&e, W_TEE, LOCAL_SCRATCH);
        const32(&e, *link);
        op(&e, W_I32_EQ);
        if (target > b.member) {
            op_u(&e, W_BR_IF, own_depth() + target - b.member - 1);
        } else if (b.member_count == 1) {
            op_u(&e, W_BR_IF, loop_depth());
        } else {
            op_u(&e, W_IF, T_VOID);
            const32(&e, target);
            op_u(&e, W_SET, LOCAL_SCRATCH);
            op_u(&e, W_BR, loop_depth() + 1);
            op(&e, W_END);
        }
    }
    jump(&e);
    emit(&e);
}

/* To the block that lookup_tb_ptr found. */
static void computed_jump(const Insn *i, unsigned how)
{
    Expression e = { .length = 0 };

    use32(&e, field(i, 0));
    op_u(&e, W_SET, LOCAL_SCRATCH);
    if (b.cycle) {
        op_u(&e, W_GET, LOCAL_SCRATCH);
        op_memory(&e, W_I32_LOAD, offsetof(QemuwebBlock, entry));
        const32(&e, b.entry);
        op(&e, W_I32_EQ);
        op_u(&e, W_IF, T_VOID);
        op_u(&e, W_GET, LOCAL_SCRATCH);
        op_memory(&e, W_I32_LOAD, offsetof(QemuwebBlock, count));
        op_u(&e, W_SET, LOCAL_SCRATCH);
        op_u(&e, W_BR, loop_depth() + 1);
        op(&e, W_END);
    }
    jump(&e);
    emit(&e);
}

static void branch(const Insn *i, unsigned how)
{
    branch_if(i, NULL);
}

static void conditional_branch(const Insn *i, unsigned how)
{
    Expression e = { .length = 0 };

    use32(&e, field(i, 0));
    branch_if(i, &e);
}

static void exit_block(const Insn *i, unsigned how)
{
    Expression e = { .length = 0 };

    const64(&e, sextract32(*i->at, 12, 20) ? (uintptr_t)pointer(i) : 0);
    op(&e, W_RETURN);
    emit(&e);
}

static void fence(const Insn *i, unsigned how)
{
    Expression e = { .length = 0 };

    if (qemuweb_needs_fence(extract32(*i->at, 8, 8))) {
        op_u(&e, W_ATOMIC, 3);
        op(&e, 0);
    }
    emit(&e);
}

static void set_carry(const Insn *i, unsigned how)
{
    Expression e = { .length = 0 };

    const64(&e, 1);
    op_u(&e, W_SET, own_local(&b.carry));
    emit(&e);
}

/* Bits of a field mask. */
#define F0 1
#define F1 2
#define F2 4
#define F3 8
#define F4 16

static const Opcode opcodes[256] = {
    [INDEX_op_call] = { helper_call },
    [INDEX_op_br] = { branch },
    [INDEX_op_brcond] = { conditional_branch, 0, 0, F0 },
    [INDEX_op_exit_tb] = { exit_block },
    [INDEX_op_goto_tb] = { linked_jump },
    [INDEX_op_goto_ptr] = { computed_jump, 0, 0, F0 },
    [INDEX_op_mb] = { fence },

    [INDEX_op_mov] = { copy, 0, F0, F1 },
    [INDEX_op_tci_movi] = { constant, 0, F0 },
    [INDEX_op_tci_movl] = { pooled_constant, 0, F0 },
    [INDEX_op_setcond] = { setcond, false, F0, F1 | F2 },
    [INDEX_op_tci_setcond32] = { setcond, true, F0, F1 | F2 },
    [INDEX_op_movcond] = { movcond, false, F0, F1 | F2 | F3 | F4 },
    [INDEX_op_tci_movcond32] = { movcond, true, F0, F1 | F2 | F3 | F4 },

    [INDEX_op_ld8u] = { load, LOAD(W_I32_LOAD8_U, 1, true), F0, F1 },
    [INDEX_op_ld8s] = { load, LOAD(W_I64_LOAD8_S, 1, false), F0, F1 },
    [INDEX_op_ld16u] = { load, LOAD(W_I32_LOAD16_U, 2, true), F0, F1 },
    [INDEX_op_ld16s] = { load, LOAD(W_I64_LOAD16_S, 2, false), F0, F1 },
    [INDEX_op_ld32u] = { load, LOAD(W_I32_LOAD, 4, true), F0, F1 },
    [INDEX_op_ld32s] = { load, LOAD(W_I64_LOAD32_S, 4, false), F0, F1 },
    [INDEX_op_ld] = { load, LOAD(W_I64_LOAD, 8, false), F0, F1 },
    [INDEX_op_st8] = { store, STORE(W_I64_STORE8, W_I32_STORE8, 1), 0, F0 | F1 },
    [INDEX_op_st16] = { store, STORE(W_I64_STORE16, W_I32_STORE16, 2), 0, F0 | F1 },
    [INDEX_op_st32] = { store, STORE(W_I64_STORE32, W_I32_STORE, 4), 0, F0 | F1 },
    [INDEX_op_st] = { store, STORE(W_I64_STORE, 0, 8), 0, F0 | F1 },
    [INDEX_op_qemu_ld] = { guest_load, false, F0, F1 },
    [INDEX_op_tci_qemu_ld_rrr] = { guest_load, true, F0, F1 | F2 },
    [INDEX_op_qemu_st] = { guest_store, false, 0, F0 | F1 },
    [INDEX_op_tci_qemu_st_rrr] = { guest_store, true, 0, F0 | F1 | F2 },

    [INDEX_op_add] = { add, 0, F0, F1 | F2 },
    [INDEX_op_sub] = { binary, W_I64_SUB, F0, F1 | F2 },
    [INDEX_op_mul] = { binary, W_I64_MUL, F0, F1 | F2 },
    [INDEX_op_and] = { binary, W_I64_AND, F0, F1 | F2 },
    [INDEX_op_or] = { binary, W_I64_OR, F0, F1 | F2 },
    [INDEX_op_xor] = { binary, W_I64_XOR, F0, F1 | F2 },
    [INDEX_op_andc] = { binary_inverted, W_I64_AND, F0, F1 | F2 },
    [INDEX_op_orc] = { binary_inverted, W_I64_OR, F0, F1 | F2 },
    [INDEX_op_eqv] = { binary_inverted, W_I64_XOR, F0, F1 | F2 },
    [INDEX_op_nand] = { inverted_binary, W_I64_AND, F0, F1 | F2 },
    [INDEX_op_nor] = { inverted_binary, W_I64_OR, F0, F1 | F2 },
    [INDEX_op_neg] = { negate, 0, F0, F1 },
    [INDEX_op_not] = { complement, 0, F0, F1 },
    [INDEX_op_ctpop] = { unary, W_I64_POPCNT, F0, F1 },
    [INDEX_op_ext_i32_i64] = { unary, W_I64_EXTEND32_S, F0, F1 },
    [INDEX_op_extu_i32_i64] = { zero_extend, 0, F0, F1 },

    [INDEX_op_tci_setcarry] = { set_carry },
    [INDEX_op_addco] = { with_carry, W_I64_ADD | CARRY_OUT, F0, F1 | F2 },
    [INDEX_op_addci] = { with_carry, W_I64_ADD | CARRY_IN, F0, F1 | F2 },
    [INDEX_op_addcio] = { with_carry, W_I64_ADD | CARRY_IN | CARRY_OUT, F0, F1 | F2 },
    [INDEX_op_subbo] = { with_carry, W_I64_SUB | CARRY_OUT, F0, F1 | F2 },
    [INDEX_op_subbi] = { with_carry, W_I64_SUB | CARRY_IN, F0, F1 | F2 },
    [INDEX_op_subbio] = { with_carry, W_I64_SUB | CARRY_IN | CARRY_OUT, F0, F1 | F2 },

    [INDEX_op_mulu2] = { multiply_wide, false, F0 | F1, F2 | F3 },
    [INDEX_op_muls2] = { multiply_wide, true, F0 | F1, F2 | F3 },
    [INDEX_op_divs] = { binary, W_I64_DIV_S, F0, F1 | F2 },
    [INDEX_op_divu] = { binary, W_I64_DIV_U, F0, F1 | F2 },
    [INDEX_op_rems] = { binary, W_I64_REM_S, F0, F1 | F2 },
    [INDEX_op_remu] = { binary, W_I64_REM_U, F0, F1 | F2 },
    [INDEX_op_tci_divs32] = { binary32, W_I32_DIV_S, F0, F1 | F2 },
    [INDEX_op_tci_divu32] = { binary32, W_I32_DIV_U, F0, F1 | F2 },
    [INDEX_op_tci_rems32] = { binary32, W_I32_REM_S, F0, F1 | F2 },
    [INDEX_op_tci_remu32] = { binary32, W_I32_REM_U, F0, F1 | F2 },

    [INDEX_op_shl] = { binary, W_I64_SHL, F0, F1 | F2 },
    [INDEX_op_shr] = { binary, W_I64_SHR_U, F0, F1 | F2 },
    [INDEX_op_sar] = { binary, W_I64_SHR_S, F0, F1 | F2 },
    [INDEX_op_rotl] = { binary, W_I64_ROTL, F0, F1 | F2 },
    [INDEX_op_rotr] = { binary, W_I64_ROTR, F0, F1 | F2 },
    [INDEX_op_tci_rotl32] = { binary32, W_I32_ROTL, F0, F1 | F2 },
    [INDEX_op_tci_rotr32] = { binary32, W_I32_ROTR, F0, F1 | F2 },
    [INDEX_op_clz] = { count_zeros, W_I64_CLZ, F0, F1 | F2 },
    [INDEX_op_ctz] = { count_zeros, W_I64_CTZ, F0, F1 | F2 },
    [INDEX_op_tci_clz32] = { count_zeros, W_I32_CLZ, F0, F1 | F2 },
    [INDEX_op_tci_ctz32] = { count_zeros, W_I32_CTZ, F0, F1 | F2 },
    [INDEX_op_deposit] = { deposit, 0, F0, F1 | F2 },
    [INDEX_op_extract] = { extract, 0, F0, F1 },
    [INDEX_op_sextract] = { sextract, 0, F0, F1 },
    [INDEX_op_bswap16] = { byte_swap, 2, F0, F1 },
    [INDEX_op_bswap32] = { byte_swap, 4, F0, F1 },
    [INDEX_op_bswap64] = { byte_swap, 8, F0, F1 },
};

/* Appends one block of the region to its function. */
static bool compile_block(void)
{
    /* insns and values are large, and need no clearing: counts and kinds say what of them is valid. */
    b.insn_count = b.label_count = b.next_label = b.carry = 0;
    b.loops = b.failed = false;
    for (unsigned v = 0; v < VALUES; v++) {
        b.values[v].kind = EMPTY;
    }
    memset(b.holders, 0, sizeof(b.holders));
    memset(b.frame, 0, sizeof(b.frame));

    if (!read_block((const uint32_t *)(b.members[b.member] + 1))) {
        return false;
    }
    count_uses();
    open_blocks();
    for (unsigned n = 0; n < b.insn_count && !b.failed; n++) {
        if (b.next_label < b.label_count && b.labels[b.next_label] == b.insns[n].at) {
            for (unsigned v = 0; v < VALUES; v++) {
                forget(&b.values[v]);
            }
            put8(&b.code, W_END);
            b.next_label++;
        }
        opcodes[b.insns[n].opcode].compile(&b.insns[n], opcodes[b.insns[n].opcode].how);
    }
    if (b.loops) {
        put8(&b.code, W_END);
        put8(&b.code, W_UNREACHABLE);
    }
    return !b.failed;
}

/*
 * Appends the region's function to `bodies`: its blocks in their order, within a loop whose head goes to the block with the
 * index in LOCAL_SCRATCH. False: one of them stays with the interpreter.
 */
static bool compile_region(void)
{
    Expression e = { .length = 0 };
    uint8_t locals[8];
    unsigned length = 0;

    b.code.length = 0;
    b.local_count = 0;
    if (b.cycle) {
        if (b.member_count > 1) {
            op_u(&e, W_GET, LOCAL_SCRATCH);
            op_memory(&e, W_I32_LOAD, offsetof(QemuwebBlock, count));
            op_u(&e, W_SET, LOCAL_SCRATCH);
        }
        op_u(&e, W_LOOP, T_VOID);
        if (b.member_count > 1) {
            for (unsigned n = 0; n < b.member_count; n++) {
                op_u(&e, W_BLOCK, T_VOID);
            }
            op_u(&e, W_GET, LOCAL_SCRATCH);
            op_u(&e, W_BR_TABLE, b.member_count - 1);
            for (unsigned n = 0; n < b.member_count; n++) {
                e.length += unsigned_leb(e.code + e.length, n);
            }
        }
        emit(&e);
    }
    for (b.member = 0; b.member < b.member_count; b.member++) {
        if (b.member_count > 1) {
            put8(&b.code, W_END);
        }
        if (!compile_block()) {
            return false;
        }
    }
    if (b.cycle) {
        put8(&b.code, W_END);
        put8(&b.code, W_UNREACHABLE);
    }
    put8(&b.code, W_END);

    locals[length++] = b.local_count ? 1 : 0;
    if (b.local_count) {
        length += unsigned_leb(locals + length, b.local_count);
        locals[length++] = T_I64;
    }
    put_number(&bodies, length + b.code.length);
    put(&bodies, locals, length);
    put(&bodies, b.code.bytes, b.code.length);
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
        b.label_count = 0;
        b.failed = b.loops = false;
        if (!read_block((const uint32_t *)(queue[n] + 1))) {
            continue;
        }
        for (unsigned k = 0; k < b.insn_count; k++) {
            unsigned target = 0, from = group[n], to;

            if (b.insns[k].opcode != INDEX_op_goto_tb) {
                continue;
            }
            while (target < queued && (uintptr_t)queue[target] != *(const uintptr_t *)pointer(&b.insns[k])) {
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

    memcpy(b.members, members, count * sizeof(*members));
    b.member_count = count;
    b.cycle = cycle || count > 1;
    b.entry = table_next + function_count;
    if (!compile_region()) {
        bodies.length = length;
        return false;
    }
    for (unsigned m = 0; m < count; m++) {
        compiled[compiled_count].block = members[m];
        compiled[compiled_count].entry = b.entry;
        compiled[compiled_count++].index = m;
    }
    function_count++;
    return true;
}

static void put_section(uint8_t id, const Code *content)
{
    put8(&module, id);
    put_number(&module, content->length);
    put(&module, content->bytes, content->length);
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
    type_count = import_count = function_count = compiled_count = 0;
    type_of(block_type, sizeof(block_type));
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
    put(&module, start, sizeof(start));

    section.length = 0;
    put_number(&section, type_count);
    for (unsigned n = 0; n < type_count; n++) {
        put(&section, types[n].bytes, types[n].length);
    }
    put_section(1, &section);

    section.length = 0;
    put_number(&section, 2 + import_count);
    put(&section, imports, sizeof(imports));
    for (unsigned n = 0; n < import_count; n++) {
        char name[11];
        int length = snprintf(name, sizeof(name), "%u", imported[n]);
        put(&section, (const uint8_t[]) { 1, 'f', length }, 3);
        put(&section, name, length);
        put8(&section, 0);
        put_number(&section, imported_type[n]);
    }
    put_section(2, &section);

    section.length = 0;
    put_number(&section, function_count);
    for (unsigned n = 0; n < function_count; n++) {
        put8(&section, 0);
    }
    put_section(3, &section);

    /* The functions go into the table, in a row. */
    section.length = 0;
    put8(&section, 1);
    put8(&section, 0);
    put8(&section, W_I32_CONST);
    {
        uint8_t leb[10];
        put(&section, leb, signed_leb(leb, table_next));
    }
    put8(&section, W_END);
    put_number(&section, function_count);
    for (unsigned n = 0; n < function_count; n++) {
        put_number(&section, import_count + n);
    }
    put_section(9, &section);

    section.length = 0;
    put_number(&section, function_count);
    put(&section, bodies.bytes, bodies.length);
    put_section(10, &section);

    if (!qemuweb_jit_load((uintptr_t)module.bytes, module.length, (uintptr_t)imported, import_count)) {
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
