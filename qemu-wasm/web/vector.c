/*
 * Vector instructions of TCI, interpreted: tcg/tci/tcg-target.c.inc packs them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "tcg/tcg.h"
#include "web/jit.h"

/* One expression for each size of elements, of the signed or the unsigned kind. */
#define EACH(kind, name) \
    switch (size) { \
    case MO_8: name(kind##8); break; \
    case MO_16: name(kind##16); break; \
    case MO_32: name(kind##32); break; \
    case MO_64: name(kind##64); break; \
    } \
    break

#define NEGATE(t) result.t = -x.t
#define ABSOLUTE(t) result.t = __builtin_elementwise_abs(x.t)
#define ADD(t) result.t = x.t + y.t
#define SUBTRACT(t) result.t = x.t - y.t
#define MULTIPLY(t) result.t = x.t * y.t
#define ADD_SATURATED(t) result.t = __builtin_elementwise_add_sat(x.t, y.t)
#define SUBTRACT_SATURATED(t) result.t = __builtin_elementwise_sub_sat(x.t, y.t)
#define MINIMUM(t) result.t = __builtin_elementwise_min(x.t, y.t)
#define MAXIMUM(t) result.t = __builtin_elementwise_max(x.t, y.t)
#define SHIFT_LEFT(t) result.t = x.t << count
#define SHIFT_RIGHT(t) result.t = x.t >> count
#define SPLAT(t) result.t = (__typeof__(result.t)){ 0 } + (__typeof__(result.t[0]))scalar(&integers[n1])
#define EQUAL(t) result.t = (__typeof__(result.t))(x.t == y.t)
#define UNEQUAL(t) result.t = (__typeof__(result.t))(x.t != y.t)
#define LESS(t) result.t = (__typeof__(result.t))(x.t < y.t)
#define LESS_OR_EQUAL(t) result.t = (__typeof__(result.t))(x.t <= y.t)
#define GREATER(t) result.t = (__typeof__(result.t))(x.t > y.t)
#define GREATER_OR_EQUAL(t) result.t = (__typeof__(result.t))(x.t >= y.t)

typedef QemuwebVector Vector;

/* Kept from becoming one instruction with a splat: Binaryen leaves the 64-bit address of that as it is where it lowers others. */
static uint64_t scalar(const uint64_t *at)
{
    uint64_t value = *at;

    asm("" : "+r"(value));
    return value;
}

__attribute__((target("simd128")))
static Vector compare(Vector x, Vector y, TCGCond condition, unsigned size)
{
    Vector result = { 0 };

    switch (condition) {
    case TCG_COND_EQ: EACH(u, EQUAL);
    case TCG_COND_NE: EACH(u, UNEQUAL);
    case TCG_COND_LT: EACH(s, LESS);
    case TCG_COND_LE: EACH(s, LESS_OR_EQUAL);
    case TCG_COND_GT: EACH(s, GREATER);
    case TCG_COND_GE: EACH(s, GREATER_OR_EQUAL);
    case TCG_COND_LTU: EACH(u, LESS);
    case TCG_COND_LEU: EACH(u, LESS_OR_EQUAL);
    case TCG_COND_GTU: EACH(u, GREATER);
    case TCG_COND_GEU: EACH(u, GREATER_OR_EQUAL);
    default: g_assert_not_reached();
    }
    return result;
}

__attribute__((target("simd128")))
void qemuweb_interpret_vector(uint32_t insn, const void *next, uint64_t *integers, Vector *vectors)
{
    unsigned n0 = extract32(insn, 8, 4), n1 = extract32(insn, 12, 4), n2 = extract32(insn, 16, 4), n3 = extract32(insn, 20, 4);
    unsigned size = extract32(insn, 30, 2), count = extract32(insn, 16, 6);
    Vector x = vectors[n1], y = vectors[n2], result = { 0 };
    /* Of loads and stores, and where a constant lies. */
    void *memory = (void *)(uintptr_t)(integers[n1] + sextract32(insn, 16, 16));
    const void *pooled = next + sextract32(insn, 12, 20);

    switch (extract32(insn, 0, 8)) {
    case INDEX_op_ld_vec: memcpy(&result, memory, sizeof(result)); break;
    case INDEX_op_st_vec: memcpy(memory, &vectors[n0], sizeof(result)); return;
    case INDEX_op_mov_vec: result = x; break;
    case INDEX_op_tci_dupi_vec: result.u64 = (__typeof__(result.u64)){ 0 } + scalar(pooled); break;
    case INDEX_op_dup_vec: EACH(u, SPLAT);
    case INDEX_op_not_vec: result.u64 = ~x.u64; break;
    case INDEX_op_neg_vec: EACH(u, NEGATE);
    case INDEX_op_abs_vec: EACH(s, ABSOLUTE);
    case INDEX_op_and_vec: result.u64 = x.u64 & y.u64; break;
    case INDEX_op_or_vec: result.u64 = x.u64 | y.u64; break;
    case INDEX_op_xor_vec: result.u64 = x.u64 ^ y.u64; break;
    case INDEX_op_andc_vec: result.u64 = x.u64 & ~y.u64; break;
    case INDEX_op_add_vec: EACH(u, ADD);
    case INDEX_op_sub_vec: EACH(u, SUBTRACT);
    case INDEX_op_mul_vec: EACH(u, MULTIPLY);
    case INDEX_op_ssadd_vec: EACH(s, ADD_SATURATED);
    case INDEX_op_usadd_vec: EACH(u, ADD_SATURATED);
    case INDEX_op_sssub_vec: EACH(s, SUBTRACT_SATURATED);
    case INDEX_op_ussub_vec: EACH(u, SUBTRACT_SATURATED);
    case INDEX_op_smin_vec: EACH(s, MINIMUM);
    case INDEX_op_umin_vec: EACH(u, MINIMUM);
    case INDEX_op_smax_vec: EACH(s, MAXIMUM);
    case INDEX_op_umax_vec: EACH(u, MAXIMUM);
    case INDEX_op_shls_vec: count = integers[n2]; /* fall through */
    case INDEX_op_shli_vec: EACH(u, SHIFT_LEFT);
    case INDEX_op_shrs_vec: count = integers[n2]; /* fall through */
    case INDEX_op_shri_vec: EACH(u, SHIFT_RIGHT);
    case INDEX_op_sars_vec: count = integers[n2]; /* fall through */
    case INDEX_op_sari_vec: EACH(s, SHIFT_RIGHT);
    case INDEX_op_cmp_vec: result = compare(x, y, n3, size); break;
    case INDEX_op_bitsel_vec: result.u64 = (x.u64 & y.u64) | (vectors[n3].u64 & ~x.u64); break;
    default: g_assert_not_reached();
    }
    vectors[n0] = result;
}
