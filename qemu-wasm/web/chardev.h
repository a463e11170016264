/*
 * Layout of a `-chardev web`, shared with JavaScript (src/qemu/chardev.ts): little-endian 32-bit words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QEMUWEB_CHARDEV_H
#define QEMUWEB_CHARDEV_H

#include "ring.h"

typedef struct {
    WebRing output;    /* guest to JavaScript; JavaScript sleeps on `produced` */
    WebRing input;     /* JavaScript to guest; JavaScript sleeps on `consumed` until it is empty */
    uint32_t flag;     /* address of the flag word that wakes QEMU (wake.h) */
    uint32_t sequence; /* address of the sequence word that wakes QEMU */
    uint32_t blocked;  /* set by QEMU when output was full: JavaScript clears it and wakes QEMU once it consumed */
} WebChardevShared;

#endif
