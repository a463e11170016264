/*
 * Calls of TCG helpers by signature, for the interpreter. A wasm call must name the callee's exact type, so there is one call
 * here for each combination of 32-bit and 64-bit parameters that a helper may have.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "tcg/tcg.h"
#include "tcg/helper-info.h"
#include "exec/helper-head.h.inc"
#include "exec/helper-proto-common.h"
#include "web/jit.h"

/* Types by digit: what a parameter is lowered to. */
#define TYPE0 uint32_t
#define TYPE1 uint64_t

enum { RETURN_VOID, RETURN_32, RETURN_64 };
#define KEY(returned, count, wide) ((wide) << 5 | (count) << 2 | (returned))

#define CALLS(count, wide, types, values) \
    case KEY(RETURN_VOID, count, wide): ((void (*) types)function) values; break; \
    case KEY(RETURN_32, count, wide): *result = ((uint32_t (*) types)function) values; break; \
    case KEY(RETURN_64, count, wide): *result = ((uint64_t (*) types)function) values; break;

#define CALLS1(a) CALLS(1, a, (TYPE##a), (v[0]))
#define CALLS2(a, b) CALLS(2, a | b << 1, (TYPE##a, TYPE##b), (v[0], v[1]))
#define CALLS3(a, b, c) CALLS(3, a | b << 1 | c << 2, (TYPE##a, TYPE##b, TYPE##c), (v[0], v[1], v[2]))
#define CALLS4(a, b, c, d) \
    CALLS(4, a | b << 1 | c << 2 | d << 3, (TYPE##a, TYPE##b, TYPE##c, TYPE##d), (v[0], v[1], v[2], v[3]))
#define CALLS5(a, b, c, d, e) \
    CALLS(5, a | b << 1 | c << 2 | d << 3 | e << 4, (TYPE##a, TYPE##b, TYPE##c, TYPE##d, TYPE##e), \
          (v[0], v[1], v[2], v[3], v[4]))
#define CALLS6(a, b, c, d, e, f) \
    CALLS(6, a | b << 1 | c << 2 | d << 3 | e << 4 | f << 5, (TYPE##a, TYPE##b, TYPE##c, TYPE##d, TYPE##e, TYPE##f), \
          (v[0], v[1], v[2], v[3], v[4], v[5]))
#define CALLS7(a, b, c, d, e, f, g) \
    CALLS(7, a | b << 1 | c << 2 | d << 3 | e << 4 | f << 5 | g << 6, \
          (TYPE##a, TYPE##b, TYPE##c, TYPE##d, TYPE##e, TYPE##f, TYPE##g), (v[0], v[1], v[2], v[3], v[4], v[5], v[6]))

#define EACH2(M, ...) M(__VA_ARGS__, 0) M(__VA_ARGS__, 1)
#define EACH2_2(M, ...) EACH2(M, __VA_ARGS__, 0) EACH2(M, __VA_ARGS__, 1)
#define EACH2_3(M, ...) EACH2_2(M, __VA_ARGS__, 0) EACH2_2(M, __VA_ARGS__, 1)
#define EACH2_4(M, ...) EACH2_3(M, __VA_ARGS__, 0) EACH2_3(M, __VA_ARGS__, 1)
#define EACH2_5(M, ...) EACH2_4(M, __VA_ARGS__, 0) EACH2_4(M, __VA_ARGS__, 1)
#define EACH2_6(M, ...) EACH2_5(M, __VA_ARGS__, 0) EACH2_5(M, __VA_ARGS__, 1)

void qemuweb_call(const void *function, uint32_t typemask, uint64_t *slots)
{
    uint64_t *result = slots;
    uint64_t large[2], v[MAX_CALL_IARGS + 1];
    unsigned count = 0, slot = 0, wide = 0, returned;

    if (function == helper_lookup_tb_ptr && qemuweb_lookup.function) {
        const void *(*lookup)(uintptr_t env, QemuwebJump *jump) = qemuweb_lookup.function;
        *result = (uintptr_t)lookup(slots[0], NULL);
        return;
    }
    switch (typemask & 7) {
    case dh_typecode_void:
        returned = RETURN_VOID;
        break;
    case dh_typecode_i32:
    case dh_typecode_s32:
        returned = RETURN_32;
        break;
    case dh_typecode_i128:
        /* A structure: the first parameter says where to put it. */
        returned = RETURN_VOID;
        v[count++] = (uintptr_t)large;
        wide = 1;
        break;
    default:
        returned = RETURN_64;
        break;
    }
    for (uint32_t types = typemask >> 3; types; types >>= 3) {
        switch (types & 7) {
        case dh_typecode_i32:
        case dh_typecode_s32:
            v[count++] = slots[slot++];
            break;
        case dh_typecode_i128:
            wide |= 1 << count;
            v[count++] = (uintptr_t)&slots[slot];
            slot += 2;
            break;
        default:
            wide |= 1 << count;
            v[count++] = slots[slot++];
            break;
        }
    }
    switch (KEY(returned, count, wide)) {
    CALLS(0, 0, (void), ())
    CALLS1(0) CALLS1(1)
    EACH2(CALLS2, 0) EACH2(CALLS2, 1)
    EACH2_2(CALLS3, 0) EACH2_2(CALLS3, 1)
    EACH2_3(CALLS4, 0) EACH2_3(CALLS4, 1)
    EACH2_4(CALLS5, 0) EACH2_4(CALLS5, 1)
    EACH2_5(CALLS6, 0) EACH2_5(CALLS6, 1)
    EACH2_6(CALLS7, 0) EACH2_6(CALLS7, 1)
    default:
        g_assert_not_reached();
    }
    if ((typemask & 7) == dh_typecode_i128) {
        memcpy(slots, large, sizeof(large));
    }
}
