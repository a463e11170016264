/* Forms on the x87 stack: the list is run with several classes of operands and, by turns, all precisions and roundings. */
#include "forms.inc"

/* Of the status word: C0, C1, C2, C3. */
#define COMPARED 0x4500
#define EXAMINED 0x4700

list x87
.irp op, add, sub, subr, mul, div, divr
	x87 2, NONE, f\op %st(1), %st
	x87 2, NONE, f\op %st, %st(1)
	x87 1, NONE, f\op\()p
	x87 2, NONE, f\op\()s M
	x87 2, NONE, f\op\()l 8+M
	x87 2, NONE, fi\op\()l 16+M
	x87 2, NONE, fi\op\()s 20+M
.endr
	x87 2, NONE, fsqrt
	/* To 64 bits: QEMU rounds the integer to the precision, too, which no processor does, and 7.2 in another way. */
	x87_sequence 2, NONE, "orw $0x300, CONTROL(%r8); fldcw CONTROL(%r8); frndint"
	x87 2, NONE, fabs
	x87 2, NONE, fchs
	x87 2, NONE, fxch
	x87 2, NONE, fscale
	x87 3, NONE, fxtract
	x87_sequence 2, EXAMINED, "7: fprem; fnstsw %ax; testl $0x400, %eax; jnz 7b"
	x87_sequence 2, EXAMINED, "7: fprem1; fnstsw %ax; testl $0x400, %eax; jnz 7b"
	x87 2, COMPARED, fcom
	x87 2, COMPARED, fucom
	x87 1, COMPARED, fcomp
	x87 0, COMPARED, fcompp
	x87 0, COMPARED, fucompp
	x87 2, COMPARED, fcoms M
	x87 2, COMPARED, fcoml 8+M
	x87 2, COMPARED, ficoml 16+M
	x87 2, COMPARED, ficoms 20+M
	x87 2, COMPARED, ftst
	x87 2, EXAMINED, fxam
	x87_sequence 0, EXAMINED, "fstp %st; fstp %st; fxam"
	x87 2, CARRY_ZERO|4, fcomi %st(1), %st
	x87 2, CARRY_ZERO|4, fucomi %st(1), %st
	x87 1, CARRY_ZERO|4, fcomip %st(1), %st
	x87 1, CARRY_ZERO|4, fucomip %st(1), %st
	x87_sequence 2, COMPARED, "fcom; fnstsw %ax; sahf; seta %bl; cmovpl %ecx, %edx"
.irp condition, b, e, be, u, nb, ne, nbe, nu
	x87 2, NONE, fcmov\condition %st(1), %st
.endr
.irp constant, fld1, fldl2t, fldl2e, fldpi, fldlg2, fldln2, fldz
	x87 3, NONE, \constant
.endr
	x87 3, NONE, flds M
	x87 3, NONE, fldl 8+M
	x87 3, NONE, fildl 16+M
	x87 3, NONE, filds 20+M
	x87 3, NONE, fildll 24+M
	x87 3, NONE, fld %st(1)
	x87 3, NONE, fldt X(%r8)
	x87 2, NONE, fsts M
	x87 1, NONE, fstps M
	x87 2, NONE, fstl M
	x87 1, NONE, fstpl M
	x87 1, NONE, fstpt M
	x87 2, NONE, fistl M
	x87 2, NONE, fists M
	x87 1, NONE, fistpl M
	x87 1, NONE, fistps M
	x87 1, NONE, fistpll M
	x87 1, NONE, fisttpl M
	x87 1, NONE, fisttps M
	x87 1, NONE, fisttpll M
	x87 1, NONE, fbstp M
	x87 2, NONE, fst %st(1)
	x87_sequence 2, NONE, "fincstp; fdecstp"
	x87_sequence 1, NONE, "ffree %st; fincstp"
	x87_sequence 2, NONE, "fmul %st(1), %st; fadd %st(1), %st; fdiv %st, %st(1); fsub %st(1), %st"
end_list

/* Series, which other processors round in other ways. */
list x87_series
	x87 2, NONE, f2xm1
	x87 1, NONE, fyl2x
	x87 1, NONE, fyl2xp1
	x87 1, NONE, fpatan
end_list
