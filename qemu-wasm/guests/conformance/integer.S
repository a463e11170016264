/* Forms on general registers. Operands: rax, rbx, rcx, rdx at random, M (32 bytes) of which the first 8 are rbx's. */
#include "forms.inc"

/* A two-operand instruction in its encodings: registers of each size, old and new ones, memory, immediates. */
.macro binary rule, op
	form \rule, \op\()b %bl, %al
	form \rule, \op\()b %bh, %al
	form \rule, \op\()b %ah, %dl
	form \rule, \op\()b %sil, %dil
	form \rule, \op\()w %bx, %ax
	form \rule, \op\()l %ebx, %eax
	form \rule, \op\()q %rbx, %rax
	form \rule, \op\()q %rax, %rax
	form \rule, \op\()b %al, M
	form \rule, \op\()w %ax, M
	form \rule, \op\()l %eax, M
	form \rule, \op\()q %rax, M
	form \rule, \op\()b $0x80, %al
	form \rule, \op\()b $-3, %dh
	form \rule, \op\()w $0x7fff, %bx
	form \rule, \op\()w $-1, %ax
	form \rule, \op\()l $0x80000000, %ebx
	form \rule, \op\()l $1, %eax
	form \rule, \op\()q $-0x80000000, %rbx
	form \rule, \op\()q $0x7fffffff, %rax
	form \rule, \op\()q $-1, %rbx
	form \rule, \op\()b $0x7f, M
	form \rule, \op\()w $0x1234, M
	form \rule, \op\()l $-128, M
	form \rule, \op\()q $127, M
.endm

.macro binary_load rule, op
	form \rule, \op\()b M, %al
	form \rule, \op\()w M, %ax
	form \rule, \op\()l M, %eax
	form \rule, \op\()q M, %rax
.endm

.macro unary rule, op
	form \rule, \op\()b %al
	form \rule, \op\()b %ah
	form \rule, \op\()w %ax
	form \rule, \op\()l %ebx
	form \rule, \op\()q %rbx
	form \rule, \op\()b M
	form \rule, \op\()w M
	form \rule, \op\()l M
	form \rule, \op\()q M
.endm

list arithmetic
.irp op, add, adc, sub, sbb, cmp
	binary ALL, \op
	binary_load ALL, \op
.endr
.irp op, neg, inc, dec
	unary ALL, \op
.endr
	sequence ALL, "addq %rbx, %rax; adcq %rcx, %rdx"
	sequence ALL, "subq %rbx, %rax; sbbq %rcx, %rdx"
	sequence ALL, "addl %ebx, %eax; adcl %ecx, %edx; adcl %esi, %edi"
	sequence ALL, "addb %bl, %al; adcb %cl, %dl"
	sequence ALL, "cmpw %bx, %ax; sbbw %cx, %dx"
	sequence ALL, "cmpb %bl, %al; sbbl %ecx, %ecx"
	sequence ALL, "negq %rax; sbbq %rdx, %rdx"
	sequence ALL, "incw %bx; adcw %bx, %ax"
	sequence ALL, "decq %rbx; sbbq %rax, %rbx"
end_list

list logic
.irp op, and, or, xor
	binary LOGIC, \op
	binary_load LOGIC, \op
.endr
	binary LOGIC, test
	unary ALL, not
	form LOGIC, xorl %eax, %eax
	sequence LOGIC, "xorq %rbx, %rbx; adcq %rax, %rbx"
end_list

.macro shift_sizes rule8, rule16, rule32, rule64, op
	form \rule8, \op\()b %cl, %al
	form \rule8, \op\()b %cl, %bh
	form \rule16, \op\()w %cl, %ax
	form \rule32, \op\()l %cl, %eax
	form \rule64, \op\()q %cl, %rax
	form \rule8, \op\()b %cl, M
	form \rule16, \op\()w %cl, M
	form \rule32, \op\()l %cl, M
	form \rule64, \op\()q %cl, M
.endm

