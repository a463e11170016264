/*
 * Runs groups of instructions on operands that are the same everywhere, and prints a digest of each group's results:
 *
 *     mix [ROUNDS [GROUP]]
 *
 * With GROUP only that group runs, and each of its forms has its digest printed, too.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "mix.h"

#define LIST(name) extern const struct form name##_forms[]

LIST(arithmetic);
LIST(logic);
LIST(shift);
LIST(rotate);
LIST(double_shift);
LIST(multiply);
LIST(divide);
LIST(extend);
LIST(bits);
LIST(conditions);
LIST(exchange);
LIST(exchange_wide);
LIST(address);
LIST(flags);
LIST(sse_integer);
LIST(sse_shuffle);
LIST(sse_shift);
LIST(ssse3);
LIST(sse41);
LIST(sse42);
LIST(mmx);
LIST(sse_float);
LIST(sse_convert);
LIST(avx_float);
LIST(sse_from_integer);
LIST(x87);
LIST(x87_series);

#define FLUSH_DENORMALS 0x9fc0 /* FTZ and DAZ */
/* With the exception for inexact results raised before: only then do emulators let the host compute. */
#define INEXACT 0x1fa0
#define FLUSH_INEXACT (FLUSH_DENORMALS | INEXACT)
/* Exceptions, in the status word and in MXCSR: that of a denormal operand is apart. */
#define DENORMAL_STATUS 0x02
#define STATUS 0x3d

static const struct group groups[] = {
	{ "arithmetic", run_integer, arithmetic_forms },
	{ "logic", run_integer, logic_forms },
	{ "shift", run_integer, shift_forms },
	{ "rotate", run_integer, rotate_forms },
	{ "double-shift", run_integer, double_shift_forms },
	{ "multiply", run_integer, multiply_forms },
	{ "divide", run_integer, divide_forms },
	{ "extend", run_integer, extend_forms },
	{ "bits", run_integer, bits_forms },
	{ "conditions", run_integer, conditions_forms },
	{ "exchange", run_integer, exchange_forms },
	{ "exchange-wide", run_integer, exchange_wide_forms },
	{ "address", run_integer, address_forms },
	{ "flags", run_integer, flags_forms },
	{ "sse-integer", run_vector, sse_integer_forms },
	{ "sse-shuffle", run_vector, sse_shuffle_forms },
	{ "sse-shift", run_vector, sse_shift_forms },
	{ "ssse3", run_vector, ssse3_forms },
	{ "sse4.1", run_vector, sse41_forms },
	{ "sse4.2", run_vector, sse42_forms },
	{ "mmx", run_vector, mmx_forms },
	{ "sse-from-integer", run_vector, sse_from_integer_forms },
	{ "sse-float", run_float, sse_float_forms },
	{ "sse-infinite", run_float, sse_float_forms, INFINITE },
	{ "sse-nan", run_float, sse_float_forms, INFINITE | QUIET | SIGNALLING },
	{ "sse-denormal", run_float, sse_float_forms, INFINITE | DENORMAL },
	{ "sse-flush", run_float, sse_float_forms, DENORMAL, 0, FLUSH_DENORMALS },
	{ "sse-status", run_float, sse_float_forms, INFINITE | QUIET | SIGNALLING | DENORMAL, STATUS },
	{ "sse-denormal-status", run_float, sse_float_forms, INFINITE | DENORMAL, DENORMAL_STATUS },
	{ "sse-inexact", run_float, sse_float_forms, INFINITE, STATUS, INEXACT },
	{ "sse-inexact-nan", run_float, sse_float_forms, INFINITE | QUIET | SIGNALLING | DENORMAL, STATUS, INEXACT },
	{ "sse-inexact-denormal", run_float, sse_float_forms, DENORMAL, DENORMAL_STATUS, INEXACT },
	{ "sse-inexact-flush", run_float, sse_float_forms, DENORMAL, 0, FLUSH_INEXACT },
	{ "sse-convert", run_float, sse_convert_forms, INFINITE | DENORMAL },
	{ "sse-convert-nan", run_float, sse_convert_forms, INFINITE | QUIET | SIGNALLING | DENORMAL },
	{ "sse-convert-status", run_float, sse_convert_forms, INFINITE | QUIET | SIGNALLING | DENORMAL, STATUS },
	{ "sse-convert-denormal-status", run_float, sse_convert_forms, INFINITE | DENORMAL, DENORMAL_STATUS },
	{ "sse-convert-inexact", run_float, sse_convert_forms, INFINITE, STATUS, INEXACT },
	{ "sse-convert-inexact-nan", run_float, sse_convert_forms, INFINITE | QUIET | SIGNALLING | DENORMAL, STATUS, INEXACT },
	{ "sse-from-integer-inexact", run_vector, sse_from_integer_forms, 0, STATUS, INEXACT },
	{ "avx-inexact", run_avx, avx_float_forms, INFINITE | QUIET | SIGNALLING | DENORMAL, STATUS, INEXACT },
	{ "x87", run_x87, x87_forms },
	{ "x87-infinite", run_x87, x87_forms, INFINITE },
	{ "x87-nan", run_x87, x87_forms, INFINITE | QUIET | SIGNALLING },
	{ "x87-denormal", run_x87, x87_forms, INFINITE | DENORMAL },
	{ "x87-unsupported", run_x87, x87_forms, INFINITE | UNSUPPORTED },
	{ "x87-status", run_x87, x87_forms, INFINITE | QUIET | SIGNALLING | DENORMAL, STATUS },
	{ "x87-denormal-status", run_x87, x87_forms, INFINITE | DENORMAL, DENORMAL_STATUS },
	{ "x87-series", run_x87, x87_series_forms, INFINITE },
	{ "strings", run_strings },
	{ "unaligned", run_unaligned },
	{ "unaligned-x87", run_unaligned_x87 },
	{ "distant", run_distant },
	{ "stack", run_stack },
	{ "recursion", run_recursion },
	{ "bytecode", run_bytecode },
	{ "indirect", run_indirect },
	{ "page-jumps", run_page_jumps },
	{ "compiled", run_compiled },
	{ "legacy", run_legacy },
	{ "code-modified", run_modified },
	{ "code-crossing", run_crossing },
	{ "code-aliased", run_aliased },
	{ "code-remapped", run_remapped },
	{ "code-ahead", run_ahead },
	{ "fault-load", run_load_faults },
	{ "fault-store", run_store_faults },
	{ "fault-crossing", run_crossing_faults },
	{ "fault-crossing-vector", run_vector_faults },
	{ "fault-string", run_string_faults },
	{ "fault-divide", run_divide_errors },
	{ "fault-fetch", run_fetch_faults },
	{ "traps", run_traps },
	{ "single-steps", run_steps },
	{ "processes", run_processes },
	{ "interrupted", run_interrupted },
};

