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
#ifndef QEMUWEB_JIT_INTERNAL_H
#define QEMUWEB_JIT_INTERNAL_H

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

/* Blocks that wait for each other to be compiled; in one module, at most, with those that come along. */
#define BATCH 128
#define MAX_BATCH 256
/* Blocks in one function, at most. */
#define REGION 32
#define MAX_INSNS 4096
#define MAX_LABELS 128
#define MAX_LOCALS 60
#define MAX_REFS 4
#define MAX_KEPT 12
#define MAX_DEFERRED 80
#define MAX_TYPES 128
#define MAX_IMPORTS 1024
#define MAX_THUNKS 32

/* A block that a queued one is linked to comes along if it was run this part of the threshold. */
#define COMPANION 4

/* The index of a block that can't be compiled. */
#define REFUSED UINT32_MAX

/* A block asks a second time at this multiple of the threshold: its batch is then compiled as it is. */
#define IMPATIENCE 8

/* Values: TCG's 16 registers, then the slots of call arguments. */
#define REGISTERS 16
#define ARGUMENT_SLOTS (TCG_STATIC_CALL_ARGS_SIZE / 8)
/* Spilled temporaries lie behind the arguments; one of 32 bits takes no more than that. */
#define FRAME_WORDS ((TCG_STATIC_CALL_ARGS_SIZE + TCG_STATIC_FRAME_SIZE) / 4)
#define VALUES (REGISTERS + ARGUMENT_SLOTS)
#define NO_VALUE 255
#define VECTORS (TCG_TARGET_NB_REGS - TCG_REG_V0)

/* Parameters of a compiled block; the second is scratch after the jump to it. */
#define LOCAL_ENV 0
#define LOCAL_SCRATCH 1
#define FIRST_LOCAL 2

/* A field of CPUNegativeOffsetState by its offset from env. */
#define BEFORE_ENV(field) ((int)offsetof(CPUNegativeOffsetState, field) - (int)sizeof(CPUNegativeOffsetState))
/* Negative if the CPU is to leave the code that it runs. */
#define INTERRUPTED BEFORE_ENV(icount_decr.u32)

/* Opcodes: WebAssembly Core Specification 2.0, section 5.4, and its threads extension. */
enum {
    W_UNREACHABLE = 0x00, W_BLOCK = 0x02, W_LOOP = 0x03, W_IF = 0x04, W_ELSE = 0x05, W_END = 0x0b, W_BR = 0x0c,
    W_BR_IF = 0x0d, W_BR_TABLE = 0x0e, W_RETURN = 0x0f, W_CALL = 0x10,
    W_DROP = 0x1a, W_SELECT = 0x1b, W_GET = 0x20, W_SET = 0x21, W_TEE = 0x22, W_GET_GLOBAL = 0x23,
    W_I32_LOAD = 0x28, W_I64_LOAD, W_F32_LOAD, W_F64_LOAD, W_I32_LOAD8_U = 0x2d, W_I32_LOAD16_U = 0x2f,
    W_I64_LOAD8_S = 0x30, W_I64_LOAD8_U, W_I64_LOAD16_S, W_I64_LOAD16_U, W_I64_LOAD32_S, W_I64_LOAD32_U,
    W_I32_STORE = 0x36, W_I64_STORE, W_F64_STORE = 0x39, W_I32_STORE8 = 0x3a, W_I32_STORE16 = 0x3b,
    W_I64_STORE8 = 0x3c, W_I64_STORE16, W_I64_STORE32,
    W_I32_CONST = 0x41, W_I64_CONST = 0x42,
    W_I32_EQZ = 0x45, W_I32_EQ, W_I32_NE, W_I32_LT_S, W_I32_LT_U, W_I32_GT_S, W_I32_GT_U, W_I32_LE_S, W_I32_LE_U,
    W_I32_GE_S, W_I32_GE_U,
    W_I64_EQZ = 0x50, W_I64_EQ, W_I64_NE, W_I64_LT_S, W_I64_LT_U, W_I64_GT_S, W_I64_GT_U, W_I64_LE_S, W_I64_LE_U,
    W_I64_GE_S, W_I64_GE_U,
    W_F32_EQ = 0x5b, W_F32_NE, W_F32_LT, W_F64_EQ = 0x61, W_F64_NE, W_F64_LT,
    W_I32_CLZ = 0x67, W_I32_CTZ, W_I32_POPCNT, W_I32_ADD, W_I32_SUB, W_I32_MUL, W_I32_DIV_S, W_I32_DIV_U, W_I32_REM_S,
    W_I32_REM_U, W_I32_AND, W_I32_OR, W_I32_XOR, W_I32_SHL, W_I32_SHR_S, W_I32_SHR_U, W_I32_ROTL, W_I32_ROTR,
    W_I64_CLZ = 0x79, W_I64_CTZ, W_I64_POPCNT, W_I64_ADD, W_I64_SUB, W_I64_MUL, W_I64_DIV_S, W_I64_DIV_U, W_I64_REM_S,
    W_I64_REM_U, W_I64_AND, W_I64_OR, W_I64_XOR, W_I64_SHL, W_I64_SHR_S, W_I64_SHR_U, W_I64_ROTL, W_I64_ROTR,
    W_F32_ABS = 0x8b, W_F32_ADD = 0x92, W_F64_ABS = 0x99, W_F64_SQRT = 0x9f, W_F64_ADD, W_F64_SUB, W_F64_MUL, W_F64_DIV,
    W_I32_TRUNC_F32_S = 0xa8, W_I32_TRUNC_F64_S = 0xaa, W_I64_TRUNC_F32_S = 0xae, W_F32_CONVERT_I32_U = 0xb3,
    W_F32_CONVERT_I64_U = 0xb5, W_F32_DEMOTE, W_F64_CONVERT_I32_S, W_F64_CONVERT_I32_U, W_F64_CONVERT_I64_S, W_F64_CONVERT_I64_U,
    W_F64_PROMOTE, W_I32_REINTERPRET, W_I64_REINTERPRET,
    W_I32_WRAP = 0xa7, W_I64_EXTEND_I32_S = 0xac, W_I64_EXTEND_I32_U = 0xad,
    W_I64_EXTEND8_S = 0xc2, W_I64_EXTEND16_S, W_I64_EXTEND32_S,
    W_VECTOR = 0xfd, W_ATOMIC = 0xfe,
    T_I32 = 0x7f, T_I64 = 0x7e, T_V128 = 0x7b, T_VOID = 0x40, T_FUNCREF = 0x70,
};

