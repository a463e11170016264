/*
 * EventNotifier, glib's wake-up and qemu_poll_ns on shared memory: see wake.h. JavaScript half: runtime.js.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bitmap.h"
#include "qemu/event_notifier.h"
#include "qemu/lockable.h"
#include "qemu/timer.h"
#include "home.h"
#include "statistics.h"
#include "wake.h"

/* A virtqueue takes two notifiers, a device with MSI-X one a vector: thousands at most. */
#define MAX_NOTIFIERS 16384

/* Resolves when *word is no longer `seen`, or after timeout_ms (below 0: never). Suspends: home thread only. */
void qemuweb_sleep(uint32_t word, uint32_t seen, double timeout_ms); /* runtime.js */

uint32_t qemuweb_sequence;
static uint32_t flags[MAX_NOTIFIERS];
static DECLARE_BITMAP(used, MAX_NOTIFIERS);
static pthread_mutex_t used_lock = PTHREAD_MUTEX_INITIALIZER;

uint32_t *qemuweb_flag(int fd)
{
    assert(fd >= QEMUWEB_FIRST_FD && fd < QEMUWEB_FIRST_FD + MAX_NOTIFIERS);
    return &flags[fd - QEMUWEB_FIRST_FD];
}

int event_notifier_init(EventNotifier *e, int active)
{
    unsigned long index;

    pthread_mutex_lock(&used_lock);
    index = find_first_zero_bit(used, MAX_NOTIFIERS);
    if (index < MAX_NOTIFIERS) {
        set_bit(index, used);
    }
    pthread_mutex_unlock(&used_lock);
    if (index >= MAX_NOTIFIERS) {
        return -EMFILE;
    }

    e->rfd = e->wfd = QEMUWEB_FIRST_FD + index;
    e->initialized = true;
    qatomic_set(&flags[index], 0);
    if (active) {
        event_notifier_set(e);
    }
    return 0;
}

void event_notifier_cleanup(EventNotifier *e)
{
    if (!e->initialized) {
        return;
    }
    pthread_mutex_lock(&used_lock);
    clear_bit(e->rfd - QEMUWEB_FIRST_FD, used);
    pthread_mutex_unlock(&used_lock);
    e->rfd = e->wfd = -1;
    e->initialized = false;
}

int event_notifier_get_fd(const EventNotifier *e)
{
    return e->rfd;
}

int event_notifier_get_wfd(const EventNotifier *e)
{
    return e->wfd;
}

int event_notifier_set(EventNotifier *e)
{
    if (!e->initialized) {
        return -1;
    }
    if (qatomic_xchg(qemuweb_flag(e->wfd), 1) == 0) {
        qatomic_inc(&qemuweb_sequence);
        __builtin_wasm_memory_atomic_notify((int *)&qemuweb_sequence, UINT32_MAX);
    }
    return 0;
}

int event_notifier_test_and_clear(EventNotifier *e)
{
    return e->initialized && qatomic_xchg(qemuweb_flag(e->rfd), 0);
}

static int scan(GPollFD *fds, guint count)
{
    int ready = 0;

    for (guint i = 0; i < count; i++) {
        fds[i].revents = 0;
        /* Emscripten's own descriptors are never polled: what would use them has a backend of ours. */
        if (fds[i].fd >= QEMUWEB_FIRST_FD && (fds[i].events & G_IO_IN) && qatomic_read(qemuweb_flag(fds[i].fd))) {
            fds[i].revents = G_IO_IN;
            ready++;
        }
    }
    return ready;
}

int qemu_poll_ns(GPollFD *fds, guint count, int64_t timeout)
{
    int64_t deadline = timeout < 0 ? INT64_MAX : get_clock_realtime() + timeout;

    for (;;) {
        uint32_t seen = qatomic_load_acquire(&qemuweb_sequence);
        int ready = scan(fds, count);
        int64_t left;

        if (ready || timeout == 0) {
            return ready;
        }
        left = timeout < 0 ? -1 : deadline - get_clock_realtime();
        if (timeout >= 0 && left <= 0) {
            return 0;
        }
        if (qemuweb_on_home_thread()) {
            qemuweb_statistics.main_loop_sleeps++;
            qemuweb_sleep((uintptr_t)&qemuweb_sequence, seen, left < 0 ? -1 : left / 1e6);
        } else {
            __builtin_wasm_memory_atomic_wait32((int *)&qemuweb_sequence, seen, left);
        }
    }
}

/*
 * glib's wake-up of a main context (gwakeup.c there makes a pipe). Defined here, ahead of libglib on the link line, these
 * keep its object out of the program.
 */
typedef struct _GWakeup GWakeup;
struct _GWakeup {
    EventNotifier notifier;
};

GWakeup *g_wakeup_new(void);
void g_wakeup_get_pollfd(GWakeup *wakeup, GPollFD *poll_fd);
void g_wakeup_acknowledge(GWakeup *wakeup);
void g_wakeup_signal(GWakeup *wakeup);
void g_wakeup_free(GWakeup *wakeup);

GWakeup *g_wakeup_new(void)
{
    GWakeup *wakeup = g_new0(GWakeup, 1);

    if (event_notifier_init(&wakeup->notifier, false) < 0) {
        g_error("no event notifier is left");
    }
    return wakeup;
}

void g_wakeup_get_pollfd(GWakeup *wakeup, GPollFD *poll_fd)
{
    poll_fd->fd = event_notifier_get_fd(&wakeup->notifier);
    poll_fd->events = G_IO_IN;
}

void g_wakeup_acknowledge(GWakeup *wakeup)
{
    event_notifier_test_and_clear(&wakeup->notifier);
}

void g_wakeup_signal(GWakeup *wakeup)
{
    event_notifier_set(&wakeup->notifier);
}

void g_wakeup_free(GWakeup *wakeup)
{
    event_notifier_cleanup(&wakeup->notifier);
    g_free(wakeup);
}
