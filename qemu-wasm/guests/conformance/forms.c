/* Runs lists of forms: all of a list in each round, on the round's operands. */
#include <stdio.h>
#include <string.h>
#include "mix.h"

#define MAX_FORMS 1024

const u32 default_mxcsr = 0x1f80;

static struct digest digests[MAX_FORMS];

/* What is mixed in of one form is kept apart until the end, so that it can be told which form differs. */
static void start(const struct form *forms)
{
	for (unsigned n = 0; forms[n].text; n++)
		digests[n] = (struct digest){ n };
}

static void finish(struct digest *digest, const struct form *forms)
{
	for (unsigned n = 0; forms[n].text; n++) {
		if (verbose)
			printf("form %016llx %s\n", (unsigned long long)final(&digests[n]), forms[n].text);
		mix(digest, final(&digests[n]));
	}
}

static unsigned rule_number(u64 rule)
{
	return rule >> 24;
}

static unsigned rule_bits(u64 rule)
{
	return rule >> 16 & 0xff;
}

static u64 truncated(u64 value, unsigned bits)
{
	return bits == 64 ? value : value & ((1ull << bits) - 1);
}

static s64 extended(u64 value, unsigned bits)
{
	return (s64)(value << (64 - bits)) >> (64 - bits);
}

static void set_dividend(struct state *state, unsigned bits, unsigned __int128 dividend)
{
	if (bits == 8) {
		state->a = (state->a & ~0xffffull) | truncated(dividend, 16);
		return;
	}
	state->a = truncated(dividend, bits);
	state->d = truncated(dividend >> bits, bits);
}

static void prepare_division(struct state *state, unsigned bits, int is_signed)
{
	u64 divisor = truncated(state->b, bits);

	if (divisor == 0)
		state->b |= divisor = 1;
	state->memory[0] = state->b;
	if (is_signed) {
		__int128 by = extended(divisor, bits), product = by * extended(state->a, bits);
		s64 remainder = by == -1 || by == 1 ? 0 : extended(state->d, bits) % (s64)by;

		/* The remainder has the dividend's sign. */
		if (remainder < 0)
			remainder = -remainder;
		set_dividend(state, bits, product < 0 ? product - remainder : product + remainder);
	} else {
		unsigned __int128 high = truncated(state->d, bits) % divisor;

		set_dividend(state, bits, high << bits | truncated(state->a, bits));
	}
}

/* Gives a form the operands that its rule wants; returns which flags it will define. */
static u64 prepare(struct state *state, u64 rule, unsigned round)
{
	unsigned bits = rule_bits(rule), count = state->c & (bits == 64 ? 63 : 31);

	switch (rule_number(rule)) {
	case 1: /* SHIFT */
		if (count == 0)
			return ALL;
		return (count == 1 ? LOGIC : COUNTED) & ~(count >= bits ? CARRY : 0);
	case 2: /* ARITHMETIC_SHIFT */
		return count == 0 ? ALL : count == 1 ? LOGIC : COUNTED;
	case 3: /* ROTATE */
		return count <= 1 ? ALL : TURNED;
	case 4: /* DOUBLE_SHIFT: by more than its 16 bits nothing is defined. */
		if (bits == 16)
			state->c &= ~16ull, count &= ~16;
		return count == 0 ? ALL : count == 1 ? LOGIC : COUNTED;
	case 5:
	case 6: /* DIVIDE, DIVIDE_SIGNED */
		prepare_division(state, bits, rule_number(rule) == 6);
		return NONE;
	case 7: /* SCAN */
		if (truncated(state->b, bits) == 0)
			state->memory[0] = state->b |= 1ull << (round % bits);
		return ZERO;
	case 8: /* BIT */
		state->b = (int8_t)state->b;
		break;
	case 9: /* COMPARE */
		if (round & 1) {
			state->memory[0] = bits == 64 ? state->d << 32 | truncated(state->a, 32) : state->a;
			state->memory[1] = bits == 128 ? state->d : state->memory[1];
			state->d = bits == 8 ? state->a : state->d;
		}
		/* cmpxchg8b and 16b leave all but ZF. */
		break;
	}
	return rule & 0xffff;
}

static void mix_memory(struct digest *digest, const struct state *state)
{
	for (unsigned n = 0; n < COUNT(state->memory); n++)
		mix(digest, state->memory[n]);
}

/* Flags as LAHF and SETO left them, in RFLAGS's places. */
static u64 rflags(u64 lahf)
{
	return (lahf >> 8 & 0xff) | (lahf & 1) << 11;
}

void run_integer(struct digest *digest, unsigned rounds, const struct group *group)
{
	struct source source = { 0x1234567 };
	static struct state state;

	start(group->forms);
	for (unsigned round = 0; round < rounds; round++) {
		struct state operands = { .flags = (next(&source) & ALL) | 0x202 };

		operands.a = operand(&source);
		operands.b = operand(&source);
		operands.c = (operand(&source) & ~0xffull) | (round & 0xff);
		operands.d = operand(&source);
		operands.si = operand(&source);
		operands.di = operand(&source);
		operands.memory[0] = operands.b;
		for (unsigned n = 1; n < COUNT(operands.memory); n++)
			operands.memory[n] = next(&source);

		for (unsigned n = 0; group->forms[n].text; n++) {
			const struct form *form = &group->forms[n];

			for (unsigned way = 0; way < 2; way++) {
				struct digest *own = &digests[n];
				u64 defined;

				memcpy(&state, &operands, offsetof(struct state, x));
				defined = prepare(&state, form->rule, round);
				form->run[way](&state);
				mix(own, state.a);
				mix(own, state.b);
				mix(own, state.c);
				mix(own, state.d);
				mix(own, state.si);
				mix(own, state.di);
				mix_memory(own, &state);
				mix(own, (way ? rflags(state.flags) : state.flags) & defined);
			}
		}
	}
	finish(digest, group->forms);
}

