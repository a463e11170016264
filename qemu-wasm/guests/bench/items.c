/* What engine.c times: each item is one habit of programs, and begins anew whenever it is called. */
#include "items.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Compiled as if it were in a file of its own: neither inlined, cloned nor merged with its like. */
#define APART __attribute__((noipa))
/* Keeps a branch from becoming a conditional move. */
#define KEEP asm volatile("")

enum {
	HOT = 24000000,
	FOUR = 8000000,
	CALLS = 6000000,
	INDIRECT = 1500000,
	SEQUENTIAL = 14, /* even: every second pass undoes the one before */
	CHASED = 250000,
	DISPERSED = 30,
	MATRICES = 20,
	STRINGS = 2000,
	SYSTEM_CALLS = 120000,
	PROCESSES = 12,
	REWRITTEN = 8000,
};

/* Memory for sequential reads and writes, and for the chase. */
enum { WORDS = 1 << 20 };
static uint64_t words[WORDS];

static uint64_t mix(uint64_t sum, uint64_t value)
{
	return (sum ^ value) * 0x9e3779b97f4a7c15u;
}

/* A loop that is one basic block. */
APART static uint64_t hot_block(void)
{
	uint64_t a = 1, b = 2, n = HOT;

	do {
		a += b;
		b ^= a >> 3;
		a *= 5;
		b += n;
	} while (--n);
	return a + b;
}

/* A loop of four basic blocks and the jumps between them. */
APART static uint64_t four_blocks(void)
{
	uint64_t a = 1, b = 0, n = FOUR;

	do {
		if (a & 1) {
			a = a * 3 + 1;
			KEEP;
		} else {
			a = (a >> 1) ^ (n & 16);
			KEEP;
		}
		if (b & 2) {
			b += 3;
			KEEP;
		} else {
			b ^= a;
			KEEP;
		}
	} while (--n);
	return a + b;
}

APART static uint64_t leaf(uint64_t x)
{
	return x * 3 + 1;
}

APART static uint64_t call_return(void)
{
	uint64_t a = 1;

	for (uint64_t n = CALLS; n; n--)
		a = leaf(a + n);
	return a;
}

APART static uint64_t target_add(uint64_t x)
{
	return x + 11;
}

APART static uint64_t target_xor(uint64_t x)
{
	return x ^ 5;
}

APART static uint64_t target_multiply(uint64_t x)
{
	return x * 7;
}

APART static uint64_t target_shift(uint64_t x)
{
	return x ^ x >> 9;
}

static uint64_t (*volatile targets[4])(uint64_t) = { target_add, target_xor, target_multiply, target_shift };

/* Calls by pointers that a generator of pseudo-random numbers chooses. */
APART static uint64_t indirect_call(void)
{
	uint64_t a = 1, random = 1;

	for (int n = 0; n < INDIRECT; n++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		a = targets[random >> 62](a);
	}
	return a;
}

static void fill_words(void)
{
	for (uint64_t i = 0; i < WORDS; i++)
		words[i] = i * 0x9e3779b97f4a7c15u;
}

APART static uint64_t memory_sequential(void)
{
	uint64_t sum = 0;

	for (int pass = 0; pass < SEQUENTIAL; pass++) {
		for (int i = 0; i < WORDS; i++) {
			sum = sum * 3 + words[i];
			words[i] ^= 0x5555555555555555u;
		}
	}
	return sum;
}

/* Each word becomes the address of another: one cycle through all (a full-period linear congruential generator). */
static void link_words(void)
{
	for (uint64_t i = 0; i < WORDS; i++)
		words[i] = (uintptr_t)&words[(i * 1664525 + 1013904223) % WORDS];
}

APART static uint64_t pointer_chase(void)
{
	uint64_t *at = words;

	for (int n = 0; n < CHASED; n++)
		at = (uint64_t *)(uintptr_t)*at;
	return at - words;
}

