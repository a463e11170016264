/* Jumps: computed ones by the thousand, across pages, and what gcc makes of ordinary programs. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "mix.h"

#define CODE 0x23000000

void run_bytecode(struct digest *digest, unsigned rounds, const struct group *group)
{
	static const void *const ops[] = {
		&&add, &&sub, &&mul, &&shift, &&swap, &&skip, &&back, &&load, &&store, &&test, &&rot, &&less, &&not, &&high,
		&&low, &&end,
	};
	struct source source = { 0x9999 };
	u8 program[256];
	u64 memory[16] = { 0 };

	(void)group;
	for (unsigned round = 0; round < rounds; round++) {
		u64 a = next(&source), b = next(&source), budget = 400;
		u8 at = 0;

		for (unsigned n = 0; n < sizeof(program); n++)
			program[n] = next(&source) >> 40;
#define NEXT \
		do { \
			if (--budget == 0) \
				goto end; \
			goto *ops[program[at++] & 15]; \
		} while (0)
		NEXT;
	add:	a += b; NEXT;
	sub:	a -= b << 1; NEXT;
	mul:	a *= b | 1; NEXT;
	shift:	a >>= b & 63; NEXT;
	swap:	a ^= b, b ^= a, a ^= b; NEXT;
	skip:	at += program[at] >> 5; NEXT;
	back:	if (a & 3) at -= program[at] & 7; NEXT;
	load:	a ^= memory[program[at++] & 15]; NEXT;
	store:	memory[program[at++] & 15] += a; NEXT;
	test:	if ((s64)a < (s64)b) at++; NEXT;
	rot:	a = a << 13 | a >> 51; NEXT;
	less:	b = a < b ? b - a : a + 7; NEXT;
	not:	a = ~a; NEXT;
	high:	a = (u32)(a >> 32) * (u64)(u32)b; NEXT;
	low:	b = (s64)(int32_t)a; NEXT;
	end:
		mix(digest, a);
		mix(digest, b);
		mix(digest, at);
		for (unsigned n = 0; n < 16; n++)
			mix(digest, memory[n]);
	}
}

#define TARGET(n) \
	static __attribute__((noinline)) u64 target##n(u64 value) \
	{ \
		return (value ^ n * 0x1111111111111111) * (2 * n + 3) + (value >> (n + 1)); \
	}
TARGET(0) TARGET(1) TARGET(2) TARGET(3) TARGET(4) TARGET(5) TARGET(6) TARGET(7)

void run_indirect(struct digest *digest, unsigned rounds, const struct group *group)
{
	static u64 (*volatile const targets[])(u64) = {
		target0, target1, target2, target3, target4, target5, target6, target7,
	};
	struct source source = { 0xabcd };
	u64 value = 1;

	(void)group;
	for (unsigned round = 0; round < rounds * 40; round++) {
		value = targets[next(&source) >> 61](value);
		value += targets[value >> 61](value);
	}
	mix(digest, value);
}

/*
 * A chain of jumps over 16 pages, in an order that is not that of their addresses. Each link adds a constant and jumps on to the
 * next: near or conditionally, its first bytes before a page's end and its last after it.
 */
