/*
 * A guest that makes memory writable and read-only again and again, and writes to it right after each: what a device has been told
 * counts for the next instruction. q35's memory controller, PAM0: what lies at 0xf0000 (Intel 3 Series datasheet, section 5.1.20).
 * Says how many writes went wrong on the first serial port.
 */
#include "bare.h"

/* Registers of that device: the second one is read-only. */
enum { PAM0 = 0x90, SUBSYSTEM = 0x2c };
enum { READ_ONLY = 0x10, WRITABLE = 0x30 };
/*
 * In the first rounds nothing changes, so that the code becomes hot, and its blocks linked, as what usually does no more than that.
 * Then it changes thousands of times: all the old maps of the memory together would be more than an emulator may have memory for.
 */
enum { WARM_UP = 1000, ROUNDS = WARM_UP + 1000 };
/* Where SeaBIOS puts the configuration space of PCI Express: bus 0, device 0 first. */
#define CONFIGURATION 0xb0000000

ENTRY(switch_banks);

static volatile uint32_t *const word = (volatile uint32_t *)0xf8000;

static void by_port(uint32_t reg, uint8_t access)
{
	outl(0xcf8, 0x80000000 | reg);
	outb(0xcfc, access);
}

static void by_memory(uint32_t reg, uint8_t access)
{
	*(volatile uint8_t *)(CONFIGURATION + reg) = access;
}

#define COUNT_WRONG(set)                                          \
	set(PAM0, WRITABLE);                                      \
	for (uint32_t n = 1; n <= ROUNDS; n++) {                  \
		uint32_t reg = n <= WARM_UP ? SUBSYSTEM : PAM0;   \
                                                                  \
		set(reg, WRITABLE);                               \
		*word = n;                                        \
		set(reg, READ_ONLY);                              \
		*word = ~n;                                       \
		wrong += *word != (n <= WARM_UP ? ~n : n);        \
	}

void switch_banks(void)
{
	unsigned wrong = 0;
	char digits[] = "0000";

	COUNT_WRONG(by_port)
	COUNT_WRONG(by_memory)
	for (int n = 3; n >= 0; n--, wrong /= 10)
		digits[n] += wrong % 10;
	say("Wrong: ");
	say(digits);
	say(".\r\n");
}
