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

/* TCG forbids devices before a block's last instruction, and allows them from there on. */
#define CAN_DO_IO BEFORE_ENV(can_do_io)

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

void jit_may_do_io(void)
{
    jit.io_done |= jit.io_allowed;
}

/* Whether a store says what devices may be accessed, and nobody asks before the next one. */
static bool defer_io(const Insn *i, unsigned size)
{
    Value *value = &jit.values[jit_field(i, 0)];
    bool forbidden = jit.io_forbidden;

    if (jit_field(i, 1) != TCG_AREG0 || sextract32(*i->at, 16, 16) != CAN_DO_IO || size != 1) {
        return false;
    }
    jit.io_allowed = value->kind != CONSTANT || value->constant;
    if (value->kind != CONSTANT || (value->constant && !forbidden)) {
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

void jit_probe(Expression *e, uint8_t address, MemOpIdx oi, size_t comparator)
{
    MemOp memop = get_memop(oi);
    int align_mask = (1 << memop_alignment_bits(memop)) - 1;
    int size_mask = memop_size(memop) - 1;
    int fast = BEFORE_ENV(tlb.f[mmuidx_to_fast_index(get_mmuidx(oi))]) + QEMUWEB_ENV_BIAS;

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

void jit_translated(Expression *e, uint8_t address)
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
    jit_may_do_io();
    if (fast) {
        jit_probe(&e, address, oi, offsetof(CPUTLBEntry, addr_read));
        jit_op_u(&e, W_IF, T_I64);
        jit_translated(&e, address);
        jit_op_memory(&e, loads[memop & MO_SSIZE].opcode, 0);
        jit_op(&e, W_ELSE);
    }
    jit_cold_env(&e);
    jit_op_u(&e, W_GET, address);
    jit_const32(&e, oi);
    jit_const32(&e, (uintptr_t)(i->at + 1));
    CALL_COLD(&e, loads[memop & MO_SSIZE].slow, T_I64, T_I64, T_I32, T_I32);
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
    jit_may_do_io();
    if (constant) {
        jit.values[v].uses--;
    } else {
        value = jit_in_local(v);
    }
    address = jit_in_local(jit_field(i, 1));
    if (fast) {
        jit_probe(&e, address, oi, offsetof(CPUTLBEntry, addr_write));
        jit_op_u(&e, W_IF, T_VOID);
        jit_translated(&e, address);
        if (constant) {
            jit_const64(&e, bits);
        } else {
            jit_op_u(&e, W_GET, value);
        }
        jit_op_memory(&e, stores[memop & MO_SIZE].opcode, 0);
        jit_op(&e, W_ELSE);
    }
    jit_cold_env(&e);
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
    jit_const32(&e, (uintptr_t)(i->at + 1));
    CALL_COLD(&e, stores[memop & MO_SIZE].slow, T_VOID, T_I64, wide ? T_I64 : T_I32, T_I32, T_I32);
    if (fast) {
        jit_op(&e, W_END);
    }
    if (!constant) {
        jit.holders[value]--;
    }
    jit.holders[address]--;
    jit_emit(&e);
}
