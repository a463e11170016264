/* Operands: boundaries, and random numbers between them. */
#include <string.h>
#include "mix.h"

static const u64 edges[] = {
	0, 1, 2, -1ull, -2ull, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
	0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffff80000000, 0xffffffffffff8000,
	0xffffffffffffff80, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa, 0x0123456789abcdef, 0x8080808080808080,
	0x7f7f7f7f7f7f7f7f, 0x8000800080008000, 0x7fffffff7fffffff, 0x8000000080000000, 0x00ff00ff00ff00ff, 15,
};

u64 operand(struct source *source)
{
	u64 random = next(source);

	switch (random >> 61) {
	case 0 ... 3:
		return edges[(random >> 8) % COUNT(edges)];
	case 4:
		return next(source) >> (random & 63);
	case 5:
		return (s64)next(source) >> (random & 63);
	default:
		return next(source);
	}
}

/* Numbers of a class in the format with so many bits of exponent and fraction. */
static u64 special(struct source *source, int exponent, int fraction, unsigned classes)
{
	u64 ones = (1ull << exponent) - 1, quiet = 1ull << (fraction - 1), random = next(source), sign = random >> 63;
	u64 biased = ones / 2, bits = next(source) & ((1ull << fraction) - 1);

	sign <<= exponent + fraction;
	switch (random & 15) {
	case 0:
		return sign;
	case 1:
		return classes & INFINITE ? sign | ones << fraction : sign | biased << fraction;
	case 2:
		return classes & QUIET ? sign | ones << fraction | bits | quiet : sign | bits;
	case 3:
		if (classes & SIGNALLING)
			return sign | ones << fraction | (bits & (quiet - 1)) | 1;
		return sign | (biased + 1) << fraction;
	case 4:
	case 5:
		if (classes & DENORMAL)
			return sign | (bits >> ((random >> 8) % fraction)) | 1;
		return sign | (biased - 1) << fraction;
	case 6: /* smallest normal numbers and greatest */
		if (classes & DENORMAL)
			return sign | 1ull << fraction | (random & 1);
		return sign | (biased + below(source, 8)) << fraction | bits;
	case 7:
		if (classes & INFINITE)
			return sign | (ones - 1) << fraction | ((1ull << fraction) - 1 - (random >> 8 & 3));
		return sign | (biased + 2) << fraction;
	case 8: /* halves and integers, about where integers end */
		bits &= -1ull << below(source, fraction);
		return sign | (biased + below(source, 70)) << fraction | bits;
	case 9:
	case 10:
	case 11:
		return sign | (biased - 2 + below(source, 5)) << fraction | bits;
	case 12:
		if (classes & INFINITE)
			return sign | (1 + next(source) % (ones - 1)) << fraction | bits;
		return sign | (biased - 16 + below(source, 32)) << fraction | bits;
	default:
		return sign | (biased - 30 + below(source, 60)) << fraction | bits;
	}
}

u64 float_operand(struct source *source, int bits, unsigned classes)
{
	u64 value = bits == 32 ? special(source, 8, 23, classes) : special(source, 11, 52, classes);
	u64 ones = bits == 32 ? 0xff : 0x7ff;
	int fraction = bits == 32 ? 23 : 52;

	/* What was meant as a zero with a fraction is a denormal. */
	if (!(classes & DENORMAL) && (value >> fraction & ones) == 0)
		value = value >> (bits - 1) << (bits - 1);
	return value;
}

void x87_operand(struct source *source, u8 *to, unsigned classes)
{
	u64 value = special(source, 11, 52, classes), fraction = value << 11, random = next(source);
	u16 exponent = value >> 52 & 0x7ff, sign = value >> 63 << 15;

	if (exponent == 0x7ff)
		exponent = 0x7fff;
	else if (exponent != 0 || (value << 12 && !(classes & DENORMAL)))
		exponent += 0x3fff - 0x3ff;
	if (exponent != 0)
		fraction |= 1ull << 63;
	if (exponent != 0 && exponent != 0x7fff) {
		if (fraction << 12)
			fraction |= random & 0x7ff; /* all 64 bits of it */
		if ((classes & INFINITE) && (random >> 60) == 0)
			exponent = 1 + (random >> 16) % 0x7ffe;
		if ((classes & UNSUPPORTED) && (random >> 60) == 1)
			fraction &= ~(1ull << 63); /* unnormal */
	} else if ((classes & UNSUPPORTED) && (random & 1)) {
		fraction ^= 1ull << 63; /* pseudo-infinity, pseudo-NaN, pseudo-denormal */
	}
	exponent |= sign;
	memcpy(to, &fraction, 8);
	memcpy(to + 8, &exponent, 2);
}
