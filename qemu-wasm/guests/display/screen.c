#include "screen.h"

#include <drm/drm.h>
#include <drm/drm_mode.h>
#include <err.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define MOST 64

static uint64_t address(const void *of)
{
	return (uintptr_t)of;
}

static struct drm_mode_modeinfo find_mode(int card, uint32_t connector, uint32_t width, uint32_t height)
{
	static struct drm_mode_modeinfo modes[MOST];
	struct drm_mode_get_connector ask = { .connector_id = connector };

	/* The first call probes the connector and counts its modes, the second gets them. */
	if (ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &ask) < 0)
		err(1, "connector");
	ask = (struct drm_mode_get_connector){
		.connector_id = connector, .count_modes = ask.count_modes, .modes_ptr = address(modes),
	};
	if (ask.count_modes > MOST || ioctl(card, DRM_IOCTL_MODE_GETCONNECTOR, &ask) < 0)
		err(1, "modes");
	for (uint32_t n = 0; n < ask.count_modes; n++) {
		if (modes[n].hdisplay == width && modes[n].vdisplay == height)
			return modes[n];
	}
	errx(1, "no mode of %ux%u", width, height);
}

struct screen open_screen(uint32_t width, uint32_t height)
{
	uint32_t connectors[MOST], crtcs[MOST];
	struct drm_mode_card_res resources = { 0 };
	struct drm_mode_create_dumb buffer = { .width = width, .height = height, .bpp = 32 };
	struct drm_mode_fb_cmd framebuffer = { .width = width, .height = height, .bpp = 32, .depth = 24 };
	struct drm_mode_map_dumb map = { 0 };
	struct drm_mode_crtc crtc = { .set_connectors_ptr = address(connectors), .count_connectors = 1, .mode_valid = 1 };
	struct screen screen = { .card = open("/dev/dri/card0", O_RDWR | O_CLOEXEC), .width = width, .height = height };

	if (screen.card < 0)
		err(1, "/dev/dri/card0");
	if (ioctl(screen.card, DRM_IOCTL_MODE_GETRESOURCES, &resources) < 0)
		err(1, "resources");
	resources = (struct drm_mode_card_res){
		.count_connectors = resources.count_connectors, .connector_id_ptr = address(connectors),
		.count_crtcs = resources.count_crtcs, .crtc_id_ptr = address(crtcs),
	};
	if (ioctl(screen.card, DRM_IOCTL_MODE_GETRESOURCES, &resources) < 0)
		err(1, "resources");
	crtc.mode = find_mode(screen.card, connectors[0], width, height);
	if (ioctl(screen.card, DRM_IOCTL_MODE_CREATE_DUMB, &buffer) < 0)
		err(1, "buffer");
	framebuffer.handle = map.handle = buffer.handle;
	framebuffer.pitch = buffer.pitch;
	if (ioctl(screen.card, DRM_IOCTL_MODE_ADDFB, &framebuffer) < 0)
		err(1, "framebuffer");
	crtc.crtc_id = crtcs[0];
	crtc.fb_id = screen.framebuffer = framebuffer.fb_id;
	if (ioctl(screen.card, DRM_IOCTL_MODE_SETCRTC, &crtc) < 0)
		err(1, "mode");
	if (ioctl(screen.card, DRM_IOCTL_MODE_MAP_DUMB, &map) < 0)
		err(1, "map");
	screen.words = buffer.pitch / 4;
	screen.pixels = mmap(NULL, buffer.size, PROT_READ | PROT_WRITE, MAP_SHARED, screen.card, map.offset);
	if (screen.pixels == MAP_FAILED)
		err(1, "mmap");
	return screen;
}

void show(const struct screen *screen)
{
	struct drm_clip_rect all = { .x2 = screen->width, .y2 = screen->height };
	struct drm_mode_fb_dirty_cmd dirty = {
		.fb_id = screen->framebuffer, .num_clips = 1, .clips_ptr = address(&all),
	};

	ioctl(screen->card, DRM_IOCTL_MODE_DIRTYFB, &dirty);
}

void fill(const struct screen *screen, uint32_t pixel)
{
	uint64_t two = pixel | (uint64_t)pixel << 32;

	for (uint32_t y = 0; y < screen->height; y++) {
		uint64_t *row = (uint64_t *)(screen->pixels + (size_t)y * screen->words);

		for (uint32_t x = 0; x < screen->width / 2; x++)
			row[x] = two;
	}
}
