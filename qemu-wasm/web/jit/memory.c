/*
 * The host's memory, which is the CPU's state mostly, and the guest's, through the TLB.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

/* Memory of the host. */

void jit_host_address(Expression *e, const Insn *i, uint32_t *offset)
{
    int signed_offset = sextract32(*i->at, 16, 16);

    if (jit_field(i, 1) == TCG_AREG0 && signed_offset >= -QEMUWEB_ENV_BIAS) {
        jit_env(e);
        *offset = signed_offset + QEMUWEB_ENV_BIAS;
        return;
    }
    jit_use32(e, jit_field(i, 1));
    if (signed_offset < 0) {
        jit_const32(e, signed_offset);
        jit_op(e, W_I32_ADD);
        signed_offset = 0;
    }
    *offset = signed_offset;
}

void jit_range(const Insn *i, unsigned size, int *low, int *high)
{
    int offset = sextract32(*i->at, 16, 16);

    *low = jit_field(i, 1) == TCG_AREG0 ? offset : INT_MIN;
    *high = jit_field(i, 1) == TCG_AREG0 ? offset + size : INT_MAX;
}

/* CPUNegativeOffsetState.can_do_io: TCG forbids devices before a block's first instruction, and allows them before its last. */
#define CAN_DO_IO ((int)offsetof(CPUNegativeOffsetState, can_do_io) - (int)sizeof(CPUNegativeOffsetState))

void jit_settle_io(void)
{
    EXPRESSION(e);

    if (jit.io_forbidden) {
        jit.io_forbidden = false;
        jit_env(&e);
        jit_const32(&e, false);
        jit_op_memory(&e, W_I32_STORE8, CAN_DO_IO + QEMUWEB_ENV_BIAS);
        jit_emit(&e);
    }
}

/* Whether a store says what devices may be accessed, and nobody asks before the next one. */
static bool defer_io(const Insn *i, unsigned size)
{
    Value *value = &jit.values[jit_field(i, 0)];
    bool forbidden = jit.io_forbidden;

    if (jit_field(i, 1) != TCG_AREG0 || sextract32(*i->at, 16, 16) != CAN_DO_IO || size != 1 || value->kind != CONSTANT
        || (value->constant && !forbidden)) {
        return false;
    }
    jit.io_forbidden = !value->constant;
    value->uses--;
    return true;
}

void jit_load(const Insn *i, unsigned how)
{
    uint8_t opcode = how;
    unsigned size = extract32(how, 8, 8);
    bool narrow = how >> 16;
    EXPRESSION(e);
    uint32_t offset;
    int low, high;
    uint8_t kept;

    if (jit_is_frame(i)) {
        unsigned word = sextract32(*i->at, 16, 16) / 4;
        jit_op_u(&e, W_GET, jit_own_local(&jit.frame[word]));
        if (size == 4) {
            jit_op(&e, W_I32_WRAP);
            e.narrow = true;
        }
        jit_emit_set(&e, i->writes[0], i->uses[0]);
        return;
    }
    jit_range(i, size, &low, &high);
    kept = jit_kept_local(low, size);
    if (kept) {
        jit_op_u(&e, W_GET, kept);
        if (size == 4) {
            jit_op(&e, W_I32_WRAP);
        }
        if (size == 4 && !narrow) {
            jit_op(&e, W_I64_EXTEND_I32_S);
        }
    } else {
        jit_host_address(&e, i, &offset);
        jit_op_memory(&e, opcode, offset);
    }
    e.narrow = narrow;
    jit_reads_env(&e, low, high);
    jit_define(&e, i->writes[0], i->uses[0]);
}

void jit_store(const Insn *i, unsigned how)
{
    uint8_t opcode64 = how, opcode32 = how >> 8;
    unsigned size = how >> 16;
    EXPRESSION(e);
    const Value *value = &jit.values[jit_field(i, 0)];
    uint32_t offset;
    int low, high;
    uint8_t kept;

    if (jit_is_frame(i)) {
        unsigned word = sextract32(*i->at, 16, 16) / 4;
        if (word < ARGUMENT_SLOTS * 2) {
            jit_define_copy(i->writes[0], jit_field(i, 0), i->uses[0]);
        } else {
            jit_use64(&e, jit_field(i, 0));
            jit_op_u(&e, W_SET, jit_own_local(&jit.frame[word]));
            jit_emit(&e);
        }
        return;
    }
    if (defer_io(i, size)) {
        return;
    }
    jit_range(i, size, &low, &high);
    kept = jit_kept_local(low, size);
    jit_host_address(&e, i, &offset);
    if (kept) {
        jit_use64(&e, jit_field(i, 0));
        jit_op_u(&e, W_TEE, kept);
        jit_op_memory(&e, opcode64, offset);
    } else if (size < 8 && (value->kind == CONSTANT || (value->kind == DEFERRED && value->narrow))) {
        jit_use32(&e, jit_field(i, 0));
        jit_op_memory(&e, opcode32, offset);
    } else {
        jit_use64(&e, jit_field(i, 0));
        jit_op_memory(&e, opcode64, offset);
    }
    if (!kept && jit_field(i, 1) == TCG_AREG0) {
        jit_reload_kept(&e, low, high);
    }
    jit_settle(low, high);
    jit_emit(&e);
}

