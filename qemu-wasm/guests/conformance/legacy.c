/* Runs the forms of legacy.S. */
#include <stdio.h>
#include <string.h>
#include "mix.h"

static struct legacy {
	u32 a, b, c, d, si, di, flags, memory[8];
} state;

extern const struct form legacy_forms[];

void enter_legacy(struct legacy *state, const void *function);

void run_legacy(struct digest *digest, unsigned rounds, const struct group *group)
{
	(void)group;
	for (unsigned n = 0; legacy_forms[n].text; n++) {
		struct source source = { 0x8086 };
		struct digest own = { n };

		for (unsigned round = 0; round < rounds; round++) {
			u32 *values[] = { &state.a, &state.b, &state.c, &state.d, &state.si, &state.di };
			u64 defined = legacy_forms[n].rule;

			for (unsigned k = 0; k < COUNT(values); k++)
				*values[k] = operand(&source);
			for (unsigned k = 0; k < COUNT(state.memory); k++)
				state.memory[k] = next(&source);
			/* What BOUND is given holds. */
			state.memory[2] = state.b - 1;
			state.memory[3] = state.b;
			state.flags = (next(&source) & ALL) | 0x202;
			if (state.b == 0x80000000)
				state.memory[2] = state.b;
			enter_legacy(&state, legacy_forms[n].run[0]);
			mix(&own, (u64)state.a << 32 | state.b);
			mix(&own, (u64)state.c << 32 | state.d);
			mix(&own, (u64)state.si << 32 | state.di);
			mix(&own, state.flags & defined);
			for (unsigned k = 0; k < COUNT(state.memory); k++)
				mix(&own, state.memory[k]);
		}
		if (verbose)
			printf("form %016llx %s\n", (unsigned long long)final(&own), legacy_forms[n].text);
		mix(digest, final(&own));
	}
}
