/* Code that is written while it runs: every way in which a translation may get stale. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "mix.h"

#define CODE 0x30000000
#define WRITABLE 0x31000000
#define RUNNABLE 0x32000000
#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)

static u64 call(const u8 *code, u64 a)
{
	u64 d = a;

	asm volatile("call *%2" : "+a"(a), "+d"(d) : "r"(code) : "rcx", "cc", "memory");
	return a + d;
}

/* movl $value, %eax; addl %edx, %eax; ret */
static u8 *put_function(u8 *at, u32 value)
{
	static const u8 code[] = { 0xb8, 0, 0, 0, 0, 0x01, 0xd0, 0xc3 };

	memcpy(at, code, sizeof(code));
	memcpy(at + 1, &value, 4);
	return at + sizeof(code);
}

/* An immediate is rewritten, by stores of all sizes, between some calls and many. */
void run_modified(struct digest *digest, unsigned rounds, const struct group *group)
{
	struct source source = { 0x1111 };
	u8 *code = map(CODE, PAGE, RWX);

	(void)group;
	put_function(code + 64, 0);
	for (unsigned round = 0; round < rounds * 6; round++) {
		u64 value = next(&source), count = 4;
		u8 *at = code + 65;

		switch (value >> 61) {
		case 0:
			*(volatile u8 *)(code + 66) = value;
			break;
		case 1:
			*(volatile u16 *)(code + 67) = value;
			break;
		case 2:
			asm volatile("rep stosb" : "+c"(count), "+D"(at) : "a"(value) : "memory");
			break;
		case 3:
			asm volatile("lock xaddl %k0, 65(%1)" : "+r"(value) : "r"(code) : "memory", "cc");
			break;
		case 4: /* the whole function, by 16 bytes */
			put_function(code + 128, value);
			asm volatile("movups 128(%0), %%xmm0; movups %%xmm0, 64(%0)" : : "r"(code) : "xmm0", "memory");
			break;
		default:
			*(volatile u32 *)(code + 65) = value;
			break;
		}
		for (unsigned n = below(&source, 3) ? 1 : below(&source, 80); n > 0; n--)
			mix(digest, call(code + 64, n));
	}
}

/* A function over a page boundary at each of its bytes; what is rewritten is on the one page or the other. */
void run_crossing(struct digest *digest, unsigned rounds, const struct group *group)
{
	struct source source = { 0x2222 };
	u8 *code = map(CODE, 2 * PAGE, RWX);

	(void)group;
	for (unsigned round = 0; round < rounds * 2; round++) {
		u8 *start = code + PAGE - round % 9;

		put_function(start, next(&source));
		for (unsigned n = 0; n < 50; n++) {
			if (n % 17 == 16)
				start[1 + below(&source, 4)] = next(&source);
			mix(digest, call(start, n));
		}
	}
}

/* Written through one mapping, or by the kernel, and run through another. */
void run_aliased(struct digest *digest, unsigned rounds, const struct group *group)
{
	struct source source = { 0x3333 };
	int file = frames(2 * PAGE), pipes[2];
	u8 *writable = view(WRITABLE, 2 * PAGE, PROT_READ | PROT_WRITE, file, 0);
	u8 *runnable = view(RUNNABLE, 2 * PAGE, PROT_READ | PROT_EXEC, file, 0);

	(void)group;
	if (pipe(pipes) != 0)
		fail("pipe");
	for (unsigned round = 0; round < rounds * 2; round++) {
		u32 value = next(&source), offset = round % 3 ? 256 : PAGE - round % 8;
		unsigned calls = below(&source, 60);

		put_function(writable + offset, value);
		for (unsigned n = 0; n < calls; n++)
			mix(digest, call(runnable + offset, n));
		value = ~value;
		if (round & 1)
			memcpy(writable + offset + 1, &value, 4);
		else if (write(pipes[1], &value, 4) != 4 || read(pipes[0], writable + offset + 1, 4) != 4)
			fail("pipe");
		mix(digest, call(runnable + offset, round));
		/* As a fence for processors that fetch ahead: a system call ends in one. */
		mix(digest, pwrite(file, &round, 4, offset + 1));
		mix(digest, call(runnable + offset, round));
	}
	close(pipes[0]);
	close(pipes[1]);
	close(file);
}

/* The same address, other frames; a frame that is no longer to be run, and is again. */
void run_remapped(struct digest *digest, unsigned rounds, const struct group *group)
{
	enum { FRAMES = 8 };
	struct source source = { 0x4444 };
	int file = frames(FRAMES * PAGE);
	u8 *writable = view(WRITABLE, FRAMES * PAGE, PROT_READ | PROT_WRITE, file, 0);

	(void)group;
	for (unsigned n = 0; n < FRAMES; n++)
		put_function(writable + n * PAGE + 32, next(&source));
	for (unsigned round = 0; round < rounds * 2; round++) {
		unsigned frame = below(&source, FRAMES);
		u8 *code = view(RUNNABLE, PAGE, PROT_READ | PROT_EXEC, file, frame * PAGE);

		for (unsigned n = 0; n < 40; n++)
			mix(digest, call(code + 32, n));
		if (round % 4 == 0) {
			mprotect(code, PAGE, PROT_READ);
			*(u32 *)(writable + frame * PAGE + 33) += round;
			mprotect(code, PAGE, PROT_READ | PROT_EXEC);
			mix(digest, call(code + 32, round));
		}
	}
	close(file);
}

/* Code that writes what it is about to run, in the same block and around a loop. */
void run_ahead(struct digest *digest, unsigned rounds, const struct group *group)
{
	static const u8 next_insn[] = {
		0x89, 0x05, 1, 0, 0, 0, /* movl %eax, 1(%rip): the next one's immediate */
		0xb9, 0, 0, 0, 0, /* movl $0, %ecx */
		0x01, 0xc8, /* addl %ecx, %eax */
		0x83, 0xc2, 7, /* addl $7, %edx */
		0xc3,
	};
	static const u8 loop[] = {
		0xb9, 40, 0, 0, 0, /* movl $40, %ecx */
		0x89, 0x15, 1, 0, 0, 0, /* 1: movl %edx, 1(%rip) */
		0x05, 0, 0, 0, 0, /* addl $0, %eax */
		0x81, 0xc2, 0x67, 0x45, 0x23, 0x01, /* addl $0x1234567, %edx */
		0xff, 0xc9, /* decl %ecx */
		0x75, 0xeb, /* jnz 1b */
		0xc3,
	};
	static const u8 behind[] = {
		0xb9, 40, 0, 0, 0, /* movl $40, %ecx */
		0x05, 0, 0, 0, 0, /* 1: addl $0, %eax */
		0x01, 0x15, 0xf6, 0xff, 0xff, 0xff, /* addl %edx, -10(%rip) */
		0x81, 0xc2, 0x67, 0x45, 0x23, 0x01, /* addl $0x1234567, %edx */
		0xff, 0xc9, /* decl %ecx */
		0x75, 0xeb, /* jnz 1b */
		0xc3,
	};
	struct source source = { 0x5555 };
	u8 *code = map(CODE, 2 * PAGE, RWX);

	(void)group;
	for (unsigned round = 0; round < rounds; round++) {
		u8 *start = code + (round & 1 ? 512 : PAGE - round % 30);

		memcpy(start, next_insn, sizeof(next_insn));
		for (unsigned n = 0; n < 8; n++)
			mix(digest, call(start, next(&source)));
		memcpy(start, loop, sizeof(loop));
		mix(digest, call(start, next(&source)));
		memcpy(start, behind, sizeof(behind));
		mix(digest, call(start, next(&source)));
	}
}
