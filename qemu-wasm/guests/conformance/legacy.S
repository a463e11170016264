/* 32-bit code, entered by a far return to the kernel's code segment for it. */
#include "rules.h"

#define CS32 $0x23
#define DS32 $0x2b
#define CS64 $0x33

	.section .note.GNU-stack, "", @progbits

	.bss
	.balign 16
	.fill 4096
stack32:
stack64:
	.quad 0

/* Runs the 32-bit function in esi with rdi, a struct legacy (legacy.c), in ebp. */
	.text
	.globl enter_legacy
enter_legacy:
	pushq %rbx
	pushq %rbp
	movq %rsp, stack64
	movl %edi, %ebp
	movl $stack32, %esp
	pushq CS32
	pushq $begin
	lretq
	.code32
begin:
	movl DS32, %eax
	movl %eax, %ds
	movl %eax, %es
	pushl %esi
	movl (%ebp), %eax
	movl 4(%ebp), %ebx
	movl 8(%ebp), %ecx
	movl 12(%ebp), %edx
	movl 16(%ebp), %esi
	movl 20(%ebp), %edi
	pushl 24(%ebp)
	popfl
	call *(%esp)
	pushfl
	popl 24(%ebp)
	movl %eax, (%ebp)
	movl %ebx, 4(%ebp)
	movl %ecx, 8(%ebp)
	movl %edx, 12(%ebp)
	movl %esi, 16(%ebp)
	movl %edi, 20(%ebp)
	xorl %eax, %eax
	movl %eax, %ds
	movl %eax, %es
	ljmp CS64, $end
	.code64
end:
	movq stack64, %rsp
	popq %rbp
	popq %rbx
	ret

.macro list name
	.section .data.rel.ro, "aw"
	.balign 8
	.globl \name\()_forms
\name\()_forms:
.endm

.macro end_list
	.section .data.rel.ro, "aw"
	.fill 4, 8, 0
.endm

.macro form rule, insns
	.text
	.code32
code_\@:
	\insns
	ret
	.code64
	.section .rodata
text_\@:
	.asciz "\insns"
	.section .data.rel.ro, "aw"
	.quad code_\@, 0, text_\@, \rule
	.text
.endm

/* 28(%ebp) is memory: 32 bytes. */
list legacy
.irp op, add, adc, sub, sbb, cmp
	form ALL, "\op\()b %bl, %al"
	form ALL, "\op\()w %bx, %ax"
	form ALL, "\op\()l %ebx, %eax"
	form ALL, "\op\()l %eax, 28(%ebp)"
.endr
.irp register, eax, ebx, ecx, edx, esi, edi
	form ALL, "incl %\register"
	form ALL, "decl %\register"
	form ALL, "pushl %\register; popl 32(%ebp)"
.endr
	form ALL, "incw %ax; decw %bx; decb %cl"
	form ALL, "pushal; incl (%esp); addl %eax, 28(%esp); popal"
	form ALL, "pushaw; popaw"
	form ALL, "pushl $0x12345678; popl %eax; pushw $-3; popw %bx"
	form CARRY_ADJUST, "aaa"
	form CARRY_ADJUST, "aas"
	form TURNED, "daa"
	form TURNED, "das"
	form SIGN_ZERO_PARITY, "aam"
	form SIGN_ZERO_PARITY, "aad"
	form ALL, "bound %ebx, 36(%ebp)"
	form ALL, "movl $5, %ecx; 7: addl %ebx, %eax; adcl %edx, %esi; decl %ecx; jnz 7b; cmpl %esi, %eax"
	form ALL, "movl $20, %ecx; 7: call 8f; loop 7b; jmp 9f; 8: leal 3(%eax, %eax, 2), %eax; xchgl %eax, %edx; ret; 9:"
	form ALL, "movl $9f, %ecx; pushl %ecx; ret; incl %eax; 9: incl %edx"
	form ALL, "movl $9f, 40(%ebp); jmp *40(%ebp); incl %eax; 9: incl %edx"
	form ALL, "leal 28(%ebp), %esi; leal 44(%ebp), %edi; movl $4, %ecx; rep movsl; movl $0, %esi; movl $0, %edi"
	form ALL, "enter $8, $0; movl %eax, -4(%ebp); movl -4(%ebp), %edx; leave"
	form ALL, "movl %ds, %ecx; movl %cs, %edx; lahf"
	form ALL, "lcall $0x23, $7f; jmp 9f; 7: incl %eax; lret; 9:"
	form ALL, "addr16 leal 3(%bx, %si), %eax; leaw 5(%ebx, %ecx, 4), %dx"
	form ALL, "movups 28(%ebp), %xmm0; paddd %xmm0, %xmm0; movups %xmm0, 28(%ebp); movd %xmm0, %eax"
	form ALL, "cmpxchg8b 28(%ebp)"
	form ALL, "arpl %bx, %ax"
	form CARRY_OVERFLOW, "imull %ebx"
	form CARRY_OVERFLOW, "mull 28(%ebp)"
	form NONE, "xorl %edx, %edx; orl $1, %ebx; divl %ebx"
end_list