.macro shift_immediates once, more, op
	form \once, \op\()b %al
	form \once, \op\()w %ax
	form \once, \op\()l %eax
	form \once, \op\()q %rax
	form \once, \op\()l M
	form ALL, \op\()b $0, %al
	form ALL, \op\()q $0, %rax
	form ALL, \op\()l $32, %eax
	form ALL, \op\()q $64, %rax
.irp count, 2, 3, 4, 5, 6, 7
	form \more, \op\()b $\count, %al
	form \more, \op\()w $\count, %ax
.endr
.irp count, 8, 9, 12, 15
	form \more, \op\()w $\count, %bx
.endr
.irp count, 2, 7, 8, 15, 16, 17, 24, 31
	form \more, \op\()l $\count, %eax
	form \more, \op\()q $\count, %rbx
.endr
.irp count, 32, 33, 48, 56, 63
	form \more, \op\()q $\count, %rax
.endr
	form \more, \op\()b $3, M
	form \more, \op\()w $11, M
	form \more, \op\()l $19, M
	form \more, \op\()q $41, M
.endm

list shift
.irp op, shl, shr
	shift_sizes SHIFT(8), SHIFT(16), SHIFT(32), SHIFT(64), \op
	shift_immediates LOGIC, COUNTED, \op
.endr
	shift_sizes ARITHMETIC_SHIFT(8), ARITHMETIC_SHIFT(16), ARITHMETIC_SHIFT(32), ARITHMETIC_SHIFT(64), sar
	shift_immediates LOGIC, COUNTED, sar
end_list

list rotate
.irp op, rol, ror, rcl, rcr
	shift_sizes ROTATE(8), ROTATE(16), ROTATE(32), ROTATE(64), \op
	shift_immediates ALL, TURNED, \op
.endr
end_list

list double_shift
.irp op, shld, shrd
	form DOUBLE_SHIFT(16), \op\()w %cl, %bx, %ax
	form DOUBLE_SHIFT(32), \op\()l %cl, %ebx, %eax
	form DOUBLE_SHIFT(64), \op\()q %cl, %rbx, %rax
	form DOUBLE_SHIFT(16), \op\()w %cl, %dx, M
	form DOUBLE_SHIFT(32), \op\()l %cl, %edx, M
	form DOUBLE_SHIFT(64), \op\()q %cl, %rdx, M
	form LOGIC, \op\()w $1, %bx, %ax
	form LOGIC, \op\()l $1, %ebx, %eax
	form LOGIC, \op\()q $1, %rbx, %rax
	form ALL, \op\()q $64, %rbx, %rax
.irp count, 2, 7, 8, 15
	form COUNTED, \op\()w $\count, %bx, %ax
.endr
.irp count, 2, 8, 16, 31
	form COUNTED, \op\()l $\count, %ebx, %eax
	form COUNTED, \op\()q $\count, %rbx, M
.endr
.irp count, 32, 33, 63
	form COUNTED, \op\()q $\count, %rbx, %rax
.endr
.endr
end_list

list multiply
.irp op, mul, imul
	form CARRY_OVERFLOW, \op\()b %bl
	form CARRY_OVERFLOW, \op\()b %ah
	form CARRY_OVERFLOW, \op\()w %bx
	form CARRY_OVERFLOW, \op\()l %ebx
	form CARRY_OVERFLOW, \op\()q %rbx
	form CARRY_OVERFLOW, \op\()q %rax
	form CARRY_OVERFLOW, \op\()b M
	form CARRY_OVERFLOW, \op\()w M
	form CARRY_OVERFLOW, \op\()l M
	form CARRY_OVERFLOW, \op\()q M
.endr
	form CARRY_OVERFLOW, imulw %bx, %ax
	form CARRY_OVERFLOW, imull %ebx, %eax
	form CARRY_OVERFLOW, imulq %rbx, %rax
	form CARRY_OVERFLOW, imulw M, %ax
	form CARRY_OVERFLOW, imull M, %eax
	form CARRY_OVERFLOW, imulq M, %rax
.irp factor, 3, -1, 127, -128
	form CARRY_OVERFLOW, imulw $\factor, %bx, %ax
	form CARRY_OVERFLOW, imull $\factor, %ebx, %eax
	form CARRY_OVERFLOW, imulq $\factor, %rbx, %rax
