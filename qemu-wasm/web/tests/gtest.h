/*
 * glib calls a test function of no arguments through a pointer to one of two, which traps in wasm: this hands it a function of
 * the right type that calls the test.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>

static inline void call_test(gpointer fixture, gconstpointer test)
{
    ((void (*)(void))test)();
}

#define g_test_add_func(path, test) g_test_add_vtable(path, 0, test, NULL, call_test, NULL)