/* Memory of the guest: accel/tcg/cputlb.c. */

/* Leaves whether the TLB has the access, and the entry in LOCAL_SCRATCH. */
static void probe(Expression *e, uint8_t address, MemOpIdx oi, size_t comparator)
{
    MemOp memop = get_memop(oi);
    int align_mask = (1 << memop_alignment_bits(memop)) - 1;
    int size_mask = memop_size(memop) - 1;
    int fast = (int)offsetof(CPUNegativeOffsetState, tlb.f[mmuidx_to_fast_index(get_mmuidx(oi))])
        - (int)sizeof(CPUNegativeOffsetState) + QEMUWEB_ENV_BIAS;

    QEMU_BUILD_BUG_ON(offsetof(CPUNegativeOffsetState, tlb.f) + QEMUWEB_ENV_BIAS < sizeof(CPUNegativeOffsetState));

    jit_op_u(e, W_GET, address);
    jit_op(e, W_I32_WRAP);
    jit_const32(e, TARGET_PAGE_BITS - CPU_TLB_ENTRY_BITS);
    jit_op(e, W_I32_SHR_U);
    jit_env(e);
    jit_op_memory(e, W_I32_LOAD, fast + offsetof(CPUTLBDescFast, mask));
    jit_op(e, W_I32_AND);
    jit_env(e);
    jit_op_memory(e, W_I32_LOAD, fast + offsetof(CPUTLBDescFast, table));
    jit_op(e, W_I32_ADD);
    jit_op_u(e, W_TEE, LOCAL_SCRATCH);
    jit_op_memory(e, W_I64_LOAD, comparator);
    jit_op_u(e, W_GET, address);
    if (align_mask < size_mask) {
        jit_const64(e, size_mask - align_mask);
        jit_op(e, W_I64_ADD);
    }
    jit_const64(e, (int64_t)TARGET_PAGE_MASK | align_mask);
    jit_op(e, W_I64_AND);
    jit_op(e, W_I64_EQ);
}

static void translated(Expression *e, uint8_t address)
{
    jit_op_u(e, W_GET, address);
    jit_op(e, W_I32_WRAP);
    jit_op_u(e, W_GET, LOCAL_SCRATCH);
    jit_op_memory(e, W_I32_LOAD, offsetof(CPUTLBEntry, addend));
    jit_op(e, W_I32_ADD);
}

/* What kind of access it is: a field, or (how) the register that the third field names, a constant always. */
static MemOpIdx access_of(const Insn *i, unsigned how)
{
    if (!how) {
        return extract32(*i->at, 16, 16);
    }
    jit.values[jit_field(i, 2)].uses--;
    return jit.values[jit_field(i, 2)].constant;
}

void jit_guest_load(const Insn *i, unsigned how)
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
    uint8_t address = jit_in_local(jit_field(i, 1));
    EXPRESSION(e);

    jit_settle_io();
    if (fast) {
        probe(&e, address, oi, offsetof(CPUTLBEntry, addr_read));
        jit_op_u(&e, W_IF, T_I64);
        translated(&e, address);
        jit_op_memory(&e, loads[memop & MO_SSIZE].opcode, 0);
        jit_op(&e, W_ELSE);
    }
    jit_env64(&e);
    jit_op_u(&e, W_GET, address);
    jit_const32(&e, oi);
    jit_const64(&e, (uintptr_t)(i->at + 1));
    CALL(&e, loads[memop & MO_SSIZE].slow, T_I64, T_I64, T_I64, T_I32, T_I64);
    if (fast) {
        jit_op(&e, W_END);
    }
    jit.holders[address]--;
    jit_emit_set(&e, i->writes[0], i->uses[0]);
}