.endr
	form CARRY_OVERFLOW, imulw $0x1234, M, %ax
	form CARRY_OVERFLOW, imull $0x12345678, M, %eax
	form CARRY_OVERFLOW, imulq $-0x12345678, M, %rax
end_list

list divide
	form DIVIDE(8), divb %bl
	form DIVIDE(16), divw %bx
	form DIVIDE(32), divl %ebx
	form DIVIDE(64), divq %rbx
	form DIVIDE(8), divb M
	form DIVIDE(16), divw M
	form DIVIDE(32), divl M
	form DIVIDE(64), divq M
	form DIVIDE_SIGNED(8), idivb %bl
	form DIVIDE_SIGNED(16), idivw %bx
	form DIVIDE_SIGNED(32), idivl %ebx
	form DIVIDE_SIGNED(64), idivq %rbx
	form DIVIDE_SIGNED(8), idivb M
	form DIVIDE_SIGNED(16), idivw M
	form DIVIDE_SIGNED(32), idivl M
	form DIVIDE_SIGNED(64), idivq M
	sequence DIVIDE(32), "xorl %edx, %edx; divl %ebx"
	sequence DIVIDE(64), "xorl %edx, %edx; divq %rbx"
	sequence DIVIDE(64), "movl %eax, %eax; cqto; idivq %rbx"
end_list

list extend
	form ALL, movzbw %bl, %ax
	form ALL, movzbl %bh, %eax
	form ALL, movzbq %sil, %rax
	form ALL, movzwl %bx, %eax
	form ALL, movzwq %bx, %rax
	form ALL, movsbw %bl, %ax
	form ALL, movsbl %bh, %eax
	form ALL, movsbq %bl, %rax
	form ALL, movswl %bx, %eax
	form ALL, movswq %bx, %rax
	form ALL, movslq %ebx, %rax
	form ALL, movzbl M, %eax
	form ALL, movzwl M, %eax
	form ALL, movsbw M, %ax
	form ALL, movsbl M, %eax
	form ALL, movsbq M, %rax
	form ALL, movswl M, %eax
	form ALL, movswq M, %rax
	form ALL, movslq M, %rax
	form ALL, cbtw
	form ALL, cwtl
	form ALL, cltq
	form ALL, cwtd
	form ALL, cltd
	form ALL, cqto
	form ALL, movb %bl, %ah
	form ALL, movb %ch, %dl
	form ALL, movw %bx, %ax
	form ALL, movl %ebx, %eax
	form ALL, movabsq $0x123456789abcdef0, %rax
	form ALL, movq $-2, %rax
	form ALL, movb $0x81, 5+M
	form ALL, movw $0x8123, 6+M
	form ALL, movl $0x81234567, 7+M
	form ALL, movq $-2, 8+M
end_list

.macro bit_sizes op
	form CARRY_ZERO, \op\()w %bx, %ax
	form CARRY_ZERO, \op\()l %ebx, %eax
	form CARRY_ZERO, \op\()q %rbx, %rax
	form CARRY_ZERO, \op\()w $13, %ax
	form CARRY_ZERO, \op\()l $31, %eax
	form CARRY_ZERO, \op\()q $42, %rax
	form CARRY_ZERO, \op\()w $3, M
	form CARRY_ZERO, \op\()l $17, M
	form CARRY_ZERO, \op\()q $63, M
	form BIT, \op\()w %bx, 16+M
	form BIT, \op\()l %ebx, 16+M
	form BIT, \op\()q %rbx, 16+M
.endm

.macro scan_sizes op
	form SCAN(16), \op\()w %bx, %ax
	form SCAN(32), \op\()l %ebx, %eax
	form SCAN(64), \op\()q %rbx, %rax
	form SCAN(16), \op\()w M, %ax
	form SCAN(32), \op\()l M, %eax
	form SCAN(64), \op\()q M, %rax
.endm

list bits
.irp op, bt, bts, btr, btc
	bit_sizes \op
.endr
.irp op, bsf, bsr
	scan_sizes \op
