/* Instructions that always trap, in loops that are hot; code on pages that can't be run; single steps. */
#include <string.h>
#include <sys/mman.h>
#include "mix.h"

#define CODE 0x42000000

/* Every other time through the loop it traps. The instruction is as long as what the handler skips. */
#define TRAP(name, insn) \
	static u64 name(u64 a, u64 times) \
	{ \
		u64 c = times, d = a, odd = 0; \
		asm volatile("xorl %%r8d, %%r8d; xorl %%r9d, %%r9d; xorl %%r10d, %%r10d\n" \
			     "1: xorl $1, %%esi; jz 2f; addl %%ecx, %%eax; " insn "; adcl %%eax, %%edx\n" \
			     "2: decl %%ecx; jnz 1b" \
			     : "+a"(a), "+c"(c), "+d"(d), "+S"(odd) : "b"(1ull << 63), "D"(0) \
			     : "cc", "memory", "r8", "r9", "r10", "xmm0"); \
		return a ^ d; \
	}

TRAP(trap_invalid, "ud2")
TRAP(trap_halt, "hlt; nop")
TRAP(trap_input, "inb %%dx, %%al; nop")
TRAP(trap_interrupt, "int $5")
TRAP(trap_disable, "cli; nop")
TRAP(trap_address, "movl (%%rbx), %%edx") /* not canonical: no page fault */
TRAP(trap_breakpoint, "int3")
TRAP(trap_unaligned_load, "movaps 1(%%rsp), %%xmm0")
TRAP(trap_unaligned_store, "movaps %%xmm0, 1(%%rsp)")

void run_traps(struct digest *digest, unsigned rounds, const struct group *group)
{
	static u64 (*const traps[])(u64, u64) = {
		trap_invalid, trap_halt, trap_input, trap_interrupt, trap_disable, trap_address,
	};

	(void)group;
	for (unsigned round = 0; round < rounds; round += 16) {
		catch_faults(digest, 2);
		for (unsigned n = 0; n < COUNT(traps); n++)
			mix(digest, traps[n](round * n, 20));
		catch_faults(digest, 0);
		mix(digest, trap_breakpoint(round, 20));
		catch_faults(digest, 5);
		mix(digest, trap_unaligned_load(round, 20));
		mix(digest, trap_unaligned_store(round, 20));
	}
}

/* A loop whose end is on the next page, which can't be run before it is opened. */
void run_fetch_faults(struct digest *digest, unsigned rounds, const struct group *group)
{
	static const u8 loop[] = {
		0x31, 0xc0, /* xorl %eax, %eax */
		0x31, 0xd2, /* xorl %edx, %edx */
		0x05, 0x78, 0x56, 0x34, 0x12, /* 1: addl $0x12345678, %eax */
		0x81, 0xd2, 0x01, 0x00, 0x00, 0x80, /* adcl $0x80000001, %edx */
		0xff, 0xc9, /* decl %ecx */
		0x75, 0xf1, /* jnz 1b */
		0xc3,
	};
	u8 *code = map(CODE, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);

	(void)group;
	catch_faults(digest, OPEN_PAGE);
	for (unsigned round = 0; round < rounds; round += 2) {
		u8 *start = code + PAGE - round / 2 % 21;

		memcpy(start, loop, sizeof(loop));
		mprotect(code + PAGE, PAGE, PROT_READ);
		for (unsigned n = 0; n < 3; n++) {
			u64 a, d, c = 40;

			asm volatile("xorl %%r8d, %%r8d; xorl %%r9d, %%r9d; xorl %%r10d, %%r10d; call *%%rbx"
				     : "=a"(a), "=d"(d), "+c"(c) : "b"(start), "S"(0), "D"(0)
				     : "cc", "memory", "r8", "r9", "r10");
			mix(digest, a);
			mix(digest, d);
			mprotect(code + PAGE, PAGE, n ? PROT_NONE : PROT_READ | PROT_EXEC);
		}
		mprotect(code, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	}
}

static u64 stepped(u64 a, u64 flags)
{
	u64 c = 5, d = a;

	asm volatile("xorl %%r8d, %%r8d; xorl %%r9d, %%r9d; xorl %%r10d, %%r10d\n"
		     "pushfq; orq %%rbx, (%%rsp); popfq\n"
		     "1: addl %%ecx, %%eax; adcl %%eax, %%edx; imull $3, %%eax; cmpl %%edx, %%eax; jb 2f\n"
		     "incl %%edx; pushq %%rax; popq %%r8\n"
		     "2: call 3f; decl %%ecx; jnz 1b; jmp 4f\n"
		     "3: roll $3, %%edx; cmpl %%eax, %%edx; ret\n"
		     "4: pushfq; andq $~0x100, (%%rsp); popfq"
		     : "+a"(a), "+c"(c), "+d"(d) : "b"(flags), "S"(0), "D"(0) : "cc", "memory", "r8", "r9", "r10");
	return a ^ d;
}

/* Under the trap flag, between runs without it. */
void run_steps(struct digest *digest, unsigned rounds, const struct group *group)
{
	(void)group;
	catch_faults(digest, 0);
	for (unsigned round = 0; round < rounds; round += 8) {
		for (unsigned n = 0; n < 40; n++)
			mix(digest, stepped(round + n, 0));
		mix(digest, stepped(round, 0x100));
	}
}
