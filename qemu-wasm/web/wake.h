/*
 * Sleeping and waking without descriptors.
 *
 * An EventNotifier is a flag word in shared memory with a made-up descriptor number. Setting one adds to a sequence word and
 * wakes whoever sleeps on it; a sleeper reads the sequence first and the flags after, so that no wake-up can be lost.
 * JavaScript sets a flag in the same way (src/qemu/wake.ts).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QEMUWEB_WAKE_H
#define QEMUWEB_WAKE_H

#include <stdint.h>

/* Made-up descriptors begin here: above any that emscripten hands out. */
#define QEMUWEB_FIRST_FD (1 << 20)

/* The flag word of a made-up descriptor. */
uint32_t *qemuweb_flag(int fd);

/* Counts wake-ups; waited on by every sleeper. */
extern uint32_t qemuweb_sequence;

#endif
