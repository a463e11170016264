/*
 * A module of compiled functions (WebAssembly Core Specification 2.0, section 5.5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "web/jit/internal.h"
#include "web/statistics.h"

static Code module;

static void put_section(uint8_t id, const Code *content)
{
    jit_put8(&module, id);
    jit_put_number(&module, content->length);
    jit_put(&module, content->bytes, content->length);
}

bool jit_load_module(Code *bodies, unsigned function_count, uint32_t first)
{
    static Code section;
    static const uint8_t start[] = { 0, 'a', 's', 'm', 1, 0, 0, 0 };
    /*
     * The engine's memory, shared, at least as large as it is (V8 then knows that constant addresses are within); its table; where
     * this thread's variables begin, which never changes.
     */
    static const uint8_t memory[] = { 1, 'e', 1, 'm', 2, 3 };
    static const uint8_t imports[] = {
        0x80, 0x80, 4, 1, 'e', 1, 't', 1, T_FUNCREF, 0, 0, 1, 'e', 1, 'v', 3, T_I32, 0,
    };

    module.length = 0;
    jit_put(&module, start, sizeof(start));

    section.length = 0;
    jit_put_number(&section, jit_type_count);
    for (unsigned n = 0; n < jit_type_count; n++) {
        jit_put(&section, jit_types[n].bytes, jit_types[n].length);
    }
    put_section(1, &section);

    section.length = 0;
    jit_put_number(&section, 3 + jit_import_count);
    jit_put(&section, memory, sizeof(memory));
    jit_put_number(&section, __builtin_wasm_memory_size(0));
    jit_put(&section, imports, sizeof(imports));
    for (unsigned n = 0; n < jit_import_count; n++) {
        char name[11];
        int length = snprintf(name, sizeof(name), "%u", jit_imports[n]);
        jit_put(&section, (const uint8_t[]) { 1, 'f', length }, 3);
        jit_put(&section, name, length);
        jit_put8(&section, 0);
        jit_put_number(&section, jit_import_types[n]);
    }
    put_section(2, &section);

    /* Thunks, then functions of the first type, a block's. */
    section.length = 0;
    jit_put_number(&section, jit_thunk_count + function_count);
    for (unsigned n = 0; n < jit_thunk_count; n++) {
        jit_put_number(&section, jit_thunks[n].type);
    }
    for (unsigned n = 0; n < function_count; n++) {
        jit_put8(&section, 0);
    }
    put_section(3, &section);

    /* The functions go into the table, in a row. */
    section.length = 0;
    jit_put8(&section, 1);
    jit_put8(&section, 0);
    jit_put8(&section, W_I32_CONST);
    {
        uint8_t leb[10];
        jit_put(&section, leb, jit_signed_leb(leb, first));
    }
    jit_put8(&section, W_END);
    jit_put_number(&section, function_count);
    for (unsigned n = 0; n < function_count; n++) {
        jit_put_number(&section, jit_import_count + jit_thunk_count + n);
    }
    put_section(9, &section);

    section.length = 0;
    jit_put_number(&section, jit_thunk_count + function_count);
    for (unsigned n = 0; n < jit_thunk_count; n++) {
        jit_put_number(&section, 1 + jit_thunks[n].length);
        jit_put8(&section, 0);
        jit_put(&section, jit_thunks[n].body, jit_thunks[n].length);
    }
    jit_resolve_cold_calls(bodies);
    jit_put(&section, bodies->bytes, bodies->length);
    put_section(10, &section);

    if (!jit_table_load(&module, function_count)) {
        return false;
    }
    qemuweb_statistics.modules++;
    qemuweb_statistics.bytes += module.length;
    return true;
}
