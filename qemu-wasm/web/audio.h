/*
 * `-audiodev web`: what the guest plays goes through a ring in shared memory to the browser. JavaScript half: src/audio.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QEMUWEB_AUDIO_H
#define QEMUWEB_AUDIO_H

#include "ring.h"

/* Layout shared with JavaScript: little-endian 32-bit words. The ring holds frames of two signed 16-bit samples, left and right. */
typedef struct {
    WebRing ring;
    uint32_t frequency; /* frames a second */
    uint32_t listening; /* set by JavaScript; nothing is put in while it is 0 */
} WebAudioShared;

#endif
