/* Loads and stores of all sizes at all alignments, across pages whose frames don't follow each other. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "mix.h"

#define BUFFER 0x21000000
#define MIDDLE (BUFFER + PAGE)

#define ACCESSES(type, insn, register) \
	static u64 load_##type(u64 address) \
	{ \
		u64 value = 0; \
		asm volatile(insn " (%1), %" register "0" : "+r"(value) : "r"(address) : "memory"); \
		return value; \
	} \
	static void store_##type(u64 address, u64 value) \
	{ \
		asm volatile(insn " %" register "1, (%0)" : : "r"(address), "r"(value) : "memory"); \
	} \
	static void add_##type(u64 address, u64 value) \
	{ \
		asm volatile("add %" register "1, (%0)" : : "r"(address), "r"(value) : "memory", "cc"); \
	}

ACCESSES(8, "movb", "b")
ACCESSES(16, "movw", "w")
ACCESSES(32, "movl", "k")
ACCESSES(64, "movq", "q")

static void copy_128(u64 from, u64 to)
{
	asm volatile("movups (%0), %%xmm0; movdqu %%xmm0, (%1)" : : "r"(from), "r"(to) : "xmm0", "memory");
}

static void copy_80(u64 from, u64 to)
{
	asm volatile("fldt (%0); fstpt (%1)" : : "r"(from), "r"(to) : "st", "memory");
}

static void push_pop(u64 from, u64 to)
{
	asm volatile("movq %%rsp, %%r8; leaq 8(%1), %%rsp; pushq (%0); movq %%r8, %%rsp"
		     : : "r"(from), "r"(to) : "r8", "memory");
}

static void push_short(u64 from, u64 to)
{
	asm volatile("movq %%rsp, %%r8; leaq 2(%1), %%rsp; pushw (%0); movq %0, %%rsp; popw (%1); movq %%r8, %%rsp"
		     : : "r"(from), "r"(to) : "r8", "memory");
}

typedef void copy(u64 from, u64 to);

static u64 (*const loads[])(u64) = { load_8, load_16, load_32, load_64 };
static void (*const stores[])(u64, u64) = { store_8, store_16, store_32, store_64, add_8, add_16, add_32, add_64 };

static void run_copies(struct digest *digest, unsigned rounds, copy *const *copies, unsigned count)
{
	struct source source = { 0x6b6b6b6b };
	int file = frames(2 * PAGE);
	u64 *words = (u64 *)(MIDDLE - 64);

	view(BUFFER, PAGE, PROT_READ | PROT_WRITE, file, PAGE);
	view(MIDDLE, PAGE, PROT_READ | PROT_WRITE, file, 0);
	for (unsigned round = 0; round < rounds; round++) {
		for (u64 address = MIDDLE - 17; address < MIDDLE + 17; address++) {
			for (unsigned n = 0; n < COUNT(stores); n++)
				stores[n](address, next(&source));
			for (unsigned n = 0; n < COUNT(loads); n++)
				mix(digest, loads[n](address));
			for (unsigned n = 0; n < count; n++) {
				copies[n](address, MIDDLE - 40 + below(&source, 48));
				copies[n](MIDDLE - 40 + below(&source, 48), address);
			}
		}
		for (unsigned n = 0; n < 16; n++)
			mix(digest, words[n]);
	}
	close(file);
}

void run_unaligned(struct digest *digest, unsigned rounds, const struct group *group)
{
	static copy *const copies[] = { copy_128, push_pop, push_short };

	(void)group;
	run_copies(digest, rounds, copies, COUNT(copies));
}

void run_unaligned_x87(struct digest *digest, unsigned rounds, const struct group *group)
{
	static copy *const copies[] = { copy_80 };

	(void)group;
	run_copies(digest, rounds, copies, COUNT(copies));
}

/* Pages whose addresses differ in their upper halves alone, as those of a process and of the kernel may. */
void run_distant(struct digest *digest, unsigned rounds, const struct group *group)
{
	struct source source = { 0x7d7d7d7d };
	u64 pages[8];

	(void)group;
	for (unsigned n = 0; n < COUNT(pages); n++)
		view(pages[n] = BUFFER + ((u64)n * n << 32), PAGE, PROT_READ | PROT_WRITE, -1, 0);
	for (unsigned n = 0; n < rounds * 64; n++) {
		u64 address = below(&source, PAGE - 8);

		stores[below(&source, COUNT(stores))](pages[below(&source, COUNT(pages))] + address, next(&source));
		for (unsigned page = 0; page < COUNT(pages); page++)
			mix(digest, loads[below(&source, COUNT(loads))](pages[page] + address));
	}
	for (unsigned n = 0; n < COUNT(pages); n++)
		munmap((void *)pages[n], PAGE);
}
