/* Forms on vectors of floating-point numbers: the list is run with several classes of operands. */
#include "forms.inc"

#define V M

.macro packed rule, op
	vector \rule, \op %xmm1, %xmm0
	vector \rule, \op V, %xmm0
.endm

list sse_float
.irp op, add, sub, mul, div, min, max
.irp type, ps, pd, ss, sd
	packed NONE, \op\type
.endr
.endr
.irp op, add, mul
.irp type, ps, pd, ss, sd
	vector NONE, \op\type %xmm0, %xmm0
.endr
.endr
.irp op, sqrt, cmpeq, cmplt, cmple, cmpunord, cmpneq, cmpnlt, cmpnle, cmpord
.irp type, ps, pd, ss, sd
	packed NONE, \op\type
.endr
.endr
.irp op, haddps, haddpd, hsubps, hsubpd, addsubps, addsubpd
	packed NONE, \op
.endr
.irp op, comiss, comisd, ucomiss, ucomisd
	packed ALL, \op
.endr
.irp mode, 0, 1, 2, 3, 4, 8, 12
.irp type, ps, pd, ss, sd
	vector NONE, round\type $\mode, %xmm1, %xmm0
.endr
.endr
.irp mask, 0xff, 0x71, 0xf4, 0x3a, 0x00
	vector NONE, dpps $\mask, %xmm1, %xmm0
.endr
.irp mask, 0x33, 0x31, 0x12, 0x00
	vector NONE, dppd $\mask, %xmm1, %xmm0
.endr
	vector_sequence NONE, "ucomisd %xmm1, %xmm0; seta %al; setp %bl; cmovbl %ecx, %edx"
	vector_sequence NONE, "comiss %xmm1, %xmm0; jae 7f; incl %eax; 7: jnp 8f; incl %ebx; 8:"
end_list

/* With a destination of their own. */
list avx_float
.irp op, add, sub, mul, div, sqrt
.irp type, ss, sd
	vector NONE, v\op\type %xmm2, %xmm1, %xmm0
	vector NONE, v\op\type %xmm0, %xmm1, %xmm0
.endr
.endr
.irp op, add, sub, mul, div
.irp type, ps, pd
	vector NONE, v\op\type %xmm2, %xmm1, %xmm0
	vector NONE, v\op\type %xmm0, %xmm1, %xmm0
.endr
.endr
.irp op, vcvtss2sd, vcvtsd2ss
	vector NONE, \op %xmm2, %xmm1, %xmm0
	vector NONE, \op %xmm0, %xmm1, %xmm0
.endr
	vector NONE, vcvtsi2sdl %ebx, %xmm1, %xmm0
	vector NONE, vcvtsi2sdq %rbx, %xmm1, %xmm0
end_list

list sse_convert
.irp op, cvtps2dq, cvttps2dq, cvtps2pd, cvtpd2dq, cvttpd2dq, cvtpd2ps, cvtss2sd, cvtsd2ss
	packed NONE, \op
.endr
.irp op, cvtss2si, cvtsd2si, cvttss2si, cvttsd2si
	vector NONE, \op %xmm0, %eax
	vector NONE, \op %xmm0, %rax
	vector NONE, \op V, %eax
	vector NONE, \op V, %rax
.endr
	vector_sequence NONE, "cvtps2pi %xmm1, %mm0; movq %mm0, MEMORY(%r8); emms"
	vector_sequence NONE, "cvttps2pi %xmm1, %mm0; movq %mm0, MEMORY(%r8); emms"
	vector_sequence NONE, "cvtpd2pi %xmm1, %mm0; movq %mm0, MEMORY(%r8); emms"
	vector_sequence NONE, "cvttpd2pi %xmm1, %mm0; movq %mm0, MEMORY(%r8); emms"
end_list

/* From integers. */
list sse_from_integer
	packed NONE, cvtdq2ps
	packed NONE, cvtdq2pd
.irp type, ss, sd
	vector NONE, cvtsi2\type\()l %ebx, %xmm0
	vector NONE, cvtsi2\type\()q %rbx, %xmm0
	vector NONE, cvtsi2\type\()l M, %xmm0
	vector NONE, cvtsi2\type\()q M, %xmm0
.endr
	vector_sequence NONE, "movq X(%r8), %mm0; cvtpi2ps %mm0, %xmm1; cvtpi2pd %mm0, %xmm0; emms"
end_list
