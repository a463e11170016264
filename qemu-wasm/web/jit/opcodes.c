/*
 * TCI's opcodes (tcg/tci/tcg-target-opc.h.inc, include/tcg/tcg-opc.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

/* Bits of a field mask. */
#define F0 1
#define F1 2
#define F2 4
#define F3 8
#define F4 16

const Opcode jit_opcodes[256] = {
    [INDEX_op_call] = { jit_helper_call },
    [INDEX_op_br] = { jit_branch },
    [INDEX_op_brcond] = { jit_conditional_branch, 0, 0, F0 },
    [INDEX_op_exit_tb] = { jit_exit_block },
    [INDEX_op_goto_tb] = { jit_linked_jump },
    [INDEX_op_goto_ptr] = { jit_computed_jump, 0, 0, F0 },
    [INDEX_op_mb] = { jit_fence },

    [INDEX_op_mov] = { jit_copy, 0, F0, F1 },
    [INDEX_op_tci_movi] = { jit_load_constant, 0, F0 },
    [INDEX_op_tci_movl] = { jit_pooled_constant, 0, F0 },
    [INDEX_op_setcond] = { jit_setcond, false, F0, F1 | F2 },
    [INDEX_op_tci_setcond32] = { jit_setcond, true, F0, F1 | F2 },
    [INDEX_op_movcond] = { jit_movcond, false, F0, F1 | F2 | F3 | F4 },
    [INDEX_op_tci_movcond32] = { jit_movcond, true, F0, F1 | F2 | F3 | F4 },

    [INDEX_op_ld8u] = { jit_load, LOAD(W_I32_LOAD8_U, 1, true), F0, F1 },
    [INDEX_op_ld8s] = { jit_load, LOAD(W_I64_LOAD8_S, 1, false), F0, F1 },
    [INDEX_op_ld16u] = { jit_load, LOAD(W_I32_LOAD16_U, 2, true), F0, F1 },
    [INDEX_op_ld16s] = { jit_load, LOAD(W_I64_LOAD16_S, 2, false), F0, F1 },
    [INDEX_op_ld32u] = { jit_load, LOAD(W_I32_LOAD, 4, true), F0, F1 },
    [INDEX_op_ld32s] = { jit_load, LOAD(W_I64_LOAD32_S, 4, false), F0, F1 },
    [INDEX_op_ld] = { jit_load, LOAD(W_I64_LOAD, 8, false), F0, F1 },
    [INDEX_op_st8] = { jit_store, STORE(W_I64_STORE8, W_I32_STORE8, 1), 0, F0 | F1 },
    [INDEX_op_st16] = { jit_store, STORE(W_I64_STORE16, W_I32_STORE16, 2), 0, F0 | F1 },
    [INDEX_op_st32] = { jit_store, STORE(W_I64_STORE32, W_I32_STORE, 4), 0, F0 | F1 },
    [INDEX_op_st] = { jit_store, STORE(W_I64_STORE, 0, 8), 0, F0 | F1 },
    [INDEX_op_qemu_ld] = { jit_guest_load, false, F0, F1 },
    [INDEX_op_tci_qemu_ld_rrr] = { jit_guest_load, true, F0, F1 | F2 },
    [INDEX_op_qemu_st] = { jit_guest_store, false, 0, F0 | F1 },
    [INDEX_op_tci_qemu_st_rrr] = { jit_guest_store, true, 0, F0 | F1 | F2 },

    [INDEX_op_add] = { jit_add, 0, F0, F1 | F2 },
    [INDEX_op_sub] = { jit_binary, W_I64_SUB, F0, F1 | F2 },
    [INDEX_op_mul] = { jit_binary, W_I64_MUL, F0, F1 | F2 },
    [INDEX_op_and] = { jit_binary, W_I64_AND, F0, F1 | F2 },
    [INDEX_op_or] = { jit_binary, W_I64_OR, F0, F1 | F2 },
    [INDEX_op_xor] = { jit_binary, W_I64_XOR, F0, F1 | F2 },
    [INDEX_op_andc] = { jit_binary_inverted, W_I64_AND, F0, F1 | F2 },
    [INDEX_op_orc] = { jit_binary_inverted, W_I64_OR, F0, F1 | F2 },
    [INDEX_op_eqv] = { jit_binary_inverted, W_I64_XOR, F0, F1 | F2 },
    [INDEX_op_nand] = { jit_inverted_binary, W_I64_AND, F0, F1 | F2 },
    [INDEX_op_nor] = { jit_inverted_binary, W_I64_OR, F0, F1 | F2 },
    [INDEX_op_neg] = { jit_negate, 0, F0, F1 },
    [INDEX_op_not] = { jit_complement, 0, F0, F1 },
    [INDEX_op_ctpop] = { jit_unary, W_I64_POPCNT, F0, F1 },
    [INDEX_op_ext_i32_i64] = { jit_unary, W_I64_EXTEND32_S, F0, F1 },
    [INDEX_op_extu_i32_i64] = { jit_zero_extend, 0, F0, F1 },

    [INDEX_op_tci_setcarry] = { jit_set_carry },
    [INDEX_op_addco] = { jit_with_carry, W_I64_ADD | CARRY_OUT, F0, F1 | F2 },
    [INDEX_op_addci] = { jit_with_carry, W_I64_ADD | CARRY_IN, F0, F1 | F2 },
    [INDEX_op_addcio] = { jit_with_carry, W_I64_ADD | CARRY_IN | CARRY_OUT, F0, F1 | F2 },
    [INDEX_op_subbo] = { jit_with_carry, W_I64_SUB | CARRY_OUT, F0, F1 | F2 },
    [INDEX_op_subbi] = { jit_with_carry, W_I64_SUB | CARRY_IN, F0, F1 | F2 },
    [INDEX_op_subbio] = { jit_with_carry, W_I64_SUB | CARRY_IN | CARRY_OUT, F0, F1 | F2 },

    [INDEX_op_mulu2] = { jit_multiply_wide, false, F0 | F1, F2 | F3 },
    [INDEX_op_muls2] = { jit_multiply_wide, true, F0 | F1, F2 | F3 },
    [INDEX_op_divs] = { jit_binary, W_I64_DIV_S, F0, F1 | F2 },
    [INDEX_op_divu] = { jit_binary, W_I64_DIV_U, F0, F1 | F2 },
    [INDEX_op_rems] = { jit_binary, W_I64_REM_S, F0, F1 | F2 },
    [INDEX_op_remu] = { jit_binary, W_I64_REM_U, F0, F1 | F2 },
    [INDEX_op_tci_divs32] = { jit_binary32, W_I32_DIV_S, F0, F1 | F2 },
    [INDEX_op_tci_divu32] = { jit_binary32, W_I32_DIV_U, F0, F1 | F2 },
    [INDEX_op_tci_rems32] = { jit_binary32, W_I32_REM_S, F0, F1 | F2 },
    [INDEX_op_tci_remu32] = { jit_binary32, W_I32_REM_U, F0, F1 | F2 },

    [INDEX_op_shl] = { jit_binary, W_I64_SHL, F0, F1 | F2 },
    [INDEX_op_shr] = { jit_binary, W_I64_SHR_U, F0, F1 | F2 },
    [INDEX_op_sar] = { jit_binary, W_I64_SHR_S, F0, F1 | F2 },
    [INDEX_op_rotl] = { jit_binary, W_I64_ROTL, F0, F1 | F2 },
    [INDEX_op_rotr] = { jit_binary, W_I64_ROTR, F0, F1 | F2 },
    [INDEX_op_tci_rotl32] = { jit_binary32, W_I32_ROTL, F0, F1 | F2 },
    [INDEX_op_tci_rotr32] = { jit_binary32, W_I32_ROTR, F0, F1 | F2 },
    [INDEX_op_clz] = { jit_count_zeros, W_I64_CLZ, F0, F1 | F2 },
    [INDEX_op_ctz] = { jit_count_zeros, W_I64_CTZ, F0, F1 | F2 },
    [INDEX_op_tci_clz32] = { jit_count_zeros, W_I32_CLZ, F0, F1 | F2 },
    [INDEX_op_tci_ctz32] = { jit_count_zeros, W_I32_CTZ, F0, F1 | F2 },
    [INDEX_op_deposit] = { jit_deposit, 0, F0, F1 | F2 },
    [INDEX_op_extract] = { jit_extract, 0, F0, F1 },
    [INDEX_op_sextract] = { jit_sextract, 0, F0, F1 },
    [INDEX_op_bswap16] = { jit_byte_swap, 2, F0, F1 },
    [INDEX_op_bswap32] = { jit_byte_swap, 4, F0, F1 },
    [INDEX_op_bswap64] = { jit_byte_swap, 8, F0, F1 },
};