/*
 * Opcodes behind W_VECTOR. Those from V_ABS on are of vectors of bytes; 32, 64 and 96 above them are those of vectors of 16, 32
 * and 64 bits.
 */
enum {
    V_LOAD = 0, V_STORE = 11, V_CONST = 12, V_SPLAT8 = 15, V_SPLAT16, V_SPLAT32, V_SPLAT64,
    V_EXTRACT64 = 29, V_REPLACE64 = 30,
    V_NOT = 77, V_AND, V_ANDNOT, V_OR, V_XOR, V_SELECT, V_ANY_TRUE,
    V_ABS = 96, V_NEG = 97, V_SHL = 107, V_SHR_S, V_SHR_U, V_ADD, V_ADD_SAT_S, V_ADD_SAT_U, V_SUB, V_SUB_SAT_S, V_SUB_SAT_U,
    V_MUL = 117, V_MIN_S, V_MIN_U, V_MAX_S, V_MAX_U,
    /* Of floating-point numbers of 32 and of 64 bits. */
    V_F32_NE = 66, V_F32_LT, V_F32_GT, V_F64_NE = 72, V_F64_LT, V_F64_GT, V_I32_ALL_TRUE = 163, V_I64_ALL_TRUE = 195,
    V_F32_ABS = 224, V_F32_ADD = 228, V_F64_ABS = 236, V_F64_ADD = 240,
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
    /* Where it names the function of a jit_call_cold(), if it does. */
    unsigned cold_call;
} Expression;

static inline void jit_clear(Expression *e)
{
    e->length = e->ref_count = e->low = e->high = e->cold_call = 0;
    e->narrow = false;
}

/* Declares an empty one; its arrays stay as they are. */
#define EXPRESSION(e) \
    Expression e QEMU_UNINITIALIZED; \
    jit_clear(&e)

