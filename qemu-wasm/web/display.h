/*
 * Layout of `-display web`, shared with JavaScript (src/display/display.ts, src/display/input.ts): little-endian 32-bit words.
 *
 * All from `absolute` on belongs to QEMU while `taken` equals `published`, and to JavaScript while it doesn't: nothing is torn,
 * and QEMU looks at no screen that nobody is ready to draw.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QEMUWEB_DISPLAY_H
#define QEMUWEB_DISPLAY_H

#include "ring.h"

#define WEB_DISPLAY_RECTS 16

typedef struct {
    uint32_t x;
    uint32_t y;
    uint32_t width;
    uint32_t height;
} WebRect;

typedef struct {
    uint32_t generation; /* moves with each new surface */
    uint32_t data;       /* address; it lies in memory that may be given back once a newer one was published */
    uint32_t width;
    uint32_t height;
    uint32_t stride;     /* bytes */
    uint32_t format;     /* pixman's code */
} WebSurface;

typedef struct {
    uint32_t generation; /* moves with each new shape; 0: the guest has set none */
    uint32_t data;       /* address of width * height pixels, a8r8g8b8 */
    uint32_t width;
    uint32_t height;
    uint32_t hot_x;
    uint32_t hot_y;
    uint32_t visible;
    int32_t x;           /* where the guest has it */
    int32_t y;
} WebCursor;

typedef struct {
    uint32_t flag;      /* address of the flag word that wakes QEMU (wake.h) */
    uint32_t sequence;  /* address of the sequence word that wakes QEMU */
    uint32_t viewers;   /* set by JavaScript: with none, nothing is looked at */
    uint32_t waiting;   /* set by QEMU when it wanted to publish too early: JavaScript clears it and wakes QEMU once it took */
    uint32_t published; /* JavaScript sleeps on it */
    uint32_t taken;
    WebRing input;      /* of WebInput; JavaScript to guest */
    uint32_t absolute;  /* the guest's pointer wants absolute positions */
    WebSurface surface;
    WebCursor cursor;
    uint32_t dirty;     /* how many of `rects` hold */
    WebRect rects[WEB_DISPLAY_RECTS];
} WebDisplayShared;

enum { WEB_INPUT_KEY, WEB_INPUT_BUTTON, WEB_INPUT_ABSOLUTE, WEB_INPUT_RELATIVE };

typedef struct {
    uint32_t kind;
    int32_t a; /* key, button: 1 when it goes down; positions: x, of 0x7fff when absolute */
    int32_t b; /* positions: y */
    char name[20]; /* key, button: QEMU's name of it (QKeyCode, InputButton), ended by a NUL */
} WebInput;

typedef struct QemuConsole QemuConsole;

/* Hands QEMU what is in the ring (input.c). */
void qemuweb_deliver_input(QemuConsole *console, WebRing *ring);

#endif
