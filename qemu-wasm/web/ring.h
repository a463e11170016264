/*
 * A byte ring shared with JavaScript (src/core/ring.ts): little-endian 32-bit words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QEMUWEB_RING_H
#define QEMUWEB_RING_H

#include <stdint.h>

/* One producer, one consumer. Both counters only grow (modulo 2^32); a byte's place is its number modulo the size. */
typedef struct {
    uint32_t produced;
    uint32_t consumed;
    uint32_t size; /* bytes, a power of two */
    uint32_t data; /* address */
} WebRing;

/* The producer's: bytes that have room. */
uint32_t qemuweb_ring_room(const WebRing *ring);

/* The consumer's: bytes that are there. */
uint32_t qemuweb_ring_available(const WebRing *ring);

/* Moves up to `size` bytes; the number that were moved. */
uint32_t qemuweb_ring_put(WebRing *ring, const uint8_t *bytes, uint32_t size);
uint32_t qemuweb_ring_take(WebRing *ring, uint8_t *bytes, uint32_t size);

/* Wakes whoever sleeps on one of a ring's counters. */
void qemuweb_ring_wake(uint32_t *counter);

void qemuweb_ring_init(WebRing *ring, uint32_t size);

#endif