/* IN_STATE: the address of a place in the CPU's state, which is as far behind env as `constant` says. */
typedef enum { EMPTY, CONSTANT, IN_STATE, IN_LOCAL, DEFERRED } Kind;

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
    /* Parts of the CPU's state that are in locals, too, the first ones: by offset and size. */
    struct { int offset; unsigned size; } kept[MAX_KEPT];
    unsigned kept_count;
    /* Whether the region is a wasm loop: more than one block, or one that jumps to itself. */
    bool cycle;
    /* Where the only CPU's state is, less the bias, and where the only thread's variables begin: 0 if there are more. */
    uint32_t env, own;

    Insn insns[MAX_INSNS];
    unsigned insn_count;
    /* How many of those behind the one just compiled were compiled with it. */
    unsigned done;
    /* Labels by rising address; the next to be placed; whether one is branched to from behind. */
    const uint32_t *labels[MAX_LABELS];
    unsigned label_count, next_label;
    bool loops;
    Value values[VALUES];
    /* How many hold each local: values and code that is not yet emitted. */
    uint16_t holders[MAX_LOCALS];
    unsigned local_count;
    /* Which locals are vectors, as bits; those of vector registers: 0 while there is none. */
    uint64_t vector_locals;
    uint8_t vectors[VECTORS];
    /* Locals of spilled temporaries, by their first word of the frame, and of the carry: 0 while there is none. */
    uint8_t frame[FRAME_WORDS];
    uint8_t carry;
    /* Devices are forbidden from here on, but memory doesn't say so yet. */
    bool io_forbidden;
    /* Devices are allowed, as in a block's last instruction; and what is behind may have accessed one since. */
    bool io_allowed, io_done;
    Code code;
    /* Places in it that are an Expression's cold_call, as 32-bit numbers. */
    Code cold_calls;
    bool failed;
} Block;

/*
 * What there is to know of an opcode: the function that compiles it, with what it is told, and the fields of the instruction that
 * are registers read and written (bit masks). Frame slots and arguments of calls come on top.
 */
typedef struct Opcode {
    void (*compile)(const Insn *i, unsigned how);
    unsigned how;
    uint8_t writes, reads;
} Opcode;

/* `how` of a load: wasm's opcode, bytes, whether it leaves an i32. */
#define LOAD(opcode, size, narrow) ((opcode) | (size) << 8 | (narrow) << 16)

/* `how` of a store: wasm's opcodes for an i64 and for an i32, bytes. */
#define STORE(opcode64, opcode32, size) ((opcode64) | (opcode32) << 8 | (size) << 16)

#define CARRY_IN 256
#define CARRY_OUT 512

extern const Opcode jit_opcodes[256];

/* Who holds it may compile: all but what is a thread's own is then theirs. */
extern QemuMutex jit_lock;

/* One thread runs all vCPUs. */
extern bool jit_one_thread;

/* What is being compiled. */
extern Block jit;

/* 128-bit arguments and results of helpers, and products, of the thread that runs the code. */
extern __thread uint64_t jit_large[8];

/* The module's types (specification, section 5.3.6), and the C functions that it imports: by index in the table, with types. */
typedef struct FunctionType {
    uint8_t bytes[MAX_CALL_IARGS + 6];
    unsigned length;
} FunctionType;

extern FunctionType jit_types[MAX_TYPES];
extern unsigned jit_type_count;
extern uint32_t jit_imports[MAX_IMPORTS];
extern unsigned jit_import_types[MAX_IMPORTS], jit_import_count;

/* A function of the module itself that calls a C function: the import, its own type, and what it consists of. */
typedef struct Thunk {
    unsigned import, type, length;
    uint8_t body[64];
} Thunk;

extern Thunk jit_thunks[MAX_THUNKS];
extern unsigned jit_thunk_count;

/* expression.c */
void jit_put(Code *code, const void *bytes, size_t length);
unsigned jit_unsigned_leb(uint8_t *to, uint64_t value);
unsigned jit_signed_leb(uint8_t *to, int64_t value);
void jit_put8(Code *code, uint8_t byte);
void jit_put_number(Code *code, uint64_t value);
void jit_op(Expression *e, uint8_t opcode);
void jit_op_u(Expression *e, uint8_t opcode, uint32_t operand);
void jit_op_memory(Expression *e, uint8_t opcode, uint32_t offset);
void jit_const32(Expression *e, int32_t value);
void jit_const64(Expression *e, int64_t value);
/* Of so many bytes, 4 or 8. */
void jit_constant(Expression *e, unsigned size, int64_t value);
void jit_hold(Expression *e, uint8_t local);
/* Leaves the address of the CPU's state, less the bias. */
void jit_env(Expression *e);
/* Leaves the address, an i32, that is so far behind env. */
void jit_state_address(Expression *e, int offset);
void jit_reads_env(Expression *e, int low, int high);
void jit_emit(Expression *e);
uint8_t jit_new_local(void);
uint8_t jit_own_local(uint8_t *local);
void jit_forget(Value *value);
void jit_use64(Expression *e, unsigned v);
void jit_use32(Expression *e, unsigned v);
void jit_emit_set(Expression *e, unsigned v, unsigned uses);
void jit_define(Expression *e, unsigned v, unsigned uses);
void jit_define_constant(unsigned v, Kind kind, int64_t constant, unsigned uses);
void jit_define_copy(unsigned v, unsigned from, unsigned uses);
void jit_settle(int low, int high);
void jit_settle_all(void);
uint8_t jit_in_local(unsigned v);

