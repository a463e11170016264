/*
 * What programs without a kernel have in common: the entry by PVH (Xen's docs/misc/pvh.pandoc: 32 bits, flat segments, no paging, no
 * interrupts), ports, and words on the first serial port.
 */
#include <stdint.h>

/* Where the program begins: a function without arguments. */
#define ENTRY(function)                                        \
	static char stack[4096] __attribute__((used));         \
	__asm__(".section .note.Xen, \"a\", @note\n"           \
		".long 4, 4, 18\n" /* XEN_ELFNOTE_PHYS32_ENTRY */ \
		".asciz \"Xen\"\n"                             \
		".long _start\n"                               \
		".text\n"                                      \
		".globl _start\n"                              \
		"_start: movl $stack + 4096, %esp\n"           \
		"call " #function "\n"                         \
		"1: hlt\n"                                     \
		"jmp 1b\n")

static inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void say(const char *text)
{
	while (*text)
		outb(0x3f8, *text++);
}