.endr
	form ALL, popcntw %bx, %ax
	form ALL, popcntl %ebx, %eax
	form ALL, popcntq %rbx, %rax
	form ALL, popcntl M, %eax
	form ALL, crc32b %bl, %eax
	form ALL, crc32w %bx, %eax
	form ALL, crc32l %ebx, %eax
	form ALL, crc32q %rbx, %rax
end_list

/* The 16 conditions after an instruction, by their numbers in a register: SETcc, CMOVcc, Jcc. */
.macro set_all insn:vararg
.irp condition, o, no, b, ae, e, ne, be, a, s, ns, p, np, l, ge, le, g
	movq A(%r8), %rax
	\insn
	set\condition %dl
	movzbl %dl, %edx
	leaq (%rdx, %rsi, 2), %rsi
.endr
.endm

.macro move_all insn:vararg
.irp condition, o, no, b, ae, e, ne, be, a, s, ns, p, np, l, ge, le, g
	movq A(%r8), %rax
	\insn
	cmov\condition %esi, %edx
	cmov\condition %rdi, %rsi
	cmov\condition %dx, %di
	leaq 1(%rsi, %rsi, 2), %rsi
.endr
.endm

.macro jump_all insn:vararg
.irp condition, o, no, b, ae, e, ne, be, a, s, ns, p, np, l, ge, le, g
	movq A(%r8), %rax
	\insn
	j\condition 7f
	leaq 1(%rsi), %rsi
7:	leaq (%rsi, %rsi), %rsi
.endr
.endm

.macro conditions insn:vararg
	form NONE, set_all \insn
	form NONE, move_all \insn
	form NONE, jump_all \insn
.endm

list conditions
.irp op, add, sub, cmp, and, adc, sbb, test
	conditions \op\()b %bl, %al
	conditions \op\()w %bx, %ax
	conditions \op\()l %ebx, %eax
	conditions \op\()q %rbx, %rax
.endr
.irp op, inc, dec, neg, shl, sar
	conditions \op\()b %al
	conditions \op\()w %ax
	conditions \op\()l %eax
	conditions \op\()q %rax
.endr
	conditions cmpq $0, %rax
	conditions cmpl $-1, %eax
	conditions testl $0x8001, %eax
	conditions popcntl %eax, %eax
	form NONE, set_all
	form NONE, move_all
	form NONE, jump_all
end_list

list exchange
	form ALL, bswapl %eax
	form ALL, bswapq %rax
	form ALL, bswapq %r9
	form ALL, xchgb %bl, %ah
	form ALL, xchgw %bx, %ax
	form ALL, xchgl %ebx, %eax
	form ALL, xchgq %rbx, %rdx
	form ALL, xchgb %al, M
	form ALL, xchgw %ax, 2+M
	form ALL, xchgl %eax, 4+M
	form ALL, xchgq %rax, 8+M
.irp lock, "", "lock "
	form ALL, \lock\()xaddb %bl, M
	form ALL, \lock\()xaddw %bx, M
	form ALL, \lock\()xaddl %ebx, M
	form ALL, \lock\()xaddq %rbx, M
	form COMPARE(8)|ALL, \lock\()cmpxchgb %bl, M
	form COMPARE(8)|ALL, \lock\()cmpxchgw %bx, M
	form COMPARE(8)|ALL, \lock\()cmpxchgl %ebx, M
	form COMPARE(8)|ALL, \lock\()cmpxchgq %rbx, M
.endr
	form ALL, xaddb %bl, %al
	form ALL, xaddw %bx, %ax
	form ALL, xaddl %ebx, %eax
	form ALL, xaddq %rbx, %rax
	form ALL, xaddq %rax, %rax
	form COMPARE(8)|ALL, cmpxchgb %bl, %dl
	form COMPARE(8)|ALL, cmpxchgw %bx, %dx
	form COMPARE(8)|ALL, cmpxchgl %ebx, %edx
	form COMPARE(8)|ALL, cmpxchgq %rbx, %rdx
.irp op, add, adc, sub, sbb
	form ALL, lock \op\()b %al, M
	form ALL, lock \op\()w %ax, M
	form ALL, lock \op\()l %eax, M
	form ALL, lock \op\()q $-5, M
