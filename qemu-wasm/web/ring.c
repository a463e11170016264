/*
 * A byte ring shared with JavaScript: see ring.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "ring.h"

static uint8_t *data(const WebRing *ring)
{
    return (uint8_t *)(uintptr_t)ring->data;
}

uint32_t qemuweb_ring_room(const WebRing *ring)
{
    return ring->size - (ring->produced - qatomic_load_acquire(&ring->consumed));
}

uint32_t qemuweb_ring_available(const WebRing *ring)
{
    return qatomic_load_acquire(&ring->produced) - ring->consumed;
}

uint32_t qemuweb_ring_put(WebRing *ring, const uint8_t *bytes, uint32_t size)
{
    uint32_t count = MIN(size, qemuweb_ring_room(ring));
    uint32_t start = ring->produced & (ring->size - 1);
    uint32_t first = MIN(count, ring->size - start);

    memcpy(data(ring) + start, bytes, first);
    memcpy(data(ring), bytes + first, count - first);
    qatomic_store_release(&ring->produced, ring->produced + count);
    return count;
}

uint32_t qemuweb_ring_take(WebRing *ring, uint8_t *bytes, uint32_t size)
{
    uint32_t count = MIN(size, qemuweb_ring_available(ring));
    uint32_t start = ring->consumed & (ring->size - 1);
    uint32_t first = MIN(count, ring->size - start);

    memcpy(bytes, data(ring) + start, first);
    memcpy(bytes + first, data(ring), count - first);
    qatomic_store_release(&ring->consumed, ring->consumed + count);
    return count;
}

void qemuweb_ring_wake(uint32_t *counter)
{
    __builtin_wasm_memory_atomic_notify((int *)counter, UINT32_MAX);
}

void qemuweb_ring_init(WebRing *ring, uint32_t size)
{
    ring->size = size;
    ring->data = (uintptr_t)g_malloc0(size);
}
