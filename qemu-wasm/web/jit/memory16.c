/*
 * Sixteen bytes of the guest's memory, as SSE registers load and store them, by a helper. Threads must not see halves of what another
 * stores: a v128 is accessed as a whole, if it is aligned, where QEMU says so of the host (host/include/wasm64).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

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
    jit_probe(e, address, oi, comparator);
    return address;
}

/* Begins the other way: the helper asks for its return address. */
static void otherwise16(Expression *e, const Insn *i)
{
    jit_op(e, W_ELSE);
    jit_return_address(e, i);
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
    jit_translated(&e, address);
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
    jit_translated(&e, address);
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
