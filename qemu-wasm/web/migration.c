/*
 * Migration transport `web`: see migration.h.
 *
 * Outgoing, QEMU's migration thread writes and sleeps while the ring is full. Incoming, a coroutine on the home thread reads and
 * yields while it is empty.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/aio.h"
#include "qemu/atomic.h"
#include "qemu/event_notifier.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "migration/channel.h"
#include "migration.h"
#include "wake.h"

#define TYPE_WEB_MIGRATION "qio-channel-web-migration"
#define RING_SIZE (1 * MiB)

typedef struct {
    QIOChannel parent;
    EventNotifier notifier; /* set by JavaScript: bytes came, or it ended */
    bool open;
    bool shut;
} WebMigration;

DECLARE_INSTANCE_CHECKER(WebMigration, WEB_MIGRATION, TYPE_WEB_MIGRATION)

/* runtime.js */
void qemuweb_migration_open(uint32_t shared, bool incoming);
void qemuweb_migration_close(void);

/* QEMU has one migration at a time. Kept for the next one. */
static WebMigrationShared shared;
static bool in_use;

static WebMigration *channel_new(bool incoming, Error **errp)
{
    WebMigration *s;

    if (in_use) {
        error_setg(errp, "a migration over the transport web is going on already");
        return NULL;
    }
    s = WEB_MIGRATION(object_new(TYPE_WEB_MIGRATION));
    if (event_notifier_init(&s->notifier, false) < 0) {
        error_setg(errp, "no event notifier is left for the migration");
        object_unref(OBJECT(s));
        return NULL;
    }
    in_use = true;
    s->open = true;
    if (shared.ring.data == 0) {
        qemuweb_ring_init(&shared.ring, RING_SIZE);
    }
    shared.ring.produced = shared.ring.consumed = 0;
    shared.ended = shared.failed = 0;
    shared.flag = (uintptr_t)qemuweb_flag(event_notifier_get_fd(&s->notifier));
    shared.sequence = (uintptr_t)&qemuweb_sequence;
    qio_channel_set_feature(QIO_CHANNEL(s), QIO_CHANNEL_FEATURE_SHUTDOWN);
    qemuweb_migration_open((uintptr_t)&shared, incoming);
    return s;
}

QIOChannel *qemuweb_migration_outgoing(Error **errp)
{
    WebMigration *s = channel_new(false, errp);

    return s ? QIO_CHANNEL(s) : NULL;
}

void qemuweb_migration_incoming(Error **errp)
{
    WebMigration *s = channel_new(true, errp);

    if (s) {
        migration_channel_process_incoming(QIO_CHANNEL(s));
        object_unref(OBJECT(s));
    }
}

static bool broken(WebMigration *s, Error **errp)
{
    if (qatomic_read(&s->shut)) {
        error_setg(errp, "the migration was cancelled");
        return true;
    }
    if (qatomic_load_acquire(&shared.failed)) {
        error_setg(errp, "the browser failed to keep or to give the VM's saved state");
        return true;
    }
    return false;
}

/* Returns when all was put into the ring. */
static ssize_t web_writev(QIOChannel *ioc, const struct iovec *iov, size_t niov, int *fds, size_t nfds, int flags, Error **errp)
{
    WebMigration *s = WEB_MIGRATION(ioc);
    ssize_t written = 0;

    for (size_t n = 0; n < niov; n++) {
        for (size_t done = 0; done < iov[n].iov_len;) {
            uint32_t consumed = qatomic_load_acquire(&shared.ring.consumed);

            if (broken(s, errp)) {
                return -1;
            }
            if (qemuweb_ring_room(&shared.ring) == 0) {
                __builtin_wasm_memory_atomic_wait32((int *)&shared.ring.consumed, consumed, -1);
                continue;
            }
            done += qemuweb_ring_put(&shared.ring, (uint8_t *)iov[n].iov_base + done, iov[n].iov_len - done);
            qemuweb_ring_wake(&shared.ring.produced);
        }
        written += iov[n].iov_len;
    }
    return written;
}

/* Returns what is there. */
static ssize_t web_readv(QIOChannel *ioc, const struct iovec *iov, size_t niov, int **fds, size_t *nfds, int flags, Error **errp)
{
    WebMigration *s = WEB_MIGRATION(ioc);
    bool ended;
    ssize_t taken = 0;

    if (broken(s, errp)) {
        return -1;
    }
    event_notifier_test_and_clear(&s->notifier);
    ended = qatomic_load_acquire(&shared.ended); /* before the ring is looked at: JavaScript sets it last */
    for (size_t n = 0; n < niov; n++) {
        taken += qemuweb_ring_take(&shared.ring, iov[n].iov_base, iov[n].iov_len);
    }
    if (taken > 0) {
        qemuweb_ring_wake(&shared.ring.consumed);
    }
    return taken > 0 || ended ? taken : QIO_CHANNEL_ERR_BLOCK;
}

/* A sleeping writer needs no wake-up of its own: JavaScript goes on taking. */
static int web_shutdown(QIOChannel *ioc, QIOChannelShutdown how, Error **errp)
{
    WebMigration *s = WEB_MIGRATION(ioc);

    qatomic_set(&s->shut, true);
    event_notifier_set(&s->notifier);
    return 0;
}

static int web_close(QIOChannel *ioc, Error **errp)
{
    WebMigration *s = WEB_MIGRATION(ioc);

    if (s->open) {
        s->open = false;
        qemuweb_migration_close();
        event_notifier_cleanup(&s->notifier);
        in_use = false;
    }
    return 0;
}

static int web_set_blocking(QIOChannel *ioc, bool enabled, Error **errp)
{
    return 0; /* a reader never blocks, a writer always does */
}

static void web_set_aio_fd_handler(QIOChannel *ioc, AioContext *read_ctx, IOHandler *io_read, AioContext *write_ctx,
                                   IOHandler *io_write, void *opaque)
{
    if (read_ctx) {
        aio_set_fd_handler(read_ctx, event_notifier_get_fd(&WEB_MIGRATION(ioc)->notifier), io_read, NULL, NULL, NULL, opaque);
    }
}

static void web_migration_finalize(Object *obj)
{
    web_close(QIO_CHANNEL(obj), NULL);
}

static void web_migration_class_init(ObjectClass *oc, const void *data)
{
    QIOChannelClass *ic = QIO_CHANNEL_CLASS(oc);

    ic->io_writev = web_writev;
    ic->io_readv = web_readv;
    ic->io_shutdown = web_shutdown;
    ic->io_close = web_close;
    ic->io_set_blocking = web_set_blocking;
    ic->io_set_aio_fd_handler = web_set_aio_fd_handler;
}

static const TypeInfo web_migration_type_info = {
    .name = TYPE_WEB_MIGRATION,
    .parent = TYPE_QIO_CHANNEL,
    .instance_size = sizeof(WebMigration),
    .instance_finalize = web_migration_finalize,
    .class_init = web_migration_class_init,
};

static void register_types(void)
{
    type_register_static(&web_migration_type_info);
}

type_init(register_types);
