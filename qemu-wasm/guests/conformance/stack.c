/* Instructions that use the stack, on a stack of their own; calls that go deep. */
#include <sys/mman.h>
#include "mix.h"

#define STACK 0x22000000
#define TOP (STACK + 2048)

/* With rsp at `top`: rax, rbx, rcx, rdx hold values; r15 keeps the real stack. */
#define ON_STACK(name, insns) \
	static void name(u64 *values, u64 top, u64 *rsp, u64 *rbp) \
	{ \
		u64 a = values[0], b = values[1], c = values[2], d = values[3]; \
		asm volatile("movq %%rbp, %%r14; movq %%rsp, %%r15; movq %6, %%rsp; leaq 64(%6), %%rbp; " insns \
			     "; movq %%rsp, %4; movq %%rbp, %5; movq %%r15, %%rsp; movq %%r14, %%rbp" \
			     : "+a"(a), "+b"(b), "+c"(c), "+d"(d), "=S"(*rsp), "=D"(*rbp) \
			     : "r"(top) : "r8", "r9", "r14", "r15", "cc", "memory"); \
		values[0] = a, values[1] = b, values[2] = c, values[3] = d; \
	}

ON_STACK(push_registers, "pushq %%rax; pushq %%rbx; pushw %%cx; pushq %%rsp; pushw %%dx; pushq %%rdx")
ON_STACK(push_constants, "pushq $-1; pushq $0x7f; pushq $-0x80000000; pushw $0x1234; pushw $-2; pushq $0x12345678")
ON_STACK(push_memory, "pushq (%%rsp); pushq 8(%%rsp); pushw 3(%%rsp); pushq -8(%%rsp)")
ON_STACK(pop_registers, "popq %%rax; popw %%bx; popq %%rcx; popw %%dx; popq %%r8; movl %%r8d, %%edx")
ON_STACK(pop_memory, "popq (%%rsp); popq 16(%%rsp); popw -4(%%rsp); popq -24(%%rsp)")
ON_STACK(pop_pointer, "pushq %%rsp; popq %%rax; pushq %%rax; popq %%rsp")
ON_STACK(enter_plain, "enter $0, $0; pushq %%rax; enter $40, $0; pushq %%rbx; leave; popq %%rcx; leave")
ON_STACK(enter_nested, "enter $16, $1; pushq %%rax; enter $8, $2; enter $24, $5; pushq %%rbx; leave; popq %%rdx")
ON_STACK(enter_deep, "enter $32, $31; leave; pushq %%rbp")
ON_STACK(call_near, "call 7f; jmp 9f; 7: call 8f; incl %%eax; ret; 8: popq %%rcx; pushq %%rcx; addl $3, %%ebx; ret; 9:")
ON_STACK(call_pop, "pushq %%rax; pushq %%rbx; call 7f; jmp 9f; 7: movq 8(%%rsp), %%rdx; ret $16; 9:")
ON_STACK(call_register, "leaq 7f(%%rip), %%r8; call *%%r8; jmp 9f; 7: xchgq (%%rsp), %%r8; pushq %%r8; ret $8; 9:")
ON_STACK(call_memory, "leaq 7f(%%rip), %%r8; pushq %%r8; call *(%%rsp); jmp 9f; 7: addl $5, %%eax; ret; 9: "
	 "leaq 8f(%%rip), %%r8; movq %%r8, -64(%%rsp); jmp *-64(%%rsp); 8: incl %%ebx")
ON_STACK(push_flags, "cmpq %%rax, %%rbx; pushfq; andq $0x8d5, (%%rsp); addq %%rcx, %%rdx; popfq; setbe %%al; "
	 "sbbq %%rcx, %%rcx")
ON_STACK(rsp_arithmetic, "subq $24, %%rsp; andq $-16, %%rsp; movq %%rax, (%%rsp); addq %%rbx, (%%rsp); addq $8, %%rsp; "
	 "leaq -40(%%rsp), %%rsp; movb %%cl, 5(%%rsp)")

static void (*const stacks[])(u64 *, u64, u64 *, u64 *) = {
	push_registers, push_constants, push_memory, pop_registers, pop_memory, pop_pointer, enter_plain, enter_nested,
	enter_deep, call_near, call_pop, call_register, call_memory, push_flags, rsp_arithmetic,
};

void run_stack(struct digest *digest, unsigned rounds, const struct group *group)
{
	struct source source = { 0x77777777 };
	u64 *words = map(STACK, PAGE, PROT_READ | PROT_WRITE);

	(void)group;
	for (unsigned round = 0; round < rounds; round++) {
		for (unsigned n = 0; n < COUNT(stacks); n++) {
			u64 values[4], rsp, rbp;

			for (unsigned k = 0; k < 4; k++)
				values[k] = operand(&source);
			for (unsigned k = 0; k < 128; k++) /* up to 1024 bytes to either side of the top */
				words[192 + k] = words[192 + k] * 3 + values[k & 3];
			stacks[n](values, TOP + below(&source, 8), &rsp, &rbp);
			mix(digest, rsp);
			mix(digest, rbp);
			for (unsigned k = 0; k < 4; k++)
				mix(digest, values[k]);
			for (unsigned k = 192; k < 320; k++)
				mix(digest, words[k]);
		}
	}
}

static __attribute__((noinline)) u64 ackermann(u64 m, u64 n)
{
	if (m == 0)
		return n + 1;
	if (n == 0)
		return ackermann(m - 1, 1);
	return ackermann(m - 1, ackermann(m, n - 1));
}

static __attribute__((noinline)) u64 fibonacci(u64 n, struct digest *digest)
{
	if (n < 2)
		return n;
	mix(digest, (u64)__builtin_frame_address(0));
	return fibonacci(n - 1, digest) + fibonacci(n - 2, digest);
}

void run_recursion(struct digest *digest, unsigned rounds, const struct group *group)
{
	(void)group;
	for (unsigned round = 0; round < rounds; round += 16) {
		mix(digest, ackermann(2, 5 + (round & 31)));
		mix(digest, fibonacci(10 + (round & 7), digest));
	}
}
