/*
 * See statistics.h. TypeScript half: src/qemu/statistics.ts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "qemu/osdep.h"
#include "statistics.h"

QemuwebStatistics qemuweb_statistics;

void qemuweb_print_statistics(GString *text)
{
    const QemuwebStatistics *s = &qemuweb_statistics;
    const struct {
        const char *name;
        uint64_t value;
    } lines[] = {
        { "translated blocks", s->translated },
        { "compiled modules", s->modules },
        { "compiled functions", s->functions },
        { "compiled blocks", s->blocks },
        { "compiled guest instructions", s->instructions },
        { "compiled bytes", s->bytes },
        { "refused blocks", s->refused },
        { "entries", s->entries },
        { "exits", s->exits },
        { "memory accesses, slow path", s->accesses },
        { "TLB entries brought back", s->victims },
        { "device accesses", s->devices },
        { "writes of tracked pages", s->tracked },
        { "TLB fills", s->fills },
        { "TLB entries evicted", s->evicted },
        { "TLBs enlarged", s->grown },
        { "vCPU sleeps", s->vcpu_sleeps },
        { "main loop sleeps", s->main_loop_sleeps },
    };

    for (size_t n = 0; n < ARRAY_SIZE(lines); n++) {
        g_string_append_printf(text, "%-27s %" PRIu64 "\n", lines[n].name, lines[n].value);
    }
}
