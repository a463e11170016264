/*
 * `-drive file.driver=web,file.device=ID,...`, or QMP's `blockdev-add` with driver web and that device: a disk whose bytes
 * JavaScript keeps (src/qemu/block.ts, src/block). Requests lie in slots in shared memory; several are in flight, and each is a
 * coroutine that sleeps until its slot is done.
 *
 * All of it runs on the home thread: JavaScript only sets a slot's state and wakes the main loop.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/coroutine.h"
#include "qemu/event_notifier.h"
#include "qemu/module.h"
#include "qemu/option.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "qobject/qdict.h"
#include "qemu/aio.h"
#include "block/block-io.h"
#include "block/block_int.h"
#include "block.h"
#include "wake.h"

#define MAX_TRANSFER (1 * MiB)

typedef struct {
    EventNotifier notifier;   /* set by JavaScript: a slot is done */
    WebBlockShared *shared;   /* never freed: JavaScript may still write what came too late */
    Coroutine *owners[WEB_BLOCK_SLOTS];
    CoQueue waiting;          /* for a free slot */
} WebBlock;

void qemuweb_block_open(uint32_t device, uint32_t shared); /* runtime.js */

static int outcome_errno(uint32_t outcome)
{
    switch (outcome) {
    case WEB_BLOCK_OK:
        return 0;
    case WEB_BLOCK_NO_SPACE:
        return -ENOSPC;
    default:
        return -EIO;
    }
}

static int coroutine_fn request(BlockDriverState *bs, uint32_t operation, int64_t offset, int64_t length, void *buffer)
{
    WebBlock *s = bs->opaque;
    WebBlockSlot *slot;
    unsigned n;
    int status;

    for (;;) {
        for (n = 0; n < WEB_BLOCK_SLOTS && s->shared->slots[n].state != WEB_BLOCK_FREE; n++) {
        }
        if (n < WEB_BLOCK_SLOTS) {
            break;
        }
        qemu_co_queue_wait(&s->waiting, NULL);
    }
    slot = &s->shared->slots[n];
    slot->operation = operation;
    slot->buffer = (uintptr_t)buffer;
    slot->length = length;
    slot->offset_low = offset;
    slot->offset_high = offset >> 32;
    s->owners[n] = qemu_coroutine_self();
    qatomic_store_release(&slot->state, WEB_BLOCK_SUBMITTED);
    qatomic_inc(&s->shared->submitted);
    __builtin_wasm_memory_atomic_notify((int *)&s->shared->submitted, UINT32_MAX);

    while (qatomic_load_acquire(&slot->state) != WEB_BLOCK_DONE) {
        qemu_coroutine_yield();
    }
    s->owners[n] = NULL;
    status = outcome_errno(slot->outcome);
    slot->state = WEB_BLOCK_FREE;
    qemu_co_queue_next(&s->waiting);
    return status;
}

static void slots_done(void *opaque)
{
    WebBlock *s = opaque;

    event_notifier_test_and_clear(&s->notifier);
    for (unsigned n = 0; n < WEB_BLOCK_SLOTS; n++) {
        Coroutine *owner = s->owners[n];
        if (owner && qatomic_load_acquire(&s->shared->slots[n].state) == WEB_BLOCK_DONE) {
            s->owners[n] = NULL; /* woken once */
            aio_co_wake(owner);
        }
    }
}

/* A vector of one piece is moved in place, any other through a buffer. */
static int coroutine_fn web_co_preadv(BlockDriverState *bs, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
                                      BdrvRequestFlags flags)
{
    g_autofree void *bounce = qiov->niov == 1 ? NULL : g_malloc(bytes);
    int status = request(bs, WEB_BLOCK_READ, offset, bytes, bounce ?: qiov->iov[0].iov_base);

    if (status == 0 && bounce) {
        qemu_iovec_from_buf(qiov, 0, bounce, bytes);
    }
    return status;
}

static int coroutine_fn web_co_pwritev(BlockDriverState *bs, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
                                       BdrvRequestFlags flags)
{
    g_autofree void *bounce = qiov->niov == 1 ? NULL : g_malloc(bytes);

    if (bounce) {
        qemu_iovec_to_buf(qiov, 0, bounce, bytes);
    }
    return request(bs, WEB_BLOCK_WRITE, offset, bytes, bounce ?: qiov->iov[0].iov_base);
}

