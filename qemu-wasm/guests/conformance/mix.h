/* What all groups of the conformance program share: operands, digests, memory at fixed addresses. */
#ifndef MIX_H
#define MIX_H

#include <stddef.h>
#include <stdint.h>
#include "rules.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define PAGE 4096

/* What a form loads and stores; forms.inc has the offsets. */
struct state {
	u64 a, b, c, d, si, di, flags, unused;
	u64 memory[4];
	u64 x[2], y[2], z[2];
	u32 mxcsr, control;
	u64 unused2;
	u8 st[2][16];
	struct {
		u16 control, unused, status, unused2, tag, unused3;
		u32 pointers[4];
		u8 st[8][10];
	} __attribute__((packed)) fpu;
} __attribute__((aligned(64)));

/* One or more instructions, assembled in one or two ways; a list of them ends with one that has none. */
struct form {
	void (*run[2])(struct state *);
	const char *text;
	u64 rule;
};

/* A group's digest: a function of all that was mixed in, in its order. */
struct digest {
	u64 sum;
};

static inline void mix(struct digest *digest, u64 value)
{
	digest->sum = (digest->sum ^ value) * 0x9e3779b97f4a7c15;
}

static inline u64 final(const struct digest *digest)
{
	u64 sum = digest->sum;

	sum = (sum ^ sum >> 32) * 0xd6e8feb86659fd93;
	return sum ^ sum >> 32;
}

/* Where a group's random numbers come from: xorshift64*. */
struct source {
	u64 state;
};

static inline u64 next(struct source *source)
{
	source->state ^= source->state >> 12;
	source->state ^= source->state << 25;
	source->state ^= source->state >> 27;
	return source->state * 0x2545f4914f6cdd1d;
}

static inline u64 below(struct source *source, u64 limit)
{
	return (next(source) >> 32) * limit >> 32;
}

/* A number whose boundaries matter (edges.c), or a random one of some length. */
u64 operand(struct source *source);
u64 float_operand(struct source *source, int bits, unsigned classes);
void x87_operand(struct source *source, u8 *to, unsigned classes);

/* Classes of floating-point operands: finite and normal or zero always, and these. */
#define INFINITE 1
#define QUIET 2
#define SIGNALLING 4
#define DENORMAL 8
#define UNSUPPORTED 16

/* A group: what it mixes into the digest, of so many rounds. With `verbose` a digest for each form, too. */
struct group {
	const char *name;
	void (*run)(struct digest *digest, unsigned rounds, const struct group *group);
	const struct form *forms;
	/* How the forms are run: classes of operands, which status flags count, MXCSR. */
	unsigned classes, status, mxcsr;
};

extern const char *verbose;

typedef void run_group(struct digest *digest, unsigned rounds, const struct group *group);
run_group run_integer, run_vector, run_float, run_avx, run_x87;
run_group run_strings, run_unaligned, run_unaligned_x87, run_distant;
run_group run_stack, run_recursion, run_bytecode, run_indirect, run_page_jumps, run_compiled;
run_group run_modified, run_crossing, run_aliased, run_remapped, run_ahead;
run_group run_load_faults, run_store_faults, run_string_faults, run_crossing_faults, run_vector_faults, run_fetch_faults;
run_group run_divide_errors, run_traps, run_steps;
run_group run_legacy, run_processes, run_interrupted;

/* Memory at an address that is the same everywhere; ends the program if there is none. */
void *map(u64 address, size_t size, int protection);
/* Memory of a new file: what `view` maps again. */
int frames(size_t size);
void *view(u64 address, size_t size, int protection, int file, size_t offset);
void fail(const char *what);

/* From now on faults are mixed into the digest: their registers and addresses. The page is opened, or so many bytes skipped. */
#define OPEN_PAGE -1
void catch_faults(struct digest *digest, int skip);

#endif
