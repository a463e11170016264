/*
 * The home thread: see home.h. JavaScript half: runtime.js.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "home.h"

#include <emscripten.h>

void qemuweb_start_base(void); /* runtime.js */

static __thread bool on_home_thread;
static int saved_argc;
static char **saved_argv;

bool qemuweb_on_home_thread(void)
{
    return on_home_thread;
}

/* Called by JavaScript through WebAssembly.promising. */
EMSCRIPTEN_KEEPALIVE void qemuweb_base(void)
{
    on_home_thread = true;
    exit(qemuweb_main(saved_argc, saved_argv));
}

int main(int argc, char **argv)
{
    saved_argc = argc;
    saved_argv = argv;
    qemuweb_start_base();
    emscripten_exit_with_live_runtime();
}
