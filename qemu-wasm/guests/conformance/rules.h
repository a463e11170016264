/*
 * The rules that say which operands a form gets and which flags it defines, for C and assembly. A rule is
 * NUMBER<<24|SIZE<<16|FLAGS, without spaces: it is an argument of assembler macros.
 */

/* Flags that an instruction defines. */
#define NONE 0
#define ALL 0x8d5
#define LOGIC 0x8c5 /* all but AF */
#define COUNTED 0xc5 /* neither AF nor OF */
#define TURNED 0xd5 /* all but OF */
#define SIGN_ZERO_PARITY 0xc4
#define CARRY 0x1
#define CARRY_ADJUST 0x11
#define CARRY_OVERFLOW 0x801
#define CARRY_ZERO 0x41
#define ZERO 0x40

/* Rules with a size in bits; flags by the count in CL. */
#define SHIFT(bits) 1<<24|bits<<16
#define ARITHMETIC_SHIFT(bits) 2<<24|bits<<16
#define ROTATE(bits) 3<<24|bits<<16
#define DOUBLE_SHIFT(bits) 4<<24|bits<<16
/* Divisor b or memory, dividend in rdx:rax (ax for 8 bits) that doesn't fault. */
#define DIVIDE(bits) 5<<24|bits<<16
#define DIVIDE_SIGNED(bits) 6<<24|bits<<16
/* b is not zero. */
#define SCAN(bits) 7<<24|bits<<16|ZERO
/* b is a bit's number, from -128 to 127. */
#define BIT 8<<24|CARRY_ZERO
/* Every other time the comparison holds; bits: 8 for one register, 64 for edx:eax, 128 for rdx:rax. */
#define COMPARE(bits) 9<<24|bits<<16
/* Vectors of few different bytes with zeros, lengths in rax and rdx. */
#define TEXT 10<<24|ALL
