/*
 * Migration transport `web` (URI `web:`): what `migrate` and `migrate-incoming` send and read passes through a byte ring in shared
 * memory. JavaScript half: src/qemu/migration.ts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef QEMUWEB_MIGRATION_H
#define QEMUWEB_MIGRATION_H

#include "io/channel.h"
#include "ring.h"

/* Layout shared with JavaScript: little-endian 32-bit words. */
typedef struct {
    WebRing ring;
    uint32_t flag;     /* addresses of the words that wake QEMU (wake.h) */
    uint32_t sequence;
    uint32_t ended;    /* set by JavaScript: nothing more is put in (incoming) */
    uint32_t failed;   /* set by JavaScript: what came can't be kept, or what is asked for can't be had */
} WebMigrationShared;

/* Each makes the channel, or sets an error: one at a time can be open. */
QIOChannel *qemuweb_migration_outgoing(Error **errp);
void qemuweb_migration_incoming(Error **errp);

#endif
