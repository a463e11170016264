/* Faults in the middle of hot code: whoever catches one sees exact registers, and the code goes on. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include "mix.h"

#define REGION 0x40000000
#define PAGES 8
#define SIGNAL_STACK 0x41000000

static struct digest *current;
static unsigned caught;

static int skipped;

static void handle(int number, siginfo_t *info, void *context)
{
	static const u8 mixed[] = { REG_RIP, REG_RSP, REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI, REG_RDI,
				    REG_R8, REG_R9, REG_R10 };
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	caught++;
	mix(current, number);
	for (unsigned n = 0; n < COUNT(mixed); n++)
		mix(current, registers[mixed[n]]);
	mix(current, registers[REG_EFL] & ALL);
	if (number == SIGSEGV) {
		u64 page = (u64)info->si_addr & -PAGE;

		mix(current, (u64)info->si_addr);
		if (skipped == OPEN_PAGE) {
			/* What a store over two pages had of the first must not be there yet. */
			if (page > REGION)
				mix(current, *(u64 *)(page - 8));
			mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
			return;
		}
	}
	registers[REG_RIP] += skipped;
	registers[REG_RAX] += 3;
}

void catch_faults(struct digest *digest, int skip)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	stack_t stack = { .ss_size = 1 << 16 };

	current = digest;
	caught = 0;
	skipped = skip;
	stack.ss_sp = map(SIGNAL_STACK, stack.ss_size, PROT_READ | PROT_WRITE);
	sigaltstack(&stack, NULL);
	for (unsigned n = 0; n < COUNT(signals); n++)
		sigaction(signals[n], &action, NULL);
}

/*
 * Walks from rdi to rsi by 64 bytes, each step with live flags and registers around its access. What is left in registers is
 * known; r11 keeps the stack.
 */
#define WALK(name, access) \
	static u64 name(u64 from, u64 to, u64 seed) \
	{ \
		u64 a = seed, b = 1, c = ~seed; \
		register u64 r8 asm("r8") = 0; \
		register u64 r9 asm("r9") = 5; \
		register u64 r10 asm("r10") = 0; \
		asm volatile("movq %%rsp, %%r11\n" \
			     "1: addq %%rdx, %%rax; leaq (%%rax, %%rcx, 4), %%r9; " access "\n" \
			     "adcq %%r8, %%rcx; rolq $7, %%rdx; xorq %%rcx, %%rdx; sbbb %%dl, %%bl; leaq 64(%%rdi), %%rdi\n" \
			     "cmpq %%rsi, %%rdi; jb 1b; movq %%r11, %%rsp" \
			     : "+a"(a), "+b"(b), "+c"(c), "+d"(seed), "+D"(from), "+r"(r8), "+r"(r9), "+r"(r10) \
			     : "S"(to) : "r11", "cc", "memory", "st", "xmm0"); \
		return a ^ b ^ c ^ seed ^ r8 ^ r9; \
	}

WALK(walk_load, "movq (%%rdi), %%r8")
WALK(walk_store, "movq %%rax, 8(%%rdi)")
WALK(walk_add, "adcq %%rax, 16(%%rdi)")
WALK(walk_byte, "movzbl 1(%%rdi), %%r8d; movb %%cl, 2(%%rdi)")
WALK(walk_exchange, "movq %%rax, %%r8; xchgq %%r8, 24(%%rdi)")
WALK(walk_locked, "movq %%rcx, %%r8; lock xaddq %%r8, 32(%%rdi)")
WALK(walk_vector, "movups 3(%%rdi), %%xmm0; movups %%xmm0, 40(%%rdi); movq %%xmm0, %%r8")
WALK(walk_x87, "fldt 6(%%rdi); fstpl 16(%%rdi)")
WALK(walk_push, "leaq 24(%%rdi), %%rsp; pushq %%rax; pushq %%rcx; popq %%r8; movq %%r11, %%rsp")
WALK(walk_test, "btsl $5, 12(%%rdi)")
WALK(walk_crossing, "movq %%rax, -4(%%rdi)")
WALK(walk_crossing_vector, "movq %%rax, %%xmm0; movups %%xmm0, -13(%%rdi)")
WALK(walk_crossing_load, "movq -1(%%rdi), %%r8")
WALK(walk_crossing_add, "adcl %%eax, -2(%%rdi)")

typedef u64 walk(u64 from, u64 to, u64 seed);

static void run_walks(struct digest *digest, unsigned rounds, walk *const *walks, unsigned count)
{
	struct source source = { 0x60606060 };
	u64 *region = map(REGION, PAGES * PAGE, PROT_READ | PROT_WRITE);

	catch_faults(digest, OPEN_PAGE);
	for (unsigned round = 0; round < rounds; round += 16) {
		for (unsigned n = 0; n < count; n++) {
			for (unsigned k = 0; k < 3; k++)
				mprotect((u8 *)region + (1 + below(&source, PAGES - 1)) * PAGE, PAGE,
					 next(&source) >> 63 ? PROT_NONE : PROT_READ);
			mix(digest, walks[n](REGION + 64, REGION + PAGES * PAGE - 64, next(&source)));
			mprotect(region, PAGES * PAGE, PROT_READ | PROT_WRITE);
		}
	}
	mix(digest, caught);
	for (unsigned n = 0; n < PAGES * PAGE / 8; n++)
		mix(digest, region[n]);
}

void run_load_faults(struct digest *digest, unsigned rounds, const struct group *group)
{
	static walk *const walks[] = { walk_load, walk_crossing_load };

	(void)group;
	run_walks(digest, rounds * 4, walks, COUNT(walks));
}

