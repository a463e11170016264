/*
 * `-display web`: the first graphic console, looked at by JavaScript in shared memory (src/display/display.ts; layout: display.h).
 *
 * QEMU says what changed since JavaScript took the last, and JavaScript reads the pixels where they are: for most modes that is
 * the guest's own video memory. While nobody watches there is no listener, so that QEMU's refresh timer doesn't even run.
 *
 * All of it runs with the big lock held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/error-report.h"
#include "qemu/event_notifier.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "ui/console.h"
#include "ui/input.h"
#include "display.h"
#include "wake.h"

#define FRAME_NS (NANOSECONDS_PER_SECOND / 60)
#define FRAME_MS 16
/* A screen on which nothing changes is looked at less and less often, but input has it looked at again at once. */
#define QUIET_MS 128
#define INPUT_SIZE (256 * sizeof(WebInput))

QEMU_BUILD_BUG_ON(INPUT_SIZE & (INPUT_SIZE - 1));

typedef struct {
    DisplayChangeListener listener;
    QemuConsole *console;
    EventNotifier notifier; /* set by JavaScript */
    Notifier mouse_mode;
    WebDisplayShared *shared;
    /* What is to be published next. */
    bool changed;
    WebSurface surface;
    WebCursor cursor;
    uint32_t dirty;
    WebRect rects[WEB_DISPLAY_RECTS];
    QEMUCursor *shape;     /* keeps the data of the cursor that is published next */
    QEMUCursor *published; /* and of the one that was */
    bool refused;          /* the last refresh came before JavaScript had taken the one before */
    int64_t due;           /* when the next frame is, by get_clock() */
} WebDisplay;

void qemuweb_display_open(uint32_t shared); /* runtime.js */

static int64_t area(const WebRect *rect)
{
    return (int64_t)rect->width * rect->height;
}

static WebRect unite(const WebRect *a, const WebRect *b)
{
    uint32_t x = MIN(a->x, b->x);
    uint32_t y = MIN(a->y, b->y);

    return (WebRect) {
        x, y, MAX(a->x + a->width, b->x + b->width) - x, MAX(a->y + a->height, b->y + b->height) - y,
    };
}

/* Rectangles that together cover no more than they have to are united; when the list is full, those that waste least. */
static void add_dirty(WebDisplay *d, WebRect added)
{
    for (;;) {
        int64_t least = INT64_MAX;
        int best = -1;

        for (int i = 0; i < d->dirty; i++) {
            WebRect both = unite(&d->rects[i], &added);
            int64_t waste = area(&both) - area(&d->rects[i]) - area(&added);

            if (waste < least) {
                least = waste;
                best = i;
            }
        }
        if (best < 0 || (least > 0 && d->dirty < WEB_DISPLAY_RECTS)) {
            break;
        }
        added = unite(&d->rects[best], &added);
        d->rects[best] = d->rects[--d->dirty];
    }
    d->rects[d->dirty++] = added;
}

static void publish(WebDisplay *d)
{
    WebDisplayShared *shared = d->shared;

    shared->absolute = qemu_input_is_absolute(d->console);
    shared->surface = d->surface;
    shared->cursor = d->cursor;
    shared->dirty = d->dirty;
    memcpy(shared->rects, d->rects, d->dirty * sizeof(WebRect));
    if (d->published != d->shape) {
        cursor_unref(d->published);
        d->published = cursor_ref(d->shape);
    }
    d->dirty = 0;
    d->changed = false;
    qatomic_store_release(&shared->published, shared->published + 1);
    __builtin_wasm_memory_atomic_notify((int *)&shared->published, UINT32_MAX);
}

static bool may_publish(WebDisplay *d)
{
    if (qatomic_load_acquire(&d->shared->taken) == d->shared->published) {
        return true;
    }
    qatomic_set(&d->shared->waiting, 1);
    smp_mb();
    return qatomic_load_acquire(&d->shared->taken) == d->shared->published;
}

/* Has the console refreshed as soon as this many milliseconds after the last time. */
static void hasten(WebDisplay *d, unsigned ms)
{
    if (d->listener.ds) {
        qemu_console_listener_set_refresh(&d->listener, ms);
    }
}

static void web_refresh(DisplayChangeListener *listener)
{
    WebDisplay *d = container_of(listener, WebDisplay, listener);
    int64_t now;

    d->refused = !may_publish(d);
    if (d->refused) {
        listener->update_interval = GUI_REFRESH_INTERVAL_IDLE; /* until JavaScript took it */
        return;
    }
    qemu_console_hw_update(d->console);
    if (!d->changed) {
        listener->update_interval = MIN(MAX(2 * listener->update_interval, FRAME_MS), QUIET_MS);
        return;
    }
    publish(d);
    now = get_clock();
    d->due = MAX(d->due + FRAME_NS, now + FRAME_NS / 4);
    listener->update_interval = MAX((MIN(d->due, now + FRAME_NS) - now) / SCALE_MS, 1);
}