static int coroutine_fn web_co_flush(BlockDriverState *bs)
{
    return request(bs, WEB_BLOCK_FLUSH, 0, 0, NULL);
}

static int coroutine_fn web_co_pdiscard(BlockDriverState *bs, int64_t offset, int64_t bytes)
{
    return request(bs, WEB_BLOCK_DISCARD, offset, bytes, NULL);
}

/* What is discarded reads as zeroes. */
static int coroutine_fn web_co_pwrite_zeroes(BlockDriverState *bs, int64_t offset, int64_t bytes, BdrvRequestFlags flags)
{
    return request(bs, WEB_BLOCK_DISCARD, offset, bytes, NULL);
}

static int64_t coroutine_fn web_co_getlength(BlockDriverState *bs)
{
    WebBlock *s = bs->opaque;

    return s->shared->size_low | (int64_t)s->shared->size_high << 32;
}

static void web_refresh_limits(BlockDriverState *bs, Error **errp)
{
    bs->bl.request_alignment = 1;
    bs->bl.max_transfer = MAX_TRANSFER;
    bs->bl.max_pdiscard = 1 * GiB;
    bs->bl.max_pwrite_zeroes = 1 * GiB;
}

static int web_open(BlockDriverState *bs, QDict *options, int flags, Error **errp)
{
    WebBlock *s = bs->opaque;
    g_autofree char *device = g_strdup(qdict_get_try_str(options, "device"));

    if (!device) {
        error_setg(errp, "driver web needs a device");
        return -EINVAL;
    }
    qdict_del(options, "device");
    s->shared = g_new0(WebBlockShared, 1);
    if (event_notifier_init(&s->notifier, false) < 0) {
        error_setg(errp, "no event notifier is left for disk %s", device);
        return -EMFILE;
    }
    s->shared->flag = (uintptr_t)qemuweb_flag(event_notifier_get_fd(&s->notifier));
    s->shared->sequence = (uintptr_t)&qemuweb_sequence;
    qemuweb_block_open((uintptr_t)device, (uintptr_t)s->shared);
    if (!s->shared->found) {
        event_notifier_cleanup(&s->notifier);
        error_setg(errp, "there is no device %s", device);
        return -ENOENT;
    }
    if (s->shared->readonly && bdrv_apply_auto_read_only(bs, "the device is read-only", errp) < 0) {
        event_notifier_cleanup(&s->notifier);
        return -EROFS;
    }
    qemu_co_queue_init(&s->waiting);
    bs->supported_zero_flags = BDRV_REQ_MAY_UNMAP | BDRV_REQ_NO_FALLBACK;
    aio_set_fd_handler(bdrv_get_aio_context(bs), event_notifier_get_fd(&s->notifier), slots_done, NULL, NULL, NULL, s);
    return 0;
}

static void web_close(BlockDriverState *bs)
{
    WebBlock *s = bs->opaque;

    aio_set_fd_handler(bdrv_get_aio_context(bs), event_notifier_get_fd(&s->notifier), NULL, NULL, NULL, NULL, NULL);
    event_notifier_cleanup(&s->notifier);
}

static const char *const web_strong_options[] = { "device", NULL };

static BlockDriver bdrv_web = {
    .format_name = "web",
    .protocol_name = "web",
    .instance_size = sizeof(WebBlock),
    .bdrv_open = web_open,
    .bdrv_close = web_close,
    .bdrv_refresh_limits = web_refresh_limits,
    .bdrv_co_getlength = web_co_getlength,
    .bdrv_co_preadv = web_co_preadv,
    .bdrv_co_pwritev = web_co_pwritev,
    .bdrv_co_pwrite_zeroes = web_co_pwrite_zeroes,
    .bdrv_co_pdiscard = web_co_pdiscard,
    .bdrv_co_flush_to_disk = web_co_flush,
    .strong_runtime_opts = web_strong_options,
};

static void web_init(void)
{
    bdrv_register(&bdrv_web);
}

block_init(web_init);
