/*
 * A guest that hangs: arms q35's watchdog (the TCO timer of its ICH9), says so on the first serial port, and never looks at it
 * again. Entered by PVH (Xen's docs/misc/pvh.pandoc): 32 bits, flat segments, no interrupts.
 * Registers: Intel's datasheet of the ICH9 (316972), sections 10.1, 13.1 and 13.9.
 */
	.set	PMBASE, 0x600
	.set	RCBA, 0xfed1c000
	.set	TCO, PMBASE + 0x60
	.set	SERIAL, 0x3f8

	/* A register of the LPC bridge, PCI device 00:1f.0. */
	.macro	bridge register, value
	movl	$(0x8000f800 | \register), %eax
	movw	$0xcf8, %dx
	outl	%eax, %dx
	movl	$\value, %eax
	movw	$0xcfc, %dx
	outl	%eax, %dx
	.endm

	.macro	tco register, value
	movw	$\value, %ax
	movw	$(TCO + \register), %dx
	outw	%ax, %dx
	.endm

	.section .note.Xen, "a", @note
	.long	4, 4, 18		/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.long	_start

	.text
	.globl	_start
_start:
	bridge	0x40, PMBASE | 1
	bridge	0x44, 0x80		/* ACPI_CNTL: the registers at PMBASE are there */
	bridge	0xf0, RCBA | 1
	movl	$0, RCBA + 0x3410	/* GCS: without NO_REBOOT */
	tco	0x12, 2			/* TCO_TMR, of 0.6 s; it expires the second time */
	tco	0x08, 0			/* TCO1_CNT: it runs */
	tco	0x00, 1			/* TCO_RLD: from its beginning */

	movl	$armed, %esi
	movw	$SERIAL, %dx
1:	lodsb
	testb	%al, %al
	jz	2f
	outb	%al, %dx
	jmp	1b
2:	hlt
	jmp	2b

armed:	.asciz	"The watchdog is armed.\r\n"