static void changed(WebDisplay *d)
{
    d->changed = true;
    hasten(d, FRAME_MS);
}

static void web_gfx_update(DisplayChangeListener *listener, int x, int y, int w, int h)
{
    WebDisplay *d = container_of(listener, WebDisplay, listener);

    if (w > 0 && h > 0) {
        add_dirty(d, (WebRect) { x, y, w, h });
        changed(d);
    }
}

static void web_gfx_switch(DisplayChangeListener *listener, DisplaySurface *surface)
{
    WebDisplay *d = container_of(listener, WebDisplay, listener);

    d->surface = (WebSurface) {
        .generation = d->surface.generation + 1,
        .data = (uintptr_t)surface_data(surface),
        .width = surface_width(surface),
        .height = surface_height(surface),
        .stride = surface_stride(surface),
        .format = surface_format(surface),
    };
    d->dirty = 0;
    changed(d);
}

/* JavaScript converts what pixman calls a packed true-colour format. */
static bool web_gfx_check_format(DisplayChangeListener *listener, pixman_format_code_t format)
{
    unsigned bits = PIXMAN_FORMAT_BPP(format);

    return PIXMAN_FORMAT_COLOR(format) && (bits == 16 || bits == 24 || bits == 32);
}

static void web_mouse_set(DisplayChangeListener *listener, int x, int y, bool on)
{
    WebDisplay *d = container_of(listener, WebDisplay, listener);

    d->cursor.x = x;
    d->cursor.y = y;
    d->cursor.visible = on;
    changed(d);
}

static void web_cursor_define(DisplayChangeListener *listener, QEMUCursor *cursor)
{
    WebDisplay *d = container_of(listener, WebDisplay, listener);

    cursor_unref(d->shape);
    d->shape = cursor_ref(cursor);
    d->cursor.generation++;
    d->cursor.data = (uintptr_t)cursor->data;
    d->cursor.width = cursor->width;
    d->cursor.height = cursor->height;
    d->cursor.hot_x = cursor->hot_x;
    d->cursor.hot_y = cursor->hot_y;
    changed(d);
}

static const DisplayChangeListenerOps listener_ops = {
    .dpy_name = "web",
    .dpy_refresh = web_refresh,
    .dpy_gfx_update = web_gfx_update,
    .dpy_gfx_switch = web_gfx_switch,
    .dpy_gfx_check_format = web_gfx_check_format,
    .dpy_mouse_set = web_mouse_set,
    .dpy_cursor_define = web_cursor_define,
};

static void mouse_mode_changed(Notifier *notifier, void *data)
{
    changed(container_of(notifier, WebDisplay, mouse_mode));
}

static void notified(void *opaque)
{
    WebDisplay *d = opaque;

    event_notifier_test_and_clear(&d->notifier);
    qemuweb_deliver_input(d->console, &d->shared->input);
    if (qatomic_read(&d->shared->viewers) == 0) {
        qemu_console_unregister_listener(&d->listener);
    } else if (!d->listener.ds) {
        qemu_console_register_listener(d->console, &d->listener, &listener_ops);
    }
    hasten(d, d->refused ? 1 : FRAME_MS);
}

static void web_display_init(DisplayState *ds, DisplayOptions *options)
{
    QemuConsole *console = qemu_console_lookup_default();
    WebDisplay *d;

    if (!console || !qemu_console_is_graphic(console)) {
        error_report("-display web needs a graphic device");
        exit(1);
    }
    d = g_new0(WebDisplay, 1);
    d->console = console;
    d->shared = g_new0(WebDisplayShared, 1);
    if (event_notifier_init(&d->notifier, false) < 0) {
        error_report("no event notifier is left for the display");
        exit(1);
    }
    qemuweb_ring_init(&d->shared->input, INPUT_SIZE);
    d->shared->flag = (uintptr_t)qemuweb_flag(event_notifier_get_fd(&d->notifier));
    d->shared->sequence = (uintptr_t)&qemuweb_sequence;
    qemu_set_fd_handler(event_notifier_get_fd(&d->notifier), notified, NULL, d);
    d->mouse_mode.notify = mouse_mode_changed;
    qemu_add_mouse_mode_change_notifier(&d->mouse_mode);
    qemuweb_display_open((uintptr_t)d->shared);
}

static QemuDisplay web_display = {
    .type = DISPLAY_TYPE_WEB,
    .init = web_display_init,
};

static void register_display(void)
{
    qemu_display_register(&web_display);
}

type_init(register_display);
