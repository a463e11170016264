/*
 * Which helpers of an x86 guest compute by SSE what WebAssembly has an instruction for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "cpu.h"
#include "exec/helper-proto.h"
#include "fpu/softfloat-helpers.h"
#include "web/jit.h"

#define ALL(name, operation)                                        \
    { helper_##name##ss, operation, 4 },                            \
    { helper_##name##sd, operation, 8 },                            \
    { helper_##name##ps_xmm, operation, 4, .packed = true },        \
    { helper_##name##pd_xmm, operation, 8, .packed = true }

static const QemuwebFloat helpers[] = {
    ALL(add, FLOAT_ADD), ALL(sub, FLOAT_SUBTRACT), ALL(mul, FLOAT_MULTIPLY), ALL(div, FLOAT_DIVIDE), ALL(sqrt, FLOAT_SQUARE_ROOT),
    { helper_comiss, FLOAT_COMPARE, 4 }, { helper_comisd, FLOAT_COMPARE, 8 },
    { helper_ucomiss, FLOAT_COMPARE, 4 }, { helper_ucomisd, FLOAT_COMPARE, 8 },
    { helper_cvtss2sd, FLOAT_WIDEN, 4 }, { helper_cvtsd2ss, FLOAT_NARROW, 8 },
    { helper_cvtsi2sd, FLOAT_FROM_INTEGER, 8, 4 }, { helper_cvtsq2sd, FLOAT_FROM_INTEGER, 8, 8 },
    { helper_cvttss2si, FLOAT_TO_INTEGER, 4, 4 }, { helper_cvttsd2si, FLOAT_TO_INTEGER, 8, 4 },
    { helper_cvttss2sq, FLOAT_TO_INTEGER, 4, 8 }, { helper_cvttsd2sq, FLOAT_TO_INTEGER, 8, 8 },
};

static void __attribute__((constructor)) set_floats(void)
{
    union { float_status status; uint32_t word; } mask = { .word = 0 }, usual = { .word = 0 };

    set_float_rounding_mode(-1, &mask.status);
    set_float_exception_flags(float_flag_inexact, &mask.status);
    set_float_rounding_mode(float_round_nearest_even, &usual.status);
    set_float_exception_flags(float_flag_inexact, &usual.status);
    qemuweb_floats = (QemuwebFloats) {
        .helpers = helpers, .count = ARRAY_SIZE(helpers),
        .status = offsetof(CPUX86State, sse_status), .mask = mask.word, .usual = usual.word,
        .less = CC_C, .equal = CC_Z,
    };
}
