/*
 * aio_poll on the main context by a thread that cannot enter coroutines (a vCPU that resets a device, say): it lends the big
 * lock to the home thread, which polls in its stead and gives the lock back before it does anything else.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QEMUWEB_LOAN_H
#define QEMUWEB_LOAN_H

#include <stdbool.h>

struct AioContext;

/* On a vCPU thread, big lock held: as aio_poll. */
bool qemuweb_lend_poll(struct AioContext *ctx, bool blocking);

/* On the home thread, whenever it has just taken the big lock: serves a loan that waits. */
void qemuweb_serve_loan(void);

/* In system/cpus.c: makes a home thread that waits for paused vCPUs look for a loan. Big lock held. */
void qemuweb_wake_pauser(void);

#endif
