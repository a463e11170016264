/*
 * Draws on the screen and tells what is typed and pointed, for tests and benches of the display:
 *
 *   screen draw SECONDS   draws the whole screen again and again:  drawn <frames> <nanoseconds>
 *   screen flash          white at each key's press, black at its release
 *   screen events         key <code> <value>, at <x> <y> (absolute, of a highest value of <x> <y>), by <x> <y> (relative)
 *
 * All begin with the line `ready`. The screen is 1024x768; the last two end with the key Q.
 */
#include "input.h"
#include "screen.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static void draw(int seconds)
{
	struct screen screen = open_screen(1024, 768);
	uint64_t begin, time;
	unsigned frames = 0;

	puts("ready");
	begin = now();
	do {
		fill(&screen, frames * 0x010307);
		show(&screen);
		frames++;
		time = now() - begin;
	} while (time < seconds * 1000000000ull);
	printf("drawn %u %llu\n", frames, (unsigned long long)time);
}

static void flash(void)
{
	struct screen screen = open_screen(1024, 768);

	open_input();
	fill(&screen, 0);
	show(&screen);
	puts("ready");
	for (;;) {
		struct input_event event = next_event();

		if (event.type != EV_KEY || event.value == 2)
			continue;
		fill(&screen, event.value ? 0xffffff : 0);
		show(&screen);
		if (event.code == KEY_Q)
			return;
	}
}

static void events(void)
{
	int x = 0, y = 0, by_x = 0, by_y = 0, moved = 0;

	open_input();
	puts("ready");
	for (;;) {
		struct input_event event = next_event();

		if (event.type == EV_ABS) {
			*(event.code == ABS_X ? &x : &y) = event.value;
			moved = 1;
		} else if (event.type == EV_REL && event.code <= REL_Y) {
			*(event.code == REL_X ? &by_x : &by_y) = event.value;
		} else if (event.type == EV_REL) {
			printf("wheel %d %d\n", event.code, event.value);
		} else if (event.type == EV_KEY) {
			printf("key %d %d\n", event.code, event.value);
			if (event.code == KEY_Q && event.value == 0)
				return;
		} else if (event.type == EV_SYN) {
			if (moved)
				printf("at %d %d of %d %d\n", x, y, highest(ABS_X), highest(ABS_Y));
			if (by_x || by_y)
				printf("by %d %d\n", by_x, by_y);
			moved = by_x = by_y = 0;
		}
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && strcmp(argv[1], "draw") == 0)
		draw(atoi(argv[2]));
	else if (argc == 2 && strcmp(argv[1], "flash") == 0)
		flash();
	else if (argc == 2 && strcmp(argv[1], "events") == 0)
		events();
	else
		errx(2, "draw SECONDS, flash or events?");
	return 0;
}
