/*
 * Lending the big lock to the home thread: see loan.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/aio.h"
#include "qemu/main-loop.h"
#include "qemu/thread.h"
#include "loan.h"

/* One loan at a time: its fields belong to whoever holds `lender`. */
static QemuMutex lender;
static bool pending;
static AioContext *loan_ctx;
static bool loan_blocking;
static bool loan_progress;
static QemuSemaphore polled;   /* the home thread is done, and has let go of the big lock */
static QemuSemaphore returned; /* the lender holds the big lock again */

static void __attribute__((constructor)) loan_init(void)
{
    qemu_mutex_init(&lender);
    qemu_sem_init(&polled, 0);
    qemu_sem_init(&returned, 0);
}

/* Overridden where there are vCPUs; not so in unit tests. */
void __attribute__((weak)) qemuweb_wake_pauser(void)
{
}

bool qemuweb_lend_poll(AioContext *ctx, bool blocking)
{
    bool progress;

    bql_unlock();
    qemu_mutex_lock(&lender);
    bql_lock();

    loan_ctx = ctx;
    loan_blocking = blocking;
    qatomic_set(&pending, true);
    /* The home thread sleeps in its loop, or waits for the vCPUs to pause. */
    qemu_notify_event();
    qemuweb_wake_pauser();
    bql_unlock();
    qemu_sem_wait(&polled);
    bql_lock();
    progress = loan_progress;
    qemu_sem_post(&returned);

    qemu_mutex_unlock(&lender);
    return progress;
}

void qemuweb_serve_loan(void)
{
    while (qatomic_xchg(&pending, false)) {
        loan_progress = aio_poll(loan_ctx, loan_blocking);
        bql_unlock();
        qemu_sem_post(&polled);
        qemu_sem_wait(&returned);
        bql_lock();
    }
}
