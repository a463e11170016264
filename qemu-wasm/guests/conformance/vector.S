/* Forms on vectors of integers: xmm0, xmm1, V (which holds xmm1's), xmm2; MMX. */
#include "forms.inc"

#define V M

.macro each op
	vector NONE, \op %xmm1, %xmm0
	vector NONE, \op V, %xmm0
.endm

.macro each_immediate op, immediates:vararg
.irp immediate, \immediates
	vector NONE, \op $\immediate, %xmm1, %xmm0
.endr
.endm

list sse_integer
.irp op, paddb, paddw, paddd, paddq, paddsb, paddsw, paddusb, paddusw
	each \op
.endr
.irp op, psubb, psubw, psubd, psubq, psubsb, psubsw, psubusb, psubusw
	each \op
.endr
.irp op, pmullw, pmulhw, pmulhuw, pmuludq, pmaddwd, pavgb, pavgw, psadbw, pmaxub, pmaxsw, pminub, pminsw
	each \op
.endr
.irp op, pand, pandn, por, pxor, andps, andnps, orps, xorps, andpd, andnpd, orpd, xorpd
	each \op
.endr
.irp op, pcmpeqb, pcmpeqw, pcmpeqd, pcmpgtb, pcmpgtw, pcmpgtd
	each \op
.endr
	vector NONE, pxor %xmm0, %xmm0
	vector NONE, pcmpeqd %xmm0, %xmm0
	vector NONE, psubb %xmm1, %xmm1
end_list

list sse_shuffle
.irp op, packsswb, packssdw, packuswb, punpcklbw, punpcklwd, punpckldq, punpcklqdq, punpckhbw, punpckhwd, punpckhdq, punpckhqdq
	each \op
.endr
.irp op, unpcklps, unpckhps, unpcklpd, unpckhpd
	each \op
.endr
.irp op, pshufd, pshuflw, pshufhw, shufps
	each_immediate \op, 0x00, 0x1b, 0xe4, 0x93, 0xd8, 0xff
.endr
	each_immediate shufpd, 0, 1, 2, 3
	vector NONE, shufps $0x4e, V, %xmm0
	vector NONE, pshufd $0x4e, V, %xmm0
	vector NONE, movhlps %xmm1, %xmm0
	vector NONE, movlhps %xmm1, %xmm0
	vector NONE, movhps V, %xmm0
	vector NONE, movlps V, %xmm0
	vector NONE, movhpd %xmm0, V
	vector NONE, movlpd %xmm0, V
	vector NONE, movss %xmm1, %xmm0
	vector NONE, movsd %xmm1, %xmm0
	vector NONE, movss V, %xmm0
	vector NONE, movsd V, %xmm0
	vector NONE, movss %xmm0, V
	vector NONE, movsd %xmm0, V
	vector NONE, movq %xmm1, %xmm0
	vector NONE, movq V, %xmm0
	vector NONE, movq %xmm0, V
	vector NONE, movd %ebx, %xmm0
	vector NONE, movq %rbx, %xmm0
	vector NONE, movd %xmm0, %eax
	vector NONE, movq %xmm0, %rax
	vector NONE, movaps %xmm1, %xmm0
	vector NONE, movdqa V, %xmm0
	vector NONE, movups %xmm0, 3+M
	vector NONE, movdqu 5+M, %xmm0
	vector NONE, lddqu 7+M, %xmm0
	vector NONE, movntdq %xmm0, V
	vector NONE, movnti %rax, M
	vector_sequence NONE, "leaq MEMORY(%r8), %rdi; maskmovdqu %xmm1, %xmm0"
	vector NONE, movddup %xmm1, %xmm0
	vector NONE, movshdup %xmm1, %xmm0
	vector NONE, movsldup %xmm1, %xmm0
	vector NONE, pmovmskb %xmm0, %eax
	vector NONE, movmskps %xmm0, %eax
	vector NONE, movmskpd %xmm0, %eax
.irp index, 0, 1, 3, 6, 7
	vector NONE, pinsrw $\index, %ebx, %xmm0
	vector NONE, pinsrw $\index, M, %xmm0
	vector NONE, pextrw $\index, %xmm0, %eax
.endr
end_list

list sse_shift
.irp op, psllw, pslld, psllq, psrlw, psrld, psrlq, psraw, psrad
	each \op
.irp count, 0, 1, 7, 8, 15, 16, 31, 32, 63, 64, 255
	vector NONE, \op $\count, %xmm0
.endr
.endr
.irp count, 0, 1, 5, 8, 15, 16, 255
	vector NONE, pslldq $\count, %xmm0
	vector NONE, psrldq $\count, %xmm0
.endr
end_list

list ssse3
.irp op, pshufb, phaddw, phaddd, phaddsw, phsubw, phsubd, phsubsw, pmaddubsw
	each \op
	mmx \op %mm1, %mm0
.endr
.irp op, pabsb, pabsw, pabsd, psignb, psignw, psignd, pmulhrsw
	each \op
	mmx \op %mm1, %mm0
.endr
	each_immediate palignr, 0, 1, 7, 8, 15, 16, 17, 31, 32
	vector NONE, palignr $5, V, %xmm0
end_list