const char *verbose;
static unsigned rounds = 320;

void fail(const char *what)
{
	perror(what);
	exit(1);
}

void *view(u64 address, size_t size, int protection, int file, size_t offset)
{
	int flags = MAP_FIXED | (file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED);
	void *memory = mmap((void *)address, size, protection, flags, file, offset);

	if (memory == MAP_FAILED)
		fail("mmap");
	return memory;
}

void *map(u64 address, size_t size, int protection)
{
	return view(address, size, protection, -1, 0);
}

int frames(size_t size)
{
	int file = memfd_create("frames", 0);

	if (file < 0 || ftruncate(file, size) != 0)
		fail("memfd_create");
	return file;
}

static void run(const struct group *group)
{
	struct digest digest = { 0 };

	group->run(&digest, rounds, group);
	printf("group %s %016llx\n", group->name, (unsigned long long)final(&digest));
	fflush(stdout);
}

static void run_groups(void)
{
	for (unsigned n = 0; n < COUNT(groups); n++) {
		if (!verbose || strcmp(verbose, groups[n].name) == 0)
			run(&groups[n]);
	}
	printf("conformance-end\n");
	exit(0);
}

/* On a stack at a known address: addresses on it may be part of a digest. */
int main(int count, char **words)
{
	char *stack = map(0x10000000, 1 << 20, PROT_READ | PROT_WRITE);

	if (count > 1)
		rounds = atoi(words[1]);
	verbose = count > 2 ? words[2] : NULL;
	asm volatile("movq %0, %%rsp; xorl %%ebp, %%ebp; callq *%1" : : "r"(stack + (1 << 20)), "r"(run_groups) : "memory");
	__builtin_unreachable();
}
