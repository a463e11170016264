/*
 * Layout of a `file.driver=web` disk, shared with JavaScript (src/qemu/block.ts): little-endian 32-bit words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QEMUWEB_BLOCK_H
#define QEMUWEB_BLOCK_H

#include <stdint.h>

#define WEB_BLOCK_SLOTS 32

enum { WEB_BLOCK_READ, WEB_BLOCK_WRITE, WEB_BLOCK_FLUSH, WEB_BLOCK_DISCARD };

/* Who owns a slot: nobody, JavaScript from SUBMITTED to DONE, QEMU otherwise. */
enum { WEB_BLOCK_FREE, WEB_BLOCK_SUBMITTED, WEB_BLOCK_RUNNING, WEB_BLOCK_DONE };

/* How a request ended; errno's numbers are not JavaScript's business. */
enum { WEB_BLOCK_OK, WEB_BLOCK_FAILED, WEB_BLOCK_NO_SPACE };

typedef struct {
    uint32_t state;
    uint32_t operation;
    uint32_t outcome;
    uint32_t buffer; /* address */
    uint32_t length; /* bytes; of a discard up to 2^32 - 1, too */
    uint32_t offset_low, offset_high; /* bytes */
    uint32_t unused;
} WebBlockSlot;

typedef struct {
    uint32_t flag;      /* address of the flag word that wakes QEMU (wake.h) */
    uint32_t sequence;  /* address of the sequence word that wakes QEMU */
    uint32_t submitted; /* counts requests; JavaScript sleeps on it */
    uint32_t readonly;  /* set by JavaScript before qemuweb_block_open returns, with the next two */
    uint32_t size_low, size_high; /* bytes */
    uint32_t found;     /* whether there is such a device at all */
    uint32_t unused;
    WebBlockSlot slots[WEB_BLOCK_SLOTS];
} WebBlockShared;

#endif
