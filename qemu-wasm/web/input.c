/*
 * Keys and pointer of `-display web`: a ring of events that JavaScript fills (src/display/input.ts).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qapi/util.h"
#include "ui/console.h"
#include "ui/input.h"
#include "display.h"

static void send_key(QemuConsole *console, const WebInput *input)
{
    int code = qapi_enum_parse(&QKeyCode_lookup, input->name, Q_KEY_CODE_UNMAPPED, NULL);

    if (code != Q_KEY_CODE_UNMAPPED) {
        qemu_input_event_send_key_linux(console, qemu_input_map_qcode_to_linux[code], input->a);
    }
}

static void deliver(QemuConsole *console, const WebInput *input)
{
    int button;

    switch (input->kind) {
    case WEB_INPUT_KEY:
        send_key(console, input);
        return;
    case WEB_INPUT_BUTTON:
        button = qapi_enum_parse(&InputButton_lookup, input->name, -1, NULL);
        if (button < 0) {
            return;
        }
        qemu_input_queue_btn(console, button, input->a);
        break;
    case WEB_INPUT_ABSOLUTE:
        qemu_input_queue_abs(console, INPUT_AXIS_X, input->a, INPUT_EVENT_ABS_MIN, INPUT_EVENT_ABS_MAX);
        qemu_input_queue_abs(console, INPUT_AXIS_Y, input->b, INPUT_EVENT_ABS_MIN, INPUT_EVENT_ABS_MAX);
        break;
    case WEB_INPUT_RELATIVE:
        qemu_input_queue_rel(console, INPUT_AXIS_X, input->a);
        qemu_input_queue_rel(console, INPUT_AXIS_Y, input->b);
        break;
    }
    qemu_input_event_sync();
}

void qemuweb_deliver_input(QemuConsole *console, WebRing *ring)
{
    WebInput input;
    bool any = false;

    while (qemuweb_ring_available(ring) >= sizeof(input)) {
        qemuweb_ring_take(ring, (uint8_t *)&input, sizeof(input));
        input.name[sizeof(input.name) - 1] = 0;
        deliver(console, &input);
        any = true;
    }
    if (any) {
        qemuweb_ring_wake(&ring->consumed); /* JavaScript sleeps until the ring is empty */
    }
}
