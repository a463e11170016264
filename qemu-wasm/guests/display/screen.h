/* The screen of the first graphics card, by DRM: a buffer that is scanned out while we draw in it. */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdint.h>

struct screen {
	int card;
	uint32_t framebuffer;
	uint32_t width, height;
	uint32_t words; /* from row to row */
	uint32_t *pixels; /* x8r8g8b8 */
};

/* Sets the mode of this size; ends the program with a sentence when there is none. */
struct screen open_screen(uint32_t width, uint32_t height);

/* Has the card look at all of it; one that scans its own memory out knows by itself. */
void show(const struct screen *screen);

void fill(const struct screen *screen, uint32_t pixel);

#endif