void run_store_faults(struct digest *digest, unsigned rounds, const struct group *group)
{
	static walk *const walks[] = {
		walk_store, walk_add, walk_byte, walk_exchange, walk_locked, walk_vector, walk_x87, walk_push, walk_test,
	};

	(void)group;
	run_walks(digest, rounds, walks, COUNT(walks));
}

void run_crossing_faults(struct digest *digest, unsigned rounds, const struct group *group)
{
	static walk *const walks[] = { walk_crossing, walk_crossing_add };

	(void)group;
	run_walks(digest, rounds, walks, COUNT(walks));
}

void run_vector_faults(struct digest *digest, unsigned rounds, const struct group *group)
{
	static walk *const walks[] = { walk_crossing_vector };

	(void)group;
	run_walks(digest, rounds, walks, COUNT(walks));
}

#define REPEATED(name, insn) \
	static void name(u64 *a, u64 *c, u64 *si, u64 *di) \
	{ \
		asm volatile("cmpb $1, %%al; " insn "; cld" : "+a"(*a), "+c"(*c), "+S"(*si), "+D"(*di) \
			     : : "cc", "memory"); \
	}

REPEATED(repeat_movsb, "rep movsb")
REPEATED(repeat_movsq, "rep movsq")
REPEATED(repeat_stosb, "rep stosb")
REPEATED(repeat_stosl, "rep stosl")
REPEATED(repeat_lodsb, "rep lodsb")
REPEATED(repeat_scasb, "repne scasb")
REPEATED(repeat_cmpsb, "repe cmpsb")

static void (*const repeated[])(u64 *, u64 *, u64 *, u64 *) = {
	repeat_movsb, repeat_movsq, repeat_stosb, repeat_stosl, repeat_lodsb, repeat_scasb, repeat_cmpsb,
};

/* QEMU shows the flags of the comparisons that were made; a processor, those from before the instruction. */
void run_string_faults(struct digest *digest, unsigned rounds, const struct group *group)
{
	struct source source = { 0x70707070 };
	u64 *region = map(REGION, PAGES * PAGE, PROT_READ | PROT_WRITE);

	(void)group;
	catch_faults(digest, OPEN_PAGE);
	for (unsigned round = 0; round < rounds; round += 4) {
		for (unsigned n = 0; n < COUNT(repeated); n++) {
			u64 a = next(&source) | 0xff, c = 300 + below(&source, 100), si, di;

			si = REGION + PAGE - 8 - below(&source, 256);
			di = REGION + 3 * PAGE - 8 - below(&source, 256);
			mprotect((u8 *)region + PAGE, PAGE, PROT_NONE);
			mprotect((u8 *)region + 3 * PAGE, PAGE, round & 4 ? PROT_NONE : PROT_READ);
			repeated[n](&a, &c, &si, &di);
			mix(digest, a);
			mix(digest, c);
			mix(digest, si);
			mix(digest, di);
			mprotect(region, PAGES * PAGE, PROT_READ | PROT_WRITE);
			region[below(&source, PAGE)] = next(&source);
		}
	}
	mix(digest, caught);
	for (unsigned n = 0; n < PAGES * PAGE / 8; n++)
		mix(digest, region[n]);
}

/* Divisions of which some fault: by zero, or with too great a quotient. All are two bytes long. */
#define DIVISIONS(name, insn) \
	static u64 name(const u64 *numbers, u64 count, u64 seed) \
	{ \
		u64 a = seed, b = 0, c; \
		register u64 r8 asm("r8") = 0; \
		register u64 r9 asm("r9") = 0; \
		register u64 r10 asm("r10") = count; \
		asm volatile("1: movl (%%rsi), %%ecx; movl 4(%%rsi), %%edx; leaq (%%rax, %%rdx), %%r8\n" \
			     "cmpq %%rax, %%rcx; " insn "\n" \
			     "xorl %%edx, %%eax; leaq (%%rbx, %%rax, 2), %%rbx; leaq 8(%%rsi), %%rsi; decq %%r10; jnz 1b" \
			     : "+a"(a), "+b"(b), "=c"(c), "+d"(seed), "+S"(numbers), "+r"(r8), "+r"(r9), "+r"(r10) \
			     : "D"(0) : "cc", "memory"); \
		return a ^ b; \
	}

DIVISIONS(divide_8, "divb %%cl")
DIVISIONS(divide_32, "divl %%ecx")
DIVISIONS(divide_signed_8, "idivb %%cl")
DIVISIONS(divide_signed_32, "idivl %%ecx")

void run_divide_errors(struct digest *digest, unsigned rounds, const struct group *group)
{
	static u64 (*const divisions[])(const u64 *, u64, u64) = { divide_8, divide_32, divide_signed_8, divide_signed_32 };
	struct source source = { 0x80808080 };
	static u64 numbers[256];

	(void)group;
	catch_faults(digest, 2);
	for (unsigned round = 0; round < rounds; round += 32) {
		for (unsigned n = 0; n < COUNT(numbers); n++) {
			u64 divisor = next(&source) % 31 ? 0x7f7f7f7f : operand(&source);

			numbers[n] = (u32)divisor | below(&source, 0x1000000) << 32;
		}
		for (unsigned n = 0; n < COUNT(divisions); n++)
			mix(digest, divisions[n](numbers, COUNT(numbers), next(&source)));
	}
	mix(digest, caught);
}
