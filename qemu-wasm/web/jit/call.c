/*
 * Calls of C functions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"

__thread uint64_t jit_large[8];
FunctionType jit_types[MAX_TYPES];
unsigned jit_type_count;
uint32_t jit_imports[MAX_IMPORTS];
unsigned jit_import_types[MAX_IMPORTS], jit_import_count;

unsigned jit_type_of(const uint8_t *bytes, unsigned length)
{
    unsigned n = 0;

    while (n < jit_type_count && (jit_types[n].length != length || memcmp(jit_types[n].bytes, bytes, length))) {
        n++;
    }
    if (n == jit_type_count) {
        assert(n < MAX_TYPES);
        memcpy(jit_types[n].bytes, bytes, length);
        jit_types[n].length = length;
        jit_type_count++;
    }
    return n;
}

unsigned jit_function_type(uint8_t result, const uint8_t *parameters, unsigned count)
{
    uint8_t bytes[sizeof(jit_types[0].bytes)];
    unsigned length = 0;

    bytes[length++] = 0x60;
    bytes[length++] = count;
    memcpy(bytes + length, parameters, count);
    length += count;
    bytes[length++] = result != T_VOID;
    if (result != T_VOID) {
        bytes[length++] = result;
    }
    return jit_type_of(bytes, length);
}

unsigned jit_import(const void *function, uint8_t result, const uint8_t *parameters, unsigned count)
{
    unsigned n = 0;

    while (n < jit_import_count && jit_imports[n] != (uintptr_t)function) {
        n++;
    }
    if (n == jit_import_count) {
        assert(n < MAX_IMPORTS);
        jit_imports[n] = (uintptr_t)function;
        jit_import_types[n] = jit_function_type(result, parameters, count);
        jit_import_count++;
    }
    return n;
}

/* A call of a C function, by its type: result (T_VOID for none), then parameters. */
void jit_call(Expression *e, const void *function, uint8_t result, const uint8_t *parameters, unsigned count)
{
    jit_op_u(e, W_CALL, jit_import(function, result, parameters, count));
}

uint32_t jit_own_offset(const void *variable)
{
    return (uintptr_t)variable - (uintptr_t)__builtin_wasm_tls_base();
}

void jit_own_base(Expression *e)
{
    if (jit.own) {
        jit_const32(e, jit.own);
    } else {
        jit_op_u(e, W_GET_GLOBAL, 0);
    }
}

void jit_own_address(Expression *e, const void *variable)
{
    jit_own_base(e);
    jit_const32(e, jit_own_offset(variable));
    jit_op(e, W_I32_ADD);
    jit_op(e, W_I64_EXTEND_I32_U);
}

void jit_return_address(Expression *e, const Insn *i)
{
    jit_own_base(e);
    jit_const32(e, (uintptr_t)(i->at + 1));
    jit_op_memory(e, W_I32_STORE, jit_own_offset(&tci_tb_ptr));
}

void jit_env64(Expression *e)
{
    if (jit.env) {
        jit_const64(e, jit.env + QEMUWEB_ENV_BIAS);
    } else {
        jit_use64(e, TCG_AREG0);
    }
}

void jit_helper_call(const Insn *i, unsigned how)
{
    const TCGHelperInfo *info = jit_helper(i);
    const void *function = ((const void *const *)jit_pointer(i))[0];
    EXPRESSION(e);
    uint8_t parameters[MAX_CALL_IARGS + 1], result = T_I64;
    unsigned count = 0, v = REGISTERS, large_slot = 2;

    if (function == helper_lookup_tb_ptr && qemuweb_lookup.function) {
        jit_forget(&jit.values[REGISTERS]);
        jit_look_up(i);
        return;
    }
    if (jit_float(i, function)) {
        return;
    }
    if (!(info->flags & TCG_CALL_NO_SIDE_EFFECTS)) {
        jit_settle_io();
        jit_may_do_io();
    }
    if ((function == helper_ld_i128 && jit_guest_load16(i)) || (function == helper_st_i128 && jit_guest_store16(i))) {
        return;
    }
    /* A helper that doesn't read the state doesn't raise exceptions, so it asks for no return address. */
    if (!(info->flags & TCG_CALL_NO_READ_GLOBALS)) {
        jit_return_address(&e, i);
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
        jit_own_address(&e, jit_large);
        parameters[count++] = T_I64;
        break;
    }
    for (uint32_t mask = info->typemask >> 3; mask; mask >>= 3) {
        switch (mask & 7) {
        case dh_typecode_i32:
        case dh_typecode_s32:
            jit_use32(&e, v++);
            parameters[count++] = T_I32;
            break;
        case dh_typecode_i128:
            for (unsigned half = 0; half < 2; half++) {
                jit_own_base(&e);
                jit_use64(&e, v++);
                jit_op_memory(&e, W_I64_STORE, jit_own_offset(&jit_large[large_slot + half]));
            }
            jit_own_address(&e, &jit_large[large_slot]);
            large_slot += 2;
            parameters[count++] = T_I64;
            break;
        default:
            jit_use64(&e, v++);
            parameters[count++] = T_I64;
            break;
        }
    }
    assert(large_slot <= ARRAY_SIZE(jit_large));
    jit_call(&e, function, result, parameters, count);
    jit_settle_all();
    if (info->flags & TCG_CALL_NO_RETURN) {
        if (result != T_VOID) {
            jit_op(&e, W_DROP);
        }
        jit_op(&e, W_UNREACHABLE);
        jit_emit(&e);
    } else if ((info->typemask & 7) == dh_typecode_i128) {
        jit_emit(&e);
        for (unsigned half = 0; half < 2; half++) {
            jit_own_base(&e);
            jit_op_memory(&e, W_I64_LOAD, jit_own_offset(&jit_large[half]));
            jit_emit_set(&e, TCG_REG_R0 + half, i->uses[half]);
        }
    } else if (result != T_VOID) {
        e.narrow = result == T_I32;
        jit_emit_set(&e, TCG_REG_R0, i->uses[0]);
    } else {
        jit_emit(&e);
    }
}
