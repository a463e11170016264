/* All input devices, for this program alone. */
#ifndef INPUT_H
#define INPUT_H

#include <linux/input.h>

/* Takes every device from whoever else reads it. */
void open_input(void);

/* The next event of any device. */
struct input_event next_event(void);

/* The highest value of an absolute axis: of the device that has it. */
int highest(int axis);

#endif