.endr
.irp op, and, or, xor
	form LOGIC, lock \op\()b %al, M
	form LOGIC, lock \op\()w %ax, M
	form LOGIC, lock \op\()l $0x1234567, M
	form LOGIC, lock \op\()q %rax, M
.endr
.irp op, inc, dec, neg, not
	form ALL, lock \op\()b M
	form ALL, lock \op\()w M
	form ALL, lock \op\()l M
	form ALL, lock \op\()q M
.endr
.irp op, bts, btr, btc
	form CARRY_ZERO, lock \op\()l $7, M
	form BIT, lock \op\()l %ebx, 16+M
	form BIT, lock \op\()q %rbx, 16+M
.endr
end_list

list exchange_wide
.irp lock, "", "lock "
	form COMPARE(64)|ALL, \lock\()cmpxchg8b M
	form COMPARE(128)|ALL, \lock\()cmpxchg16b M
.endr
end_list

list address
	form ALL, leaq (%rax, %rbx), %rdx
	form ALL, leaq 0x7f(%rax, %rbx, 2), %rdx
	form ALL, leaq -0x80(%rax, %rbx, 4), %rdx
	form ALL, leaq 0x12345678(%rax, %rbx, 8), %rdx
	form ALL, leaq -0x80000000(, %rbx, 8), %rdx
	form ALL, leal (%rax, %rbx, 4), %edx
	form ALL, leaw 3(%rax, %rbx, 2), %dx
	form ALL, leaq (%eax, %ebx, 4), %rdx
	form ALL, leal -1(%eax, %ebx, 8), %edx
	sequence LOGIC, "movzbl %bl, %ebx; andl $31, %ebx; movb MEMORY(%r8, %rbx), %al"
	sequence LOGIC, "andl $3, %ebx; movq MEMORY(%r8, %rbx, 8), %rax"
	sequence LOGIC, "andl $3, %ebx; movq %rax, MEMORY(%r8, %rbx, 8)"
	sequence LOGIC, "andl $7, %ebx; movl MEMORY(%r8d, %ebx, 4), %eax"
	sequence LOGIC, "leaq MEMORY(%r8), %rbx; andl $31, %eax; xlatb; movl $0, %ebx"
	sequence ALL, "movq $-1, %rbx; movq MEMORY+8(%r8, %rbx, 8), %rax"
end_list

list flags
	form ALL, cmc
	form ALL, clc
	form ALL, stc
	form ALL, cld
	sequence ALL, "std; cld"
	form ALL, sahf
	form ALL, lahf
	sequence ALL, "cmpl %ebx, %eax; cmc; adcl %ecx, %edx"
	sequence ALL, "sahf; jbe 7f; incl %ebx; 7: jp 8f; incl %ecx; 8: nop"
	sequence ALL, "cmpq %rbx, %rax; lahf; sahf; seto %dl; sbbl %esi, %esi"
	sequence ALL, "andl $0x8d5, %eax; pushq %rax; popfq"
	sequence ALL, "cmpb %bl, %al; pushfq; addq $1, %rcx; popfq; adcq %rdx, %rdx"
	sequence LOGIC, "cmpq %rbx, %rax; pushfw; popw %dx; andl $0x8d5, %edx"
	sequence ALL, "stc; incl %eax; adcl %ebx, %ebx"
	sequence ALL, "clc; decq %rax; sbbq %rbx, %rcx"
	sequence TURNED, "cmpl %ebx, %eax; rcrl $3, %edx; rclq $7, %rsi"
	sequence ALL, "andl $7, %ecx; incl %ecx; 7: addl %ebx, %eax; loop 7b"
	sequence ALL, "andl $7, %ecx; incl %ecx; 7: cmpl %ebx, %eax; leal 1(%rax), %eax; loopne 7b"
	sequence ALL, "andl $7, %ecx; incl %ecx; 7: testl $3, %eax; leal 1(%rax), %eax; loope 7b; cmpl %eax, %eax"
	sequence ALL, "jrcxz 7f; incl %eax; 7: jecxz 8f; incl %ebx; 8: cmpl %eax, %ebx"
end_list
