/*
 * Where compiled functions are found. An index of the table means the same function to every vCPU thread, but each thread has a
 * table and instances of its own: until it has instantiated the module that a function belongs to, and again once a flush has
 * ended the epoch, the index leads to adopt().
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "exec/tb-flush.h"
#include "web/jit/internal.h"

/* Functions until a flush: more than a translation buffer of 64 MiB makes. */
#define TABLE_SIZE 65536
/* Bytes of modules kept for other threads until a flush: as many as such a buffer's blocks make, mostly. */
#define MODULE_BYTES (48 << 20)

/* A module as JavaScript wants it. */
typedef struct Module {
    uint32_t first; /* index in the table */
    uint32_t length, import_count;
    const uint8_t *bytes;
    const uint32_t *imports;
} Module;

/* JavaScript (runtime.js). */

/* Appends places to this thread's table, each with the function at `filler`; gives the first's index. */
uint32_t qemuweb_jit_grow(uint32_t count, uint32_t filler);
/* Puts the function at `filler` into places again. */
void qemuweb_jit_clear(uint32_t first, uint32_t count, uint32_t filler);
/*
 * Instantiates a module that imports functions of the table, by their indices, and knows where the thread's variables begin; says
 * whether that went well.
 */
bool qemuweb_jit_instantiate(uint32_t bytes, uint32_t length, uint32_t imports, uint32_t import_count, uint32_t variables);

uint32_t qemuweb_jit_epoch = 1;
__thread uint32_t qemuweb_jit_seen_epoch;

/* Under jit_lock. Of the table: where our part begins, what comes next, where the first unused place ever is. */
static uint32_t table_first, table_next, table_high;
static GArray *modules;
static size_t module_bytes;

static bool instantiate(const Module *m)
{
    return qemuweb_jit_instantiate((uintptr_t)m->bytes, m->length, (uintptr_t)m->imports, m->import_count,
                                   (uintptr_t)__builtin_wasm_tls_base());
}

/* Entry of a compiled block whose module this thread doesn't have. */
static uint64_t adopt(uint32_t env, uint32_t at)
{
    const QemuwebBlock *block = (const QemuwebBlock *)(uintptr_t)at;
    unsigned low = 0, high;
    Module module;

    qemu_mutex_lock(&jit_lock);
    high = modules->len;
    while (high - low > 1) {
        unsigned middle = (low + high) / 2;
        if (g_array_index(modules, Module, middle).first <= block->entry) {
            low = middle;
        } else {
            high = middle;
        }
    }
    module = g_array_index(modules, Module, low);
    qemu_mutex_unlock(&jit_lock);

    /* Its memory stays until a flush, for which this thread would have to stop. */
    if (instantiate(&module)) {
        return QEMUWEB_GO_ON | at;
    }
    queue_tb_flush(current_cpu);
    return qemuweb_interpret_from((CPUArchState *)(uintptr_t)(env + QEMUWEB_ENV_BIAS), block + 1);
}

void jit_table_init(void)
{
    modules = g_array_new(false, false, sizeof(Module));
}

void qemuweb_jit_catch_up(void)
{
    qemu_mutex_lock(&jit_lock);
    if (qemuweb_jit_seen_epoch == 0) {
        uint32_t first = qemuweb_jit_grow(TABLE_SIZE, (uintptr_t)adopt);
        assert(table_first == 0 || table_first == first);
        if (table_first == 0) {
            table_first = table_next = table_high = first;
        }
    } else {
        qemuweb_jit_clear(table_first, table_high - table_first, (uintptr_t)adopt);
    }
    qemuweb_jit_seen_epoch = qemuweb_jit_epoch;
    qemu_mutex_unlock(&jit_lock);
}

uint32_t jit_table_next(unsigned count)
{
    if (table_next + count > table_first + TABLE_SIZE || module_bytes > MODULE_BYTES) {
        queue_tb_flush(current_cpu);
        return 0;
    }
    return table_next;
}

bool jit_table_load(const Code *module, unsigned function_count)
{
    Module m = {
        .first = table_next, .bytes = module->bytes, .length = module->length,
        .imports = jit_imports, .import_count = jit_import_count,
    };

    if (!instantiate(&m)) {
        return false;
    }
    table_next += function_count;
    table_high = MAX(table_high, table_next);
    if (!jit_one_thread) {
        m.bytes = g_memdup2(m.bytes, m.length);
        m.imports = g_memdup2(m.imports, m.import_count * sizeof(*m.imports));
        g_array_append_val(modules, m);
        module_bytes += m.length;
    }
    return true;
}

void jit_table_flush(void)
{
    for (unsigned n = 0; n < modules->len; n++) {
        g_free((void *)g_array_index(modules, Module, n).bytes);
        g_free((void *)g_array_index(modules, Module, n).imports);
    }
    g_array_set_size(modules, 0);
    module_bytes = 0;
    table_next = table_first;
    qatomic_inc(&qemuweb_jit_epoch);
}
