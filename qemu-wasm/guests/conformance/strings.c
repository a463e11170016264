/* String instructions: all sizes, both directions, with and without prefixes, overlapping, over a page boundary. */
#include <string.h>
#include <sys/mman.h>
#include "mix.h"

#define BUFFER 0x20000000
/* Of the buffer's two pages: their boundary is in the middle. */
#define WINDOW (BUFFER + PAGE - 256)

struct strings {
	u64 a, c, si, di, flags;
};

#define STRING(name, insn) \
	static void name(struct strings *r) \
	{ \
		asm volatile("cmpb $0x35, %b0; " insn "; cld; pushfq; popq %4" \
			     : "+a"(r->a), "+c"(r->c), "+S"(r->si), "+D"(r->di), "=r"(r->flags) : : "cc", "memory"); \
	}
#define SIZES(name, prefix, insn) \
	STRING(name##_b, prefix insn "b") STRING(name##_w, prefix insn "w") \
	STRING(name##_l, prefix insn "l") STRING(name##_q, prefix insn "q") \
	STRING(name##_back_b, "std; " prefix insn "b") STRING(name##_back_w, "std; " prefix insn "w") \
	STRING(name##_back_l, "std; " prefix insn "l") STRING(name##_back_q, "std; " prefix insn "q")
#define NAMES(name) \
	name##_b, name##_w, name##_l, name##_q, name##_back_b, name##_back_w, name##_back_l, name##_back_q

SIZES(movs, "", "movs")
SIZES(stos, "", "stos")
SIZES(lods, "", "lods")
SIZES(scas, "", "scas")
SIZES(cmps, "", "cmps")
SIZES(rep_movs, "rep; ", "movs")
SIZES(rep_stos, "rep; ", "stos")
SIZES(rep_lods, "rep; ", "lods")
SIZES(repe_scas, "repe; ", "scas")
SIZES(repne_scas, "repne; ", "scas")
SIZES(repe_cmps, "repe; ", "cmps")
SIZES(repne_cmps, "repne; ", "cmps")
SIZES(short_movs, "rep; addr32 ", "movs")

static void (*const strings[])(struct strings *) = {
	NAMES(movs), NAMES(stos), NAMES(lods), NAMES(scas), NAMES(cmps), NAMES(rep_movs), NAMES(rep_stos), NAMES(rep_lods),
	NAMES(repe_scas), NAMES(repne_scas), NAMES(repe_cmps), NAMES(repne_cmps), NAMES(short_movs),
};

void run_strings(struct digest *digest, unsigned rounds, const struct group *group)
{
	struct source source = { 0x5a5a5a5 };
	u64 *window = (u64 *)WINDOW;

	(void)group;
	map(BUFFER, 2 * PAGE, PROT_READ | PROT_WRITE);
	for (unsigned round = 0; round < rounds; round++) {
		for (unsigned n = 0; n < 64; n++)
			window[n] = next(&source) & 0x0101000100010001;
		for (unsigned n = 0; n < COUNT(strings); n++) {
			struct strings r = { .a = next(&source) & 0x0101000100010001, .c = below(&source, 26) };
			u64 distance = below(&source, 3) ? below(&source, 300) : below(&source, 16);

			/* The middle, so that 25 of 8 bytes stay inside either way. */
			r.si = WINDOW + 200 + below(&source, 100);
			r.di = WINDOW + 200 + (r.si - WINDOW - 200 + distance) % 112;
			strings[n](&r);
			mix(digest, r.a);
			mix(digest, r.c);
			mix(digest, r.si);
			mix(digest, r.di);
			mix(digest, r.flags & (ALL | 0x400));
		}
		for (unsigned n = 0; n < 64; n++)
			mix(digest, window[n]);
	}
}