static void run_vectors(struct digest *digest, unsigned rounds, const struct group *group,
			void (*fill)(struct source *, struct state *, unsigned round, unsigned classes))
{
	struct source source = { 0x7654321 };
	static struct state state;

	start(group->forms);
	for (unsigned round = 0; round < rounds; round++) {
		struct state operands = { .flags = 0 };

		fill(&source, &operands, round, group->classes);
		operands.mxcsr = (group->mxcsr ? group->mxcsr : default_mxcsr) | (round & 3) << 13;
		memcpy(operands.memory, operands.y, sizeof(operands.y));
		for (unsigned n = 0; group->forms[n].text; n++) {
			const struct form *form = &group->forms[n];
			struct digest *own = &digests[n];

			memcpy(&state, &operands, offsetof(struct state, st));
			if (rule_number(form->rule) == 10) { /* TEXT */
				for (unsigned k = 0; k < 2; k++) {
					state.x[k] &= 0x0303010303030103;
					state.memory[k] = state.y[k] &= 0x0103030303010303;
				}
				state.a = (s64)(int8_t)state.a >> 2;
				state.d = (s64)(int8_t)state.d >> 2;
			}
			form->run[0](&state);
			mix(own, state.a);
			mix(own, state.b);
			mix(own, state.c);
			mix(own, state.d);
			mix(own, state.x[0]);
			mix(own, state.x[1]);
			mix(own, state.y[0]);
			mix(own, state.y[1]);
			mix_memory(own, &state);
			mix(own, state.flags & form->rule & 0xffff);
			mix(own, state.mxcsr & group->status);
		}
	}
	finish(digest, group->forms);
}

static void fill_integers(struct source *source, struct state *state, unsigned round, unsigned classes)
{
	u64 *values[] = { &state->a, &state->b, &state->c, &state->d, &state->si, &state->di, &state->x[0], &state->x[1],
			  &state->y[0], &state->y[1], &state->z[0], &state->z[1] };

	(void)classes;
	for (unsigned n = 0; n < COUNT(values); n++)
		*values[n] = operand(source);
	if (round & 1) { /* a count of shifts */
		state->y[0] = round / 2 % 72;
		state->y[1] = round & 2 ? 0 : state->y[1];
	}
}

static void fill_floats(struct source *source, struct state *state, unsigned round, unsigned classes)
{
	u64 *values[] = { &state->x[0], &state->x[1], &state->y[0], &state->y[1], &state->z[0], &state->z[1] };
	int bits = round & 4 ? 64 : 32;

	state->a = operand(source);
	state->b = operand(source);
	state->c = operand(source);
	state->d = operand(source);
	for (unsigned n = 0; n < COUNT(values); n++) {
		*values[n] = float_operand(source, bits, classes);
		if (bits == 32)
			*values[n] |= float_operand(source, bits, classes) << 32;
	}
}

void run_vector(struct digest *digest, unsigned rounds, const struct group *group)
{
	run_vectors(digest, rounds, group, fill_integers);
}

void run_float(struct digest *digest, unsigned rounds, const struct group *group)
{
	run_vectors(digest, rounds, group, fill_floats);
}

/* None where there is no AVX. */
void run_avx(struct digest *digest, unsigned rounds, const struct group *group)
{
	if (__builtin_cpu_supports("avx"))
		run_vectors(digest, rounds, group, fill_floats);
}

/* M: a single at 0, a double at 8, integers of 32 bits at 16, 16 bits at 20, 64 bits at 24. */
void run_x87(struct digest *digest, unsigned rounds, const struct group *group)
{
	struct source source = { 0x3456789 };
	static struct state state;

	start(group->forms);
	for (unsigned round = 0; round < rounds; round++) {
		static const u16 precisions[] = { 3, 3, 2, 0 };
		struct state operands = { .a = operand(&source), .c = operand(&source), .d = operand(&source) };

		operands.si = operand(&source);
		operands.di = operand(&source);
		operands.control = 0x3f | precisions[round & 3] << 8 | (round >> 2 & 3) << 10;
		operands.memory[0] = float_operand(&source, 32, group->classes);
		operands.memory[1] = float_operand(&source, 64, group->classes);
		operands.memory[2] = operand(&source);
		operands.memory[3] = operand(&source);
		x87_operand(&source, operands.st[0], group->classes);
		x87_operand(&source, operands.st[1], group->classes);
		x87_operand(&source, (u8 *)operands.x, group->classes);
		for (unsigned n = 0; group->forms[n].text; n++) {
			const struct form *form = &group->forms[n];
			struct digest *own = &digests[n];
			unsigned depth = form->rule >> 16;

			memcpy(&state, &operands, offsetof(struct state, fpu));
			form->run[0](&state);
			mix_memory(own, &state);
			mix(own, state.b & 0xff);
			mix(own, state.d);
			mix(own, state.flags & form->rule & 0xff);
			mix(own, state.fpu.status & ((form->rule & 0x4700) | 0x3800 | group->status));
			for (unsigned k = 0; k < depth; k++) {
				u64 value[2] = { 0, 0 };

				memcpy(value, state.fpu.st[k], 10);
				mix(own, value[0]);
				mix(own, value[1]);
			}
			mix(own, state.fpu.tag);
		}
	}
	finish(digest, group->forms);
}