void run_page_jumps(struct digest *digest, unsigned rounds, const struct group *group)
{
	enum { PAGES = 16, LINK = 12 };
	struct source source = { 0xfeed };
	u8 *code = map(CODE, PAGES * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	u8 places[PAGES];

	(void)group;
	for (unsigned round = 0; round < rounds; round += 32) {
		unsigned links = 0;
		u8 *at, *entry = NULL;
		u8 *jumps[PAGES];

		for (unsigned n = 0; n < PAGES - 1; n++)
			places[n] = n;
		for (unsigned n = PAGES - 2; n > 0; n--) {
			unsigned k = below(&source, n + 1);
			u8 swap = places[n];

			places[n] = places[k], places[k] = swap;
		}
		for (unsigned n = 0; n < PAGES - 1; n++) {
			at = code + (places[n] + 1) * PAGE - LINK + below(&source, LINK + 1);
			if (links)
				memcpy(jumps[links - 1], &(int){ at - jumps[links - 1] - 4 }, 4);
			else
				entry = at;
			*at++ = 0x48, *at++ = 0x05; /* addq $imm32, %rax */
			memcpy(at, &(u32){ next(&source) }, 4);
			at += 4;
			if (next(&source) >> 63)
				*at++ = 0xe9; /* jmp */
			else
				*at++ = 0x0f, *at++ = 0x85; /* jne */
			jumps[links++] = at;
			at += 4;
			*at++ = 0xc3; /* ret, for the jne's other side */
		}
		at = code + (PAGES - 1) * PAGE + 512;
		memcpy(jumps[links - 1], &(int){ at - jumps[links - 1] - 4 }, 4);
		*at = 0xc3;
		for (unsigned n = 0; n < 100; n++) {
			u64 value = n;

			asm volatile("call *%1" : "+a"(value) : "r"(entry) : "cc", "memory");
			mix(digest, value);
		}
	}
}

static int compare(const void *x, const void *y)
{
	u64 a = *(const u64 *)x, b = *(const u64 *)y;

	return a < b ? -1 : a > b;
}

static double polynomial(const double *factors, unsigned count, double x)
{
	double value = 0;

	while (count--)
		value = value * x + factors[count];
	return value;
}

/* What gcc makes of sorting, of a matrix in floating point, of long double, of 128 bits, of bytes and strings. */
void run_compiled(struct digest *digest, unsigned rounds, const struct group *group)
{
	static u64 numbers[200];
	static double matrix[3][12][12];
	static float singles[64];
	static char text[512];
	struct source source = { 0xc0ffee };

	(void)group;
	for (unsigned round = 0; round < rounds; round += 8) {
		unsigned __int128 product = 1;
		long double series = 0;
		double total = 0;
		u32 crc = -1;

		for (unsigned n = 0; n < COUNT(numbers); n++)
			numbers[n] = operand(&source);
		qsort(numbers, COUNT(numbers), sizeof(*numbers), compare);
		for (unsigned n = 0; n < COUNT(numbers); n++) {
			mix(digest, numbers[n]);
			product = product * (numbers[n] | 1) + n;
			series += 1 / (1 + (long double)(numbers[n] >> 40));
			crc ^= numbers[n];
			for (unsigned k = 0; k < 8; k++)
				crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
			text[n] = 'a' + numbers[n] % 23;
			text[n + 1] = 0;
		}
		for (unsigned n = 0; n < 144; n++) {
			matrix[0][n / 12][n % 12] = (double)(s64)numbers[n] / 3;
			matrix[1][n / 12][n % 12] = 1 / (1.5 + (numbers[n] & 0xffff));
		}
		for (unsigned n = 0; n < 144; n++) {
			matrix[2][n / 12][n % 12] = 0;
			for (unsigned k = 0; k < 12; k++)
				matrix[2][n / 12][n % 12] += matrix[0][n / 12][k] * matrix[1][k][n % 12];
			total += __builtin_sqrt(matrix[2][n / 12][n % 12] * matrix[2][n / 12][n % 12] + 1);
			singles[n % 64] = (float)total * 0.5f + singles[(n * 7) % 64] / 3.0f;
		}
		total += polynomial(matrix[1][0], 12, 0.75);
		mix(digest, product >> 64);
		mix(digest, product);
		mix(digest, (u64)(series * 0x1p40L));
		mix(digest, crc);
		mix(digest, strlen(text) + strcspn(text, "k") * 7);
		memmove(text + 1 + round % 50, text, 200);
		for (unsigned n = 0; n < 64; n++) {
			u32 bits;

			memcpy(&bits, &singles[n], 4);
			mix(digest, bits);
			mix(digest, text[n * 4]);
		}
		memcpy(&numbers[0], &total, 8);
		mix(digest, numbers[0]);
	}
}