void jit_guest_store(const Insn *i, unsigned how)
{
    static const struct { uint8_t opcode; const void *slow; } stores[] = {
        [MO_8] = { W_I64_STORE8, helper_stb_mmu }, [MO_16] = { W_I64_STORE16, helper_stw_mmu },
        [MO_32] = { W_I64_STORE32, helper_stl_mmu }, [MO_64] = { W_I64_STORE, helper_stq_mmu },
    };
    MemOpIdx oi = access_of(i, how);
    MemOp memop = get_memop(oi);
    bool fast = !(memop & MO_BSWAP);
    bool wide = (memop & MO_SIZE) == MO_64;
    unsigned v = jit_field(i, 0);
    bool constant = v != TCG_AREG0 && jit.values[v].kind == CONSTANT;
    int64_t bits = jit.values[v].constant;
    uint8_t value = 0, address;
    EXPRESSION(e);

    jit_settle_io();
    if (constant) {
        jit.values[v].uses--;
    } else {
        value = jit_in_local(v);
    }
    address = jit_in_local(jit_field(i, 1));
    if (fast) {
        probe(&e, address, oi, offsetof(CPUTLBEntry, addr_write));
        jit_op_u(&e, W_IF, T_VOID);
        translated(&e, address);
        if (constant) {
            jit_const64(&e, bits);
        } else {
            jit_op_u(&e, W_GET, value);
        }
        jit_op_memory(&e, stores[memop & MO_SIZE].opcode, 0);
        jit_op(&e, W_ELSE);
    }
    jit_env64(&e);
    jit_op_u(&e, W_GET, address);
    if (constant && wide) {
        jit_const64(&e, bits);
    } else if (constant) {
        jit_const32(&e, bits);
    } else {
        jit_op_u(&e, W_GET, value);
        if (!wide) {
            jit_op(&e, W_I32_WRAP);
        }
    }
    jit_const32(&e, oi);
    jit_const64(&e, (uintptr_t)(i->at + 1));
    CALL(&e, stores[memop & MO_SIZE].slow, T_VOID, T_I64, T_I64, wide ? T_I64 : T_I32, T_I32, T_I64);
    if (fast) {
        jit_op(&e, W_END);
    }
    if (!constant) {
        jit.holders[value]--;
    }
    jit.holders[address]--;
    jit_emit(&e);
}

/*
 * Sixteen bytes, as SSE registers load and store them, by a helper. Threads must not see halves of what another stores: a v128 is
 * accessed as a whole, if it is aligned, where QEMU says so of the host (host/include/wasm64).
 */

#define HELPER_ADDRESS (REGISTERS + 1)
#define HELPER_VALUE (REGISTERS + 2)

/* What kind of access the helper's argument names; false if it needs the helper. */
static bool access16_of(unsigned v, MemOpIdx *oi)
{
    *oi = jit.values[v].constant;
    return jit.values[v].kind == CONSTANT && !(get_memop(*oi) & MO_BSWAP) && (jit_one_thread || qemuweb_ordered_host);
}

/* Leaves whether the TLB has the access, whose address is in the local returned. The helper's other arguments aren't needed. */
static uint8_t probe16(Expression *e, MemOpIdx oi, unsigned access_argument, size_t comparator)
{
    uint8_t address = jit_in_local(HELPER_ADDRESS);

    jit_forget(&jit.values[REGISTERS]);
    jit_forget(&jit.values[access_argument]);
    probe(e, address, oi, comparator);
    return address;
}

/* Begins the other way: the helper asks for its return address. */
static void otherwise16(Expression *e, const Insn *i)
{
    jit_op(e, W_ELSE);
    jit_own_base(e);
    jit_const32(e, (uintptr_t)(i->at + 1));
    jit_op_memory(e, W_I32_STORE, jit_own_offset(&tci_tb_ptr));
}

/* Whether the instruction does no more than store one of the halves that the one before it, or two before, loaded. */
static bool stores_half(const Insn *i, const Insn *load, unsigned half, int offset)
{
    return i->opcode == INDEX_op_st && jit_field(i, 0) == TCG_REG_R0 + half && load->uses[half] == 1
        && jit_field(i, 1) == TCG_AREG0 && sextract32(*i->at, 16, 16) == offset + 8 * (int)half && jit_label_index(i->at) < 0;
}

