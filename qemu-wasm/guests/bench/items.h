#include <stdint.h>

struct item {
	const char *name;
	uint64_t operations; /* of one repetition */
	uint64_t (*work)(void); /* one repetition; returns the checksum */
	void (*prepare)(void); /* NULL, or to be called once before */
};

/* Ends with an item without a name. */
extern const struct item items[];
