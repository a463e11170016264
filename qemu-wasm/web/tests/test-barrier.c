/*
 * Whether smp_mb() keeps a store before a load of the same thread: each of two threads counts, and writes down how far it saw the
 * other one. Of two stores the later one's thread sees the other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/thread.h"

#define TRIALS 20
#define ROUNDS 2000000

static uint32_t ready, count[2], seen[2][ROUNDS + 1];

static void *run(void *opaque)
{
    intptr_t me = (intptr_t)opaque;

    qatomic_inc(&ready);
    while (qatomic_read(&ready) < 2) {
    }
    for (uint32_t n = 1; n <= ROUNDS; n++) {
        qatomic_set(&count[me], n);
        smp_mb();
        seen[me][n] = qatomic_read(&count[!me]);
    }
    return NULL;
}

/* How many stores both threads have missed. */
static uint32_t trial(void)
{
    QemuThread threads[2];
    uint32_t missed = 0;

    ready = count[0] = count[1] = 0;
    for (intptr_t n = 0; n < 2; n++) {
        qemu_thread_create(&threads[n], "test", run, (void *)n, QEMU_THREAD_JOINABLE);
    }
    for (unsigned n = 0; n < 2; n++) {
        qemu_thread_join(&threads[n]);
    }
    for (uint32_t n = 1; n <= ROUNDS; n++) {
        uint32_t next = seen[0][n] + 1;

        missed += next <= ROUNDS && seen[1][next] < n;
    }
    return missed;
}

int main(int argc, char **argv)
{
    uint32_t missed = 0;

    for (unsigned n = 0; n < TRIALS; n++) {
        missed += trial();
    }
    printf("%u stores missed by both\n", missed);
    return missed != 0;
}