bool jit_guest_load16(const Insn *i)
{
    /* Most loads are to a register of the CPU's. Stored by halves it would make wait whoever then reads it as a whole. */
    int low = sextract32(*i[1].at, 16, 16), high = low + 16;
    bool to_state = i + 2 < jit.insns + jit.insn_count && low >= -QEMUWEB_ENV_BIAS && stores_half(i + 1, i, 0, low)
        && stores_half(i + 2, i, 1, low);
    MemOpIdx oi;
    uint8_t address, loaded = 0;
    EXPRESSION(e);

    if (!access16_of(HELPER_VALUE, &oi)) {
        return false;
    }
    if (to_state) {
        jit_settle(low, high);
        jit_env(&e);
    }
    address = probe16(&e, oi, HELPER_VALUE, offsetof(CPUTLBEntry, addr_read));
    jit_op_u(&e, W_IF, T_V128);
    translated(&e, address);
    jit_vector_op_memory(&e, V_LOAD, 0);
    otherwise16(&e, i);
    jit_own_address(&e, jit_large);
    jit_env64(&e);
    jit_op_u(&e, W_GET, address);
    jit_const32(&e, oi);
    CALL(&e, helper_ld_i128, T_VOID, T_I64, T_I64, T_I64, T_I32);
    jit_own_base(&e);
    jit_vector_op_memory(&e, V_LOAD, jit_own_offset(jit_large));
    jit_op(&e, W_END);
    jit.holders[address]--;
    if (to_state) {
        jit_vector_op_memory(&e, V_STORE, low + QEMUWEB_ENV_BIAS);
        jit_reload_kept(&e, low, high);
        jit_emit(&e);
        jit.done = 2;
        return true;
    }
    jit_op_u(&e, W_SET, jit_own_vector(&loaded));
    jit_emit(&e);
    for (unsigned half = 0; half < 2; half++) {
        jit_op_u(&e, W_GET, loaded);
        jit_vector_op(&e, V_EXTRACT64);
        jit_op(&e, half);
        jit_emit_set(&e, TCG_REG_R0 + half, i->uses[half]);
    }
    jit.holders[loaded]--;
    return true;
}

/* Whether a value is no more than eight bytes of the state, from the offset on. */
static bool is_state(unsigned v, int offset)
{
    const Value *value = &jit.values[v];
    EXPRESSION(e);

    if (value->kind != DEFERRED || offset < -QEMUWEB_ENV_BIAS) {
        return false;
    }
    jit_env(&e);
    jit_op_memory(&e, W_I64_LOAD, offset + QEMUWEB_ENV_BIAS);
    return value->length == e.length && !memcmp(value->code, e.code, e.length);
}

/* Has the two halves of what is to be stored in a vector's local, which `local` is to hold. */
static void join16(uint8_t *local)
{
    int offset = jit.values[HELPER_VALUE].low;
    EXPRESSION(e);

    if (is_state(HELPER_VALUE, offset) && is_state(HELPER_VALUE + 1, offset + 8)) {
        jit_forget(&jit.values[HELPER_VALUE]);
        jit_forget(&jit.values[HELPER_VALUE + 1]);
        jit_env(&e);
        jit_vector_op_memory(&e, V_LOAD, offset + QEMUWEB_ENV_BIAS);
    } else {
        jit_use64(&e, HELPER_VALUE);
        jit_vector_op(&e, V_SPLAT64);
        jit_use64(&e, HELPER_VALUE + 1);
        jit_vector_op(&e, V_REPLACE64);
        jit_op(&e, 1);
    }
    jit_op_u(&e, W_SET, jit_own_vector(local));
    jit_emit(&e);
}

bool jit_guest_store16(const Insn *i)
{
    MemOpIdx oi;
    uint8_t address, value = 0;
    EXPRESSION(e);

    if (!access16_of(HELPER_VALUE + 2, &oi)) {
        return false;
    }
    join16(&value);
    address = probe16(&e, oi, HELPER_VALUE + 2, offsetof(CPUTLBEntry, addr_write));
    jit_op_u(&e, W_IF, T_VOID);
    translated(&e, address);
    jit_op_u(&e, W_GET, value);
    jit_vector_op_memory(&e, V_STORE, 0);
    otherwise16(&e, i);
    jit_own_base(&e);
    jit_op_u(&e, W_GET, value);
    jit_vector_op_memory(&e, V_STORE, jit_own_offset(&jit_large[2]));
    jit_env64(&e);
    jit_op_u(&e, W_GET, address);
    jit_own_address(&e, &jit_large[2]);
    jit_const32(&e, oi);
    CALL(&e, helper_st_i128, T_VOID, T_I64, T_I64, T_I64, T_I32);
    jit_op(&e, W_END);
    jit.holders[value]--;
    jit.holders[address]--;
    jit_emit(&e);
    return true;
}
