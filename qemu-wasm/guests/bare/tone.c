/*
 * A guest that plays a tone for good on an Intel HD Audio card with an output codec (QEMU's intel-hda, hda-output), and says so on
 * the first serial port.
 * Registers and verbs: High Definition Audio Specification 1.0a, sections 3.3, 3.4.3, 3.6 and 7.3.
 */
#include "bare.h"

#define TONE 1000 /* Hz */
#define RATE 48000
#define FRAMES (RATE / TONE)
#define PERIODS 100
#define STREAM 1

enum { GCAP = 0x00, GCTL = 0x08, ICW = 0x60, ICS = 0x68 };
/* Of a stream's descriptor. */
enum { CTL = 0x00, CBL = 0x08, LVI = 0x0c, FMT = 0x12, BDPL = 0x18, BDPU = 0x1c };
/* Of QEMU's output codec (hw/audio/hda-codec.c). */
enum { CONVERTER = 2, PIN = 3 };

struct buffer {
	uint64_t address;
	uint32_t length;
	uint32_t flags;
};

static int16_t samples[2][FRAMES * PERIODS * 2] __attribute__((aligned(128)));
static struct buffer list[2] __attribute__((aligned(128)));
ENTRY(play);

static uint32_t pci(uint32_t device, uint32_t reg)
{
	outl(0xcf8, 0x80000000 | device << 11 | reg);
	return inl(0xcfc);
}

static volatile uint8_t *card;

static volatile uint32_t *word(uint32_t reg)
{
	return (volatile uint32_t *)(card + reg);
}

static volatile uint16_t *half(uint32_t reg)
{
	return (volatile uint16_t *)(card + reg);
}

/* By the immediate command registers: the first codec's node is told to do something. */
static void command(uint32_t node, uint32_t verb)
{
	*word(ICW) = node << 20 | verb;
	*half(ICS) = 1;
	while (*half(ICS) & 1)
		;
}

void play(void)
{
	uint32_t device = 0, stream;

	while (device < 32 && pci(device, 8) >> 16 != 0x0403)
		device++;
	if (device == 32) {
		say("There is no sound card.\r\n");
		return;
	}
	card = (volatile uint8_t *)(pci(device, 0x10) & ~15);
	outl(0xcf8, 0x80000000 | device << 11 | 4);
	outl(0xcfc, 6); /* memory, bus master */

	*word(GCTL) = 1; /* out of reset */
	while (!(*word(GCTL) & 1))
		;
	command(CONVERTER, 0x2 << 16 | 0x0011);           /* 48 kHz, 16 bits, two channels */
	command(CONVERTER, 0x706 << 8 | STREAM << 4);
	command(CONVERTER, 0x3 << 16 | 0xb000 | 0x4a);    /* output amplifiers, both: gain, not muted */
	command(PIN, 0x707 << 8 | 0x40);

	for (int n = 0; n < FRAMES * PERIODS * 2; n++)
		samples[0][n] = samples[1][n] = n / 2 % FRAMES < FRAMES / 2 ? 8000 : -8000;
	for (int n = 0; n < 2; n++)
		list[n] = (struct buffer){(uint32_t)samples[n], sizeof(samples[n]), 0};
	stream = 0x80 + 0x20 * (*half(GCAP) >> 8 & 15); /* the first of those out, behind those in */
	*word(stream + BDPL) = (uint32_t)list;
	*word(stream + BDPU) = 0;
	*word(stream + CBL) = sizeof(samples);
	*half(stream + LVI) = 1;
	*half(stream + FMT) = 0x0011;
	*word(stream + CTL) = STREAM << 20 | 2;
	say("The tone is played.\r\n");
}