/* read.c */
unsigned jit_field(const Insn *i, unsigned n);
const uint32_t *jit_pointer(const Insn *i);
bool jit_is_frame(const Insn *i);
const TCGHelperInfo *jit_helper(const Insn *i);
int jit_label_index(const uint32_t *at);
/* False: it can't be compiled. */
bool jit_read_block(const QemuwebBlock *block);
/* Where a jump to another block leads as far as that is known: what it is linked to, or went to last. NULL: it is none. */
QemuwebBlock *jit_linked(const Insn *i);
void jit_count_uses(void);

/* keep.c */
/* Chooses what the region keeps in locals; has them loaded where the region is entered. */
void jit_choose_kept(void);
void jit_load_kept(void);
/* The local that has so many bytes of the state at the offset; 0 if none. */
uint8_t jit_kept_local(int offset, unsigned size);
/* Has what lies there loaded anew: something that isn't quite it was stored. */
void jit_reload_kept(Expression *e, int low, int high);

/*
 * region.c: appends the function of a region to `bodies`; false, and nothing appended, if one of its blocks can't be compiled.
 * `cycle`: it jumps back into itself; `entry`: its index in the table.
 */
bool jit_add_region(Code *bodies, QemuwebBlock **members, unsigned count, bool cycle, uint32_t entry);

/* module.c: puts the functions into the table from the index `first` on; false if the browser has no room for more code. */
bool jit_load_module(Code *bodies, unsigned function_count, uint32_t first);

/* table.c */
void jit_table_init(void);
/* The index of the next function, if there is room for so many; 0 if QEMU has to flush first, which it is then asked for. */
uint32_t jit_table_next(unsigned count);
/* Instantiates a module that puts so many functions there; false if the browser has no room for more code. */
bool jit_table_load(const Code *module, unsigned function_count);
void jit_table_flush(void);

/* call.c */
/*
 * Variables of the thread's own lie at the same offsets from where each thread's begin, which code is told when it is instantiated:
 * leaves that, or the address of one, as an i64.
 */
uint32_t jit_own_offset(const void *variable);
void jit_own_base(Expression *e);
void jit_own_address(Expression *e, const void *variable);
/* Tells helpers where they are called: the instruction's return address. */
void jit_return_address(Expression *e, const Insn *i);
unsigned jit_type_of(const uint8_t *bytes, unsigned length);
void jit_env64(Expression *e);
void jit_helper_call(const Insn *i, unsigned how);
void jit_call(Expression *e, const void *function, uint8_t result, const uint8_t *parameters, unsigned count);
/* Of a function's type, and of an imported function: its index in the module. */
unsigned jit_function_type(uint8_t result, const uint8_t *parameters, unsigned count);
unsigned jit_import(const void *function, uint8_t result, const uint8_t *parameters, unsigned count);

/* thunk.c */
/*
 * A call of a C function whose first parameter is the CPU's state, which jit_cold_env() stands for on the stack, and whose last is an
 * address of the host's, given as an i32.
 */
void jit_cold_env(Expression *e);
void jit_call_cold(Expression *e, const void *function, uint8_t result, const uint8_t *parameters, unsigned count);
/* The region's code goes to this place of the bodies. */
void jit_take_cold_calls(size_t place);
/* Has the bodies' cold calls name their thunks, which follow the imports: all of those are known now. */
void jit_resolve_cold_calls(Code *bodies);

/* memory.c */
/* Leaves whether the TLB has the access, and the entry in LOCAL_SCRATCH. */
void jit_probe(Expression *e, uint8_t address, MemOpIdx oi, size_t comparator);
/* Leaves where the entry says that the address lies in the host's memory. */
void jit_translated(Expression *e, uint8_t address);
/* Has memory say what devices may be accessed: before anything that may ask, and where ways part or meet. */
void jit_settle_io(void);
/* The instruction may access devices, if they are allowed: what it has them do counts before the next one. */
void jit_may_do_io(void);
/* The address of an access to the host's memory without its *offset; where it lies in env: anywhere, if that isn't known. */
void jit_host_address(Expression *e, const Insn *i, uint32_t *offset);
void jit_range(const Insn *i, unsigned size, int *low, int *high);
void jit_load(const Insn *i, unsigned how);
void jit_store(const Insn *i, unsigned how);
void jit_guest_load(const Insn *i, unsigned how);
void jit_guest_store(const Insn *i, unsigned how);

