/*
 * Audio backend `web`: see audio.h.
 *
 * It takes samples at the rate at which they are to be played, whether anybody listens or not: to the guest it is a sound card that
 * never stops. What has no room is lost, since a listener that is late wants the newest.
 *
 * All of it runs with the big lock held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/audio.h"
#include "qemu/module.h"
#include "audio/audio_int.h"
#include "audio.h"

#define TYPE_AUDIO_WEB "audio-web"
#define FREQUENCY 48000
#define FRAME_BYTES 4
#define RING_SIZE (1 << 16) /* a third of a second */

typedef struct {
    HWVoiceOut hw;
    RateCtl rate;
} WebVoice;

void qemuweb_audio_open(uint32_t shared); /* runtime.js */

/* A VM has one such backend. */
static WebAudioShared shared;

static int web_init_out(HWVoiceOut *hw, audsettings *as)
{
    audsettings settings = { .freq = FREQUENCY, .nchannels = 2, .fmt = AUDIO_FORMAT_S16, .big_endian = false };

    audio_pcm_init_info(&hw->info, &settings);
    hw->samples = 1024;
    audio_rate_start(&((WebVoice *)hw)->rate);
    if (shared.ring.data == 0) {
        qemuweb_ring_init(&shared.ring, RING_SIZE);
        shared.frequency = FREQUENCY;
        qemuweb_audio_open((uintptr_t)&shared);
    }
    return 0;
}

static void web_fini_out(HWVoiceOut *hw)
{
}

static void web_enable_out(HWVoiceOut *hw, bool enable)
{
    if (enable) {
        audio_rate_start(&((WebVoice *)hw)->rate);
    }
}

static size_t web_write(HWVoiceOut *hw, void *samples, size_t size)
{
    size_t due = audio_rate_get_bytes(&((WebVoice *)hw)->rate, &hw->info, size);

    if (qatomic_load_acquire(&shared.listening)) {
        qemuweb_ring_put(&shared.ring, samples, MIN(due, qemuweb_ring_room(&shared.ring) & -FRAME_BYTES));
    }
    return due;
}

static void web_audio_class_init(ObjectClass *oc, const void *data)
{
    AudioMixengBackendClass *k = AUDIO_MIXENG_BACKEND_CLASS(oc);

    k->max_voices_out = 1;
    k->voice_size_out = sizeof(WebVoice);
    k->init_out = web_init_out;
    k->fini_out = web_fini_out;
    k->enable_out = web_enable_out;
    k->write = web_write;
    k->buffer_get_free = audio_generic_buffer_get_free;
    k->run_buffer_out = audio_generic_run_buffer_out;
}

static const TypeInfo web_audio_type_info = {
    .name = TYPE_AUDIO_WEB,
    .parent = TYPE_AUDIO_MIXENG_BACKEND,
    .class_init = web_audio_class_init,
};

static void register_types(void)
{
    type_register_static(&web_audio_type_info);
}

type_init(register_types);
