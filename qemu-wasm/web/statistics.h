/*
 * What the engine counts, all the time: on paths that are slow anyway. `x-accel-stats` (QMP) and `info accel` tell it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QEMUWEB_STATISTICS_H
#define QEMUWEB_STATISTICS_H

#include <stdint.h>

/* Each has one thread that counts: the vCPU's, but for `main_loop_sleeps`. Others read what is a little old. */
typedef struct QemuwebStatistics {
    uint64_t translated; /* blocks, those that were translated again included */
    /* jit/ compiled: modules, functions and blocks in them, the blocks' guest instructions; the modules' bytes. */
    uint64_t modules, functions, blocks, instructions, bytes;
    uint64_t refused; /* blocks that stay with the interpreter */
    uint64_t entries; /* from C to the interpreter or to compiled code */
    uint64_t exits; /* to QEMU's loop; the other entries are turns from one of the two to the other */
    uint64_t accesses; /* of the guest's memory that the TLB alone doesn't serve: pages that it lacks, devices, code, unaligned ones in C */
    /* What serves them, where that isn't a walk: entries that were pushed out last, devices; writes that QEMU has to know of. */
    uint64_t victims, devices, tracked;
    uint64_t fills, evicted, grown; /* of the TLB: entries set, valid ones pushed out by them; times that one became larger for that */
    uint64_t vcpu_sleeps, main_loop_sleeps;
} QemuwebStatistics;

extern QemuwebStatistics qemuweb_statistics;

/* Appends a line each: a name, spaces, a number. */
void qemuweb_print_statistics(GString *text);

#endif
