#include "input.h"

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MOST 16

static struct pollfd devices[MOST];
static int count;

void open_input(void)
{
	for (int n = 0; n < MOST; n++) {
		char path[32];
		int device;

		snprintf(path, sizeof(path), "/dev/input/event%d", n);
		device = open(path, O_RDONLY | O_CLOEXEC);
		if (device < 0)
			continue;
		ioctl(device, EVIOCGRAB, 1);
		devices[count++] = (struct pollfd){ .fd = device, .events = POLLIN };
	}
	if (count == 0)
		errx(1, "no input device");
}

struct input_event next_event(void)
{
	struct input_event event;

	for (;;) {
		poll(devices, count, -1);
		for (int n = 0; n < count; n++) {
			if (devices[n].revents && read(devices[n].fd, &event, sizeof(event)) == sizeof(event))
				return event;
		}
	}
}

int highest(int axis)
{
	for (int n = 0; n < count; n++) {
		struct input_absinfo info;

		if (ioctl(devices[n].fd, EVIOCGABS(axis), &info) == 0 && info.maximum > 0)
			return info.maximum;
	}
	return 0;
}