/* memory16.c */
/* The call of a helper that accesses 16 bytes; false if it has to be made. */
bool jit_guest_load16(const Insn *i);
bool jit_guest_store16(const Insn *i);

/* arithmetic.c */
void jit_unary(const Insn *i, unsigned opcode);
void jit_binary(const Insn *i, unsigned opcode);
void jit_binary32(const Insn *i, unsigned opcode);
void jit_binary_inverted(const Insn *i, unsigned opcode);
void jit_inverted_binary(const Insn *i, unsigned opcode);
void jit_complement(const Insn *i, unsigned how);
void jit_negate(const Insn *i, unsigned how);
void jit_zero_extend(const Insn *i, unsigned how);
void jit_add(const Insn *i, unsigned how);
void jit_load_constant(const Insn *i, unsigned how);
void jit_pooled_constant(const Insn *i, unsigned how);
void jit_copy(const Insn *i, unsigned how);
void jit_setcond(const Insn *i, unsigned narrow);
void jit_movcond(const Insn *i, unsigned narrow);
void jit_extract(const Insn *i, unsigned how);
void jit_sextract(const Insn *i, unsigned how);
void jit_deposit(const Insn *i, unsigned how);
void jit_count_zeros(const Insn *i, unsigned opcode);
void jit_byte_swap(const Insn *i, unsigned size);
void jit_multiply_wide(const Insn *i, unsigned how);
void jit_with_carry(const Insn *i, unsigned how);
void jit_set_carry(const Insn *i, unsigned how);

/* vector.c */
void jit_vector_op(Expression *e, unsigned opcode);
void jit_vector_op_memory(Expression *e, unsigned opcode, uint32_t offset);
/* As jit_own_local: a vector's. */
uint8_t jit_own_vector(uint8_t *local);
/* Of two halves that are the same. */
void jit_const128(Expression *e, uint64_t half);
void jit_vector_load(const Insn *i, unsigned how);
void jit_vector_store(const Insn *i, unsigned how);
void jit_vector_copy(const Insn *i, unsigned how);
void jit_vector_constant(const Insn *i, unsigned how);
void jit_vector_splat(const Insn *i, unsigned how);
void jit_vector_unary(const Insn *i, unsigned opcode);
void jit_vector_binary(const Insn *i, unsigned opcode);
void jit_vector_shift(const Insn *i, unsigned opcode);
void jit_vector_shift_immediate(const Insn *i, unsigned opcode);
void jit_vector_compare(const Insn *i, unsigned how);
void jit_vector_select(const Insn *i, unsigned how);

/* float.c: the call of a helper that needn't be made mostly; false if it is to be made. */
bool jit_float(const Insn *i, const void *helper);

/* jump.c */
/* What the instruction, a goto_ptr, remembers. */
QemuwebJump *jit_jump(const Insn *i);
/* The call of lookup_tb_ptr. */
void jit_look_up(const Insn *i);

/* flow.c */
/*
 * Has the block in LOCAL_SCRATCH entered next: where all jumps out of the function branch to. V8's code for a tail call would be
 * more than for many a block, and takes note of where it goes, each time.
 */
void jit_leave(void);
/* Which of the function's blocks it is; member_count: none, or the function doesn't go on within itself. */
unsigned jit_member(const QemuwebBlock *block);
/* Emits the expression, an i32, and the jump to that block of the function, made if it isn't 0 and the CPU may stay. */
void jit_go_if(Expression *e, unsigned target);
/* Where computed jumps go: to the block in LOCAL_SCRATCH by the region's loop, the next label, if it is one of the function's. */
void jit_reenter(void);
void jit_open_blocks(void);
void jit_linked_jump(const Insn *i, unsigned how);
void jit_computed_jump(const Insn *i, unsigned how);
void jit_branch(const Insn *i, unsigned how);
void jit_conditional_branch(const Insn *i, unsigned how);
void jit_exit_block(const Insn *i, unsigned how);
void jit_fence(const Insn *i, unsigned how);

#define CALL(e, function, result, ...) \
    jit_call(e, function, result, (const uint8_t[]) { __VA_ARGS__ }, sizeof((const uint8_t[]) { __VA_ARGS__ }))
#define CALL_COLD(e, function, result, ...) \
    jit_call_cold(e, function, result, (const uint8_t[]) { __VA_ARGS__ }, sizeof((const uint8_t[]) { __VA_ARGS__ }))

#endif
