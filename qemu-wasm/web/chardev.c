/*
 * `-chardev web,id=ID`: a character device over two byte rings in shared memory. JavaScript half:
 * src/qemu/chardev.ts; the rings' address reaches it through runtime.js.
 *
 * Nothing is dropped in either direction: when the output ring is full, QEMU's front end is told to wait (as by a full
 * socket); input stays in its ring until the front end has room.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/event_notifier.h"
#include "qemu/units.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "chardev/char.h"
#include "chardev/char-fe.h"
#include "chardev.h"
#include "wake.h"

#define TYPE_CHARDEV_WEB "chardev-web"
#define RING_SIZE (64 * KiB)

typedef struct {
    Chardev parent;
    EventNotifier notifier; /* set by JavaScript: input came, or output has room again */
    WebChardevShared *shared; /* never freed: JavaScript may read the last output after the device is gone */
} WebChardev;

DECLARE_INSTANCE_CHECKER(WebChardev, WEB_CHARDEV, TYPE_CHARDEV_WEB)

void qemuweb_chardev_open(uint32_t label, uint32_t shared); /* runtime.js */

/* May be called on any thread: chr_write_lock is held. */
static int web_chr_write(Chardev *chr, const uint8_t *buf, int len)
{
    WebChardev *s = WEB_CHARDEV(chr);
    WebRing *ring = &s->shared->output;
    uint32_t done = qemuweb_ring_put(ring, buf, len);

    if (done < len) {
        qatomic_set(&s->shared->blocked, 1);
        smp_mb();
        done += qemuweb_ring_put(ring, buf + done, len - done);
    }
    if (done == 0 && len > 0) {
        errno = EAGAIN;
        return -1;
    }
    qemuweb_ring_wake(&ring->produced);
    return done;
}

/* Hands the front end as much input as it takes. Big lock held. */
static void deliver_input(WebChardev *s)
{
    Chardev *chr = CHARDEV(s);
    WebRing *ring = &s->shared->input;
    uint8_t bytes[256];

    for (;;) {
        uint32_t available = qemuweb_ring_available(ring);
        int room = available ? qemu_chr_be_can_write(chr) : 0;
        uint32_t n;

        if (room <= 0) {
            return;
        }
        /* Taken before it is handed on: the front end may ask for more (chr_accept_input) from within. */
        n = qemuweb_ring_take(ring, bytes, MIN((uint32_t)room, sizeof(bytes)));
        if (n == available) {
            qemuweb_ring_wake(&ring->consumed); /* JavaScript sleeps until the ring is empty */
        }
        qemu_chr_be_write(chr, bytes, n);
    }
}

static void notified(void *opaque)
{
    WebChardev *s = opaque;

    event_notifier_test_and_clear(&s->notifier);
    deliver_input(s);
    /* That output has room again, its watch sees by itself in this turn of the loop or the next. */
}

/*
 * The front end has room again: a vCPU has read a byte from a serial port's FIFO, say. With the big lock held it is filled at once;
 * to wake the main loop for each byte would take longer than all the rest.
 */
static void web_chr_accept_input(Chardev *chr)
{
    WebChardev *s = WEB_CHARDEV(chr);

    if (bql_locked()) {
        deliver_input(s);
    } else {
        event_notifier_set(&s->notifier);
    }
}

/* A source that is ready while the output ring has room. */
typedef struct {
    GSource source;
    WebChardev *chardev;
} OutputWatch;

static gboolean output_watch_ready(GSource *source)
{
    OutputWatch *watch = container_of(source, OutputWatch, source);

    return qemuweb_ring_room(&watch->chardev->shared->output) > 0;
}

static gboolean output_watch_prepare(GSource *source, gint *timeout)
{
    *timeout = -1;
    return output_watch_ready(source);
}

static gboolean output_watch_dispatch(GSource *source, GSourceFunc callback, gpointer user_data)
{
    return ((FEWatchFunc)callback)(NULL, G_IO_OUT, user_data);
}

static GSourceFuncs output_watch_funcs = {
    .prepare = output_watch_prepare,
    .check = output_watch_ready,
    .dispatch = output_watch_dispatch,
};

static GSource *web_chr_add_watch(Chardev *chr, GIOCondition cond)
{
    GSource *source = g_source_new(&output_watch_funcs, sizeof(OutputWatch));

    container_of(source, OutputWatch, source)->chardev = WEB_CHARDEV(chr);
    return source;
}

static bool web_chr_open(Chardev *chr, ChardevBackend *backend, Error **errp)
{
    WebChardev *s = WEB_CHARDEV(chr);

    if (event_notifier_init(&s->notifier, false) < 0) {
        error_setg(errp, "no event notifier is left for chardev %s", chr->label);
        return false;
    }
    s->shared = g_new0(WebChardevShared, 1);
    qemuweb_ring_init(&s->shared->output, RING_SIZE);
    qemuweb_ring_init(&s->shared->input, RING_SIZE);
    s->shared->flag = (uintptr_t)qemuweb_flag(event_notifier_get_fd(&s->notifier));
    s->shared->sequence = (uintptr_t)&qemuweb_sequence;
    qemu_set_fd_handler(event_notifier_get_fd(&s->notifier), notified, NULL, s);
    qemuweb_chardev_open((uintptr_t)chr->label, (uintptr_t)s->shared);
    qemu_chr_be_event(chr, CHR_EVENT_OPENED);
    return true;
}

static void web_chr_finalize(Object *obj)
{
    WebChardev *s = WEB_CHARDEV(obj);

    if (s->notifier.initialized) {
        qemu_set_fd_handler(event_notifier_get_fd(&s->notifier), NULL, NULL, NULL);
        event_notifier_cleanup(&s->notifier);
    }
}

static void web_chr_class_init(ObjectClass *oc, const void *data)
{
    ChardevClass *cc = CHARDEV_CLASS(oc);

    cc->chr_open = web_chr_open;
    cc->chr_write = web_chr_write;
    cc->chr_add_watch = web_chr_add_watch;
    cc->chr_accept_input = web_chr_accept_input;
}

static const TypeInfo web_chr_type_info = {
    .name = TYPE_CHARDEV_WEB,
    .parent = TYPE_CHARDEV,
    .instance_size = sizeof(WebChardev),
    .instance_finalize = web_chr_finalize,
    .class_init = web_chr_class_init,
};

static void register_types(void)
{
    type_register_static(&web_chr_type_info);
}

type_init(register_types);
