/* What engine.c times: each item is one habit of programs, and begins anew whenever it is called. */
#include "items.h"

#include <emmintrin.h>
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
	PACKED_MATRICES = 20,
	X87_MATRICES = 8,
	VECTORS = 4000,
	STRINGS = 2000,
	SYSTEM_CALLS = 120000,
	PROCESSES = 12,
	REWRITTEN = 8000,
};

/* What the machine computes with: 32 or 64 bits. */
typedef uintptr_t word;

/* Memory for sequential reads and writes, and for the chase. */
enum { WORDS = (8 << 20) / sizeof(word) };
static word words[WORDS];

static uint64_t mix(uint64_t sum, uint64_t value)
{
	return (sum ^ value) * 0x9e3779b97f4a7c15u;
}

/* A loop that is one basic block. */
APART static uint64_t hot_block(void)
{
	word a = 1, b = 2, n = HOT;

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
	word a = 1, b = 0, n = FOUR;

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

APART static word leaf(word x)
{
	return x * 3 + 1;
}

APART static uint64_t call_return(void)
{
	word a = 1;

	for (word n = CALLS; n; n--)
		a = leaf(a + n);
	return a;
}

APART static word target_add(word x)
{
	return x + 11;
}

APART static word target_xor(word x)
{
	return x ^ 5;
}

APART static word target_multiply(word x)
{
	return x * 7;
}

APART static word target_shift(word x)
{
	return x ^ x >> 9;
}

static word (*volatile targets[4])(word) = { target_add, target_xor, target_multiply, target_shift };

/* Calls by pointers that a generator of pseudo-random numbers chooses. */
APART static uint64_t indirect_call(void)
{
	word a = 1;
	uint64_t random = 1;

	for (int n = 0; n < INDIRECT; n++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		a = targets[random >> 62](a);
	}
	return a;
}

static void fill_words(void)
{
	for (word i = 0; i < WORDS; i++)
		words[i] = i * (word)0x9e3779b97f4a7c15u;
}

APART static uint64_t memory_sequential(void)
{
	word sum = 0;

	for (int pass = 0; pass < SEQUENTIAL; pass++) {
		for (int i = 0; i < WORDS; i++) {
			sum = sum * 3 + words[i];
			words[i] ^= ~(word)0 / 3;
		}
	}
	return sum;
}

/* Each word becomes the address of another: one cycle through all (a full-period linear congruential generator). */
static void link_words(void)
{
	for (word i = 0; i < WORDS; i++)
		words[i] = (word)&words[(i * 1664525 + 1013904223) % WORDS];
}

APART static uint64_t pointer_chase(void)
{
	word *at = words;

	for (int n = 0; n < CHASED; n++)
		at = (word *)*at;
	return at - words;
}

/* 2000 functions, f100 to f2099. */
#define FUNCTION(n)                                     \
	APART static word f##n(word x)                  \
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
	word x = 1;

	for (int n = 0; n < DISPERSED; n++) {
		ALL(CALL)
	}
	return x;
}

enum { SIDE = 64 };
/* Floating point by SSE2, or by the x87: as compilers for 64 and for 32 bits have it. */
#define SSE __attribute__((target("sse2,fpmath=sse")))
#define X87 __attribute__((target("fpmath=387")))
#define ALIGNED __attribute__((aligned(16)))
static double left[SIDE][SIDE], right[SIDE][SIDE] ALIGNED, product[SIDE][SIDE] ALIGNED;

static void fill_matrices(void)
{
	for (int i = 0; i < SIDE; i++) {
		for (int j = 0; j < SIDE; j++) {
			left[i][j] = (i * SIDE + j + 1) / 7.0;
			right[i][j] = 1.0 / (i + 2 * j + 1) - 0.01;
		}
	}
}

#define MULTIPLY                                                  \
	for (int i = 0; i < SIDE; i++) {                          \
		for (int j = 0; j < SIDE; j++) {                  \
			double sum = 0;                           \
                                                                  \
			for (int k = 0; k < SIDE; k++)            \
				sum += left[i][k] * right[k][j];  \
			product[i][j] = sum;                      \
		}                                                 \
	}

APART SSE static void multiply_sse(void)
{
	MULTIPLY
}

APART X87 static void multiply_x87(void)
{
	MULTIPLY
}

static uint64_t mix_product(uint64_t sum)
{
	uint64_t bits;

	for (int i = 0; i < SIDE; i++) {
		for (int j = 0; j < SIDE; j++) {
			memcpy(&bits, &product[i][j], sizeof(bits));
			sum = mix(sum, bits);
		}
	}
	return sum;
}

APART static uint64_t float_matrix(void)
{
	uint64_t sum = 0;

	for (int n = 0; n < MATRICES; n++) {
		multiply_sse();
		sum = mix_product(sum);
	}
	return sum;
}