/* 2000 functions, f100 to f2099. */
#define FUNCTION(n)                                     \
	APART static uint64_t f##n(uint64_t x)          \
	{                                               \
		x += n;                                 \
		if (x & 1) {                            \
			x = x * 3 + n;                  \
			KEEP;                           \
		} else {                                \
			x >>= 1;                        \
			KEEP;                           \
		}                                       \
		if (x & 4) {                            \
			x ^= n;                         \
			KEEP;                           \
		}                                       \
		return x;                               \
	}
#define CALL(n) x = f##n(x);
#define TEN(DO, n) DO(n##0) DO(n##1) DO(n##2) DO(n##3) DO(n##4) DO(n##5) DO(n##6) DO(n##7) DO(n##8) DO(n##9)
#define HUNDRED(DO, n)                                                                      \
	TEN(DO, n##0) TEN(DO, n##1) TEN(DO, n##2) TEN(DO, n##3) TEN(DO, n##4) TEN(DO, n##5) \
	TEN(DO, n##6) TEN(DO, n##7) TEN(DO, n##8) TEN(DO, n##9)
#define ALL(DO)                                                                             \
	HUNDRED(DO, 1) HUNDRED(DO, 2) HUNDRED(DO, 3) HUNDRED(DO, 4) HUNDRED(DO, 5)          \
	HUNDRED(DO, 6) HUNDRED(DO, 7) HUNDRED(DO, 8) HUNDRED(DO, 9) HUNDRED(DO, 10)         \
	HUNDRED(DO, 11) HUNDRED(DO, 12) HUNDRED(DO, 13) HUNDRED(DO, 14) HUNDRED(DO, 15)     \
	HUNDRED(DO, 16) HUNDRED(DO, 17) HUNDRED(DO, 18) HUNDRED(DO, 19) HUNDRED(DO, 20)
#define FUNCTIONS 2000

ALL(FUNCTION)

APART static uint64_t dispersed_code(void)
{
	uint64_t x = 1;

	for (int n = 0; n < DISPERSED; n++) {
		ALL(CALL)
	}
	return x;
}

enum { SIDE = 64 };
static double left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];

static void fill_matrices(void)
{
	for (int i = 0; i < SIDE; i++) {
		for (int j = 0; j < SIDE; j++) {
			left[i][j] = (i * SIDE + j + 1) / 7.0;
			right[i][j] = 1.0 / (i + 2 * j + 1) - 0.01;
		}
	}
}

APART static void multiply(void)
{
	for (int i = 0; i < SIDE; i++) {
		for (int j = 0; j < SIDE; j++) {
			double sum = 0;

			for (int k = 0; k < SIDE; k++)
				sum += left[i][k] * right[k][j];
			product[i][j] = sum;
		}
	}
}

APART static uint64_t float_matrix(void)
{
	uint64_t sum = 0, bits;

	for (int n = 0; n < MATRICES; n++) {
		multiply();
		for (int i = 0; i < SIDE; i++) {
			for (int j = 0; j < SIDE; j++) {
				memcpy(&bits, &product[i][j], sizeof(bits));
				sum = mix(sum, bits);
			}
		}
	}
	return sum;
}

static void string_fill(void *to, uint64_t value, size_t count)
{
	asm volatile("rep stosq" : "+D"(to), "+c"(count) : "a"(value) : "memory");
}

static void string_copy_bytes(void *to, const void *from, size_t count)
{
	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static void string_copy_words(void *to, const void *from, size_t count)
{
	asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

enum { STRING_BYTES = 4096, STRING_WORDS = 1024, STRING_ELEMENTS = 2 * STRING_BYTES + 2 * STRING_WORDS };

/* Fills and copies of 4 and 8 KB, at places that wander over page boundaries. */
APART static uint64_t string_instructions(void)
{
	static uint8_t area[8 * 4096];
	uint64_t sum = 0, word;

	for (int n = 0; n < STRINGS; n++) {
		uint8_t *low = area + n * 37 % 4096, *high = area + 4 * 4096 + n * 53 % 4096;

		string_fill(low, 0x0123456789abcdefu * (n + 1), STRING_WORDS);
		string_copy_bytes(high + 1, low + 3, STRING_BYTES);
		string_copy_bytes(low + 5, high + 2, STRING_BYTES);
		string_copy_words(high, low + 4, STRING_WORDS);
		for (int i = 0; i < STRING_WORDS * 8; i += 1016) {
			memcpy(&word, high + i, sizeof(word));
			sum = mix(sum, word);
		}
	}
	return sum;
}

APART static uint64_t system_call(void)
{
	long parent = getppid();
	uint64_t right_answers = 0;

	for (int n = 0; n < SYSTEM_CALLS; n++)
		right_answers += syscall(SYS_getppid) == parent;
	return right_answers;
}

/* Children that become `engine-bench exit <status>`, one after another. */
APART static uint64_t fork_exec(void)
{
	uint64_t sum = 0;

	for (int n = 0; n < PROCESSES; n++) {
		char text[12];
		int status = -1;
		pid_t pid = fork();

		if (pid == 0) {
			snprintf(text, sizeof(text), "%d", n + 1);
			execl("/proc/self/exe", "engine-bench", "exit", text, NULL);
			_exit(127);
		}
		waitpid(pid, &status, 0);
		sum = mix(sum, status);
	}
	return sum;
}

enum { CODE_BYTES = 2 * 4096, PLACE = 256 };
static uint8_t *code;

static void map_code(void)
{
	code = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED || mprotect(code, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
		_exit(126);
}

typedef uint32_t (*function)(uint32_t);

/* Writes a function: mov eax, edi; add (sub, xor, and) eax, value; ret. */
static function write_function(int place, int kind, uint32_t value)
{
	static const uint8_t opcodes[4] = { 0x05, 0x2d, 0x35, 0x25 };
	uint8_t text[8] = { 0x89, 0xf8, opcodes[kind % 4], value, value >> 8, value >> 16, value >> 24, 0xc3 };
	uint8_t *to = code + place * PLACE % CODE_BYTES;

	memcpy(to, text, sizeof(text));
	__builtin___clear_cache((char *)to, (char *)to + sizeof(text));
	return (function)(uintptr_t)to;
}

/*
 * Functions written over others in two pages and called once; eight times also one that was called often enough for any
 * compiler to take it up, which takes little of the time.
 */
APART static uint64_t self_modifying(void)
{
	uint32_t x = 1, random = 1;

	for (int n = 0; n < REWRITTEN; n++) {
		function written;

		random = random * 1664525 + 1013904223;
		written = write_function(n, random >> 30, random | 0xffff);
		x = written(x) + n;
		if (n % (REWRITTEN / 8) == 0) {
			for (int i = 0; i < 5000; i++)
				x = written(x) * 3 + i;
			x = write_function(n, (random >> 30) + 1, ~random)(x);
		}
	}
	return x;
}

const struct item items[] = {
	{ "hot-block", HOT, hot_block, NULL },
	{ "four-blocks", FOUR, four_blocks, NULL },
	{ "call-return", CALLS, call_return, NULL },
	{ "indirect-call", INDIRECT, indirect_call, NULL },
	{ "memory-sequential", (uint64_t)SEQUENTIAL * WORDS, memory_sequential, fill_words },
	{ "pointer-chase", CHASED, pointer_chase, link_words },
	{ "dispersed-code", DISPERSED * FUNCTIONS, dispersed_code, NULL },
	{ "float-matrix", MATRICES * SIDE * SIDE * SIDE, float_matrix, fill_matrices },
	{ "string-instructions", STRINGS * STRING_ELEMENTS, string_instructions, NULL },
	{ "system-call", SYSTEM_CALLS, system_call, NULL },
	{ "fork-exec", PROCESSES, fork_exec, NULL },
	{ "self-modifying", REWRITTEN, self_modifying, map_code },
	{ 0 },
};