list sse41
.irp op, pmulld, pmuldq, pminsb, pminsd, pminuw, pminud, pmaxsb, pmaxsd, pmaxuw, pmaxud, packusdw, pcmpeqq, pcmpgtq, phminposuw
	each \op
.endr
.irp op, pmovsxbw, pmovsxbd, pmovsxbq, pmovsxwd, pmovsxwq, pmovsxdq
	each \op
.endr
.irp op, pmovzxbw, pmovzxbd, pmovzxbq, pmovzxwd, pmovzxwq, pmovzxdq
	each \op
.endr
	each_immediate mpsadbw, 0, 1, 2, 3, 4, 5, 6, 7
	each_immediate pblendw, 0x00, 0x5a, 0x81, 0xff
	each_immediate blendps, 0, 5, 10, 15
	each_immediate blendpd, 0, 1, 2, 3
	each_immediate insertps, 0x00, 0x4e, 0x93, 0xd1, 0x3f
	vector NONE, insertps $0x2c, V, %xmm0
	vector NONE, pblendvb %xmm0, %xmm2, %xmm1
	vector NONE, blendvps %xmm0, %xmm2, %xmm1
	vector NONE, blendvpd %xmm0, %xmm2, %xmm1
	vector ALL, ptest %xmm1, %xmm0
	vector ALL, ptest V, %xmm0
	vector_sequence ALL, "pandn %xmm1, %xmm0; ptest %xmm1, %xmm0"
	vector ALL, ptest %xmm0, %xmm0
.irp index, 0, 1, 7, 14, 15
	vector NONE, pinsrb $\index, %ebx, %xmm0
	vector NONE, pinsrb $\index, M, %xmm0
	vector NONE, pextrb $\index, %xmm0, %eax
	vector NONE, pextrb $\index, %xmm0, M
.endr
.irp index, 0, 1, 2, 3
	vector NONE, pinsrd $\index, %ebx, %xmm0
	vector NONE, pextrd $\index, %xmm0, %eax
	vector NONE, pextrd $\index, %xmm0, M
	vector NONE, extractps $\index, %xmm0, %eax
.endr
.irp index, 0, 1
	vector NONE, pinsrq $\index, %rbx, %xmm0
	vector NONE, pinsrq $\index, M, %xmm0
	vector NONE, pextrq $\index, %xmm0, %rax
.endr
	vector NONE, pextrw $3, %xmm0, M
	vector NONE, movntdqa V, %xmm0
end_list

.macro compare_strings controls:vararg
.irp control, \controls
	vector TEXT, pcmpistri $\control, %xmm1, %xmm0
	vector TEXT, pcmpistrm $\control, %xmm1, %xmm0
	vector TEXT, pcmpestri $\control, %xmm1, %xmm0
	vector TEXT, pcmpestrm $\control, %xmm1, %xmm0
.endr
.endm

list sse42
	compare_strings 0x00, 0x01, 0x02, 0x03, 0x04, 0x06, 0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x0e, 0x14
	compare_strings 0x18, 0x1a, 0x30, 0x34, 0x38, 0x3c, 0x40, 0x44, 0x48, 0x4c, 0x72, 0x78, 0x7e
	vector TEXT, pcmpistri $0x0c, V, %xmm0
	vector TEXT, pcmpestri $0x18, V, %xmm0
end_list

list mmx
.irp op, paddb, paddw, paddd, paddq, paddsb, paddusw, psubb, psubw, psubd, psubq, psubsw, psubusb
	mmx \op %mm1, %mm0
.endr
.irp op, pmullw, pmulhw, pmulhuw, pmuludq, pmaddwd
	mmx \op %mm1, %mm0
.endr
.irp op, pavgb, pavgw, psadbw, pmaxub, pmaxsw, pminub, pminsw, pand, pandn, por, pxor
	mmx \op %mm1, %mm0
.endr
.irp op, pcmpeqb, pcmpeqw, pcmpeqd, pcmpgtb, pcmpgtw, pcmpgtd
	mmx \op %mm1, %mm0
.endr
.irp op, packsswb, packssdw, packuswb, punpcklbw, punpcklwd, punpckldq, punpckhbw, punpckhwd, punpckhdq
	mmx \op %mm1, %mm0
.endr
.irp op, psllw, pslld, psllq, psrlw, psrld, psrlq, psraw, psrad
	mmx \op %mm1, %mm0
	mmx \op $5, %mm0
	mmx \op $40, %mm0
.endr
	mmx pshufw $0x1b, %mm1, %mm0
	mmx palignr $3, %mm1, %mm0
	mmx pinsrw $2, %ebx, %mm0
	mmx pextrw $1, %mm0, %eax
	mmx pmovmskb %mm0, %eax
	mmx movd %ebx, %mm0
	mmx movd %mm0, %eax
	mmx movq %mm0, %rax
	mmx movntq %mm0, 16+M
	vector_sequence NONE, "movq X(%r8), %mm0; movq Y(%r8), %mm1; leaq MEMORY(%r8), %rdi; maskmovq %mm1, %mm0; emms"
	mmx movq2dq %mm1, %xmm0
	mmx movdq2q %xmm1, %mm0
end_list