APART static uint64_t x87_matrix(void)
{
	uint64_t sum = 0;

	for (int n = 0; n < X87_MATRICES; n++) {
		multiply_x87();
		sum = mix_product(sum);
	}
	return sum;
}

/* As compilers vectorize it: two numbers at a time. */
APART __attribute__((target("sse2"))) static uint64_t packed_matrix(void)
{
	uint64_t sum = 0;

	for (int n = 0; n < PACKED_MATRICES; n++) {
		memset(product, 0, sizeof(product));
		for (int i = 0; i < SIDE; i++) {
			for (int k = 0; k < SIDE; k++) {
				__m128d factor = _mm_set1_pd(left[i][k]);

				for (int j = 0; j < SIDE; j += 2) {
					__m128d terms = _mm_mul_pd(factor, _mm_load_pd(&right[k][j]));

					_mm_store_pd(&product[i][j], _mm_add_pd(_mm_load_pd(&product[i][j]), terms));
				}
			}
		}
		sum = mix_product(sum);
	}
	return sum;
}

/* Sixteen bytes at a time, as libraries search, compare and convert. */
enum { TEXT = 4096 };
static uint8_t text[TEXT];

static void fill_text(void)
{
	for (int i = 0; i < TEXT; i++)
		text[i] = i * i >> 3;
}

APART __attribute__((target("sse2"))) static uint64_t vectors(void)
{
	uint64_t found = 0;

	fill_text();
	for (int n = 0; n < VECTORS; n++) {
		__m128i byte = _mm_set1_epi8(n), sum = _mm_setzero_si128();

		for (int i = 0; i < TEXT; i += 16) {
			__m128i bytes = _mm_loadu_si128((__m128i *)(text + i));

			found += _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, byte));
			sum = _mm_add_epi16(sum, _mm_srli_epi16(bytes, 3));
			_mm_storeu_si128((__m128i *)(text + i), _mm_xor_si128(_mm_adds_epu8(bytes, byte), sum));
		}
		found = mix(found, _mm_cvtsi128_si32(sum));
	}
	return found;
}

/* The machine's own word. */
#ifdef __x86_64__
#define STORE "rep stosq"
#define MOVE "rep movsq"
#else
#define STORE "rep stosl"
#define MOVE "rep movsl"
#endif

static void string_fill(void *to, word value, size_t count)
{
	asm volatile(STORE : "+D"(to), "+c"(count) : "a"(value) : "memory");
}

static void string_copy_bytes(void *to, const void *from, size_t count)
{
	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static void string_copy_words(void *to, const void *from, size_t count)
{
	asm volatile(MOVE : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

enum { STRING_BYTES = 4096, STRING_WORDS = 8192 / sizeof(word), STRING_ELEMENTS = 2 * STRING_BYTES + 2 * STRING_WORDS };

/* Fills and copies of 4 and 8 KB, at places that wander over page boundaries. */
APART static uint64_t string_instructions(void)
{
	static uint8_t area[8 * 4096];
	uint64_t sum = 0, value;

	for (int n = 0; n < STRINGS; n++) {
		uint8_t *low = area + n * 37 % 4096, *high = area + 4 * 4096 + n * 53 % 4096;

		string_fill(low, 0x0123456789abcdefu * (n + 1), STRING_WORDS);
		string_copy_bytes(high + 1, low + 3, STRING_BYTES);
		string_copy_bytes(low + 5, high + 2, STRING_BYTES);
		string_copy_words(high, low + 4, STRING_WORDS);
		for (int i = 0; i < 8192; i += 1016) {
			memcpy(&value, high + i, sizeof(value));
			sum = mix(sum, value);
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

/* Takes the argument: mov eax, edi; or mov eax, [esp + 4]. */
#ifdef __x86_64__
#define ARGUMENT 0x89, 0xf8
#else
#define ARGUMENT 0x8b, 0x44, 0x24, 0x04
#endif

/* Writes a function: takes the argument; add (sub, xor, and) eax, value; ret. */
static function write_function(int place, int kind, uint32_t value)
{
	static const uint8_t opcodes[4] = { 0x05, 0x2d, 0x35, 0x25 };
	uint8_t text[] = { ARGUMENT, opcodes[kind % 4], value, value >> 8, value >> 16, value >> 24, 0xc3 };
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
	{ "packed-matrix", PACKED_MATRICES * SIDE * SIDE * SIDE / 2, packed_matrix, fill_matrices },
	{ "x87-matrix", X87_MATRICES * SIDE * SIDE * SIDE, x87_matrix, fill_matrices },
	{ "vectors", (uint64_t)VECTORS * TEXT / 16, vectors, NULL },
	{ "string-instructions", STRINGS * STRING_ELEMENTS, string_instructions, NULL },
	{ "system-call", SYSTEM_CALLS, system_call, NULL },
	{ "fork-exec", PROCESSES, fork_exec, NULL },
	{ "self-modifying", REWRITTEN, self_modifying, map_code },
	{ 0 },
};
