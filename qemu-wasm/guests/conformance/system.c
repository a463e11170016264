/* Groups that the kernel takes part in: address spaces that alternate, signals at any instruction. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "mix.h"

#define CODE 0x50000000
#define SHARED 0x51000000

static u64 call(const u8 *code, u64 a)
{
	asm volatile("call *%1" : "+a"(a) : "r"(code) : "cc", "memory");
	return a;
}

/* One of several processes that take turns; its code is at the same address as the others', and different. */
static void take_turns(unsigned self, unsigned count, int pipes[][2], unsigned turns, struct digest *digest)
{
	/* imulq $x, %rax, %rax; incq %rax; ret */
	static const u8 code[] = { 0x48, 0x69, 0xc0, 0, 0, 0, 0, 0x48, 0xff, 0xc0, 0xc3 };
	u8 *place = map(CODE, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	u64 value = self;

	memcpy(place, code, sizeof(code));
	*(volatile u32 *)(place + 3) = 0x1001 + self * 0x11110;
	for (unsigned turn = 0; turn < turns; turn++) {
		u8 token = 0;

		if (read(pipes[self][0], &token, 1) != 1)
			fail("read");
		for (unsigned n = 0; n < 20; n++)
			value = call(place, value);
		mix(digest, value);
		if (write(pipes[(self + 1) % count][1], &token, 1) != 1)
			fail("write");
	}
}

void run_processes(struct digest *digest, unsigned rounds, const struct group *group)
{
	enum { PROCESSES = 3 };
	struct digest *digests = view(SHARED, PAGE, PROT_READ | PROT_WRITE, frames(PAGE), 0);
	int pipes[PROCESSES][2];

	(void)group;
	memset(digests, 0, PROCESSES * sizeof(*digests));
	for (unsigned n = 0; n < PROCESSES; n++) {
		if (pipe(pipes[n]) != 0)
			fail("pipe");
	}
	for (unsigned n = 0; n < PROCESSES; n++) {
		if (fork() == 0) {
			take_turns(n, PROCESSES, pipes, rounds, &digests[n]);
			_exit(0);
		}
	}
	if (write(pipes[0][1], "", 1) != 1)
		fail("write");
	for (unsigned n = 0; n < PROCESSES; n++)
		wait(NULL);
	for (unsigned n = 0; n < PROCESSES; n++)
		mix(digest, final(&digests[n]));
}

static volatile unsigned ticks;

static void tick(int number)
{
	double x[2] = { number, ticks };

	/* Leaves nothing as it was, but what the kernel saved. */
	asm volatile("std; cmpl $1, %%eax; cld; movups %0, %%xmm0; movups %0, %%xmm1; mulpd %%xmm0, %%xmm1\n"
		     "fldpi; fsqrt; fstp %%st" : : "m"(x) : "xmm0", "xmm1", "st", "cc", "memory");
	ticks++;
}

/* The bytecode and the compiled programs again, interrupted a thousand times a second: of no influence. */
void run_interrupted(struct digest *digest, unsigned rounds, const struct group *group)
{
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = { 0 };
	struct sigaction action = { .sa_handler = tick, .sa_flags = SA_RESTART };
	struct digest first = { 0 };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (ticks = 0; ticks < 50;) {
		struct digest part = { 0 };

		run_bytecode(&part, rounds, group);
		run_compiled(&part, rounds, group);
		if (first.sum == 0)
			first = part;
		else if (part.sum != first.sum)
			mix(digest, part.sum);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	mix(digest, first.sum);
}
