/*
 * The home thread: the one that runs QEMU's main loop and every coroutine.
 *
 * JavaScript Promise Integration can suspend a call chain only if it began at a promising export. main() therefore
 * only has JavaScript start such a base on its own thread, and the program's real main runs on it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QEMUWEB_HOME_H
#define QEMUWEB_HOME_H

#include <stdbool.h>

/* The program's own main (compiled with main renamed): runs on the promising base. */
int qemuweb_main(int argc, char **argv);

/* Whether the calling thread may enter coroutines. */
bool qemuweb_on_home_thread(void);

#endif
