/* SPDX-License-Identifier: MIT */
/* CLUSTER's subcommands that give slots to nodes. For cluster.c, which has their rows. */
#ifndef UNDERSTUDY_COMMANDS_CLUSTER_SLOTS_H
#define UNDERSTUDY_COMMANDS_CLUSTER_SLOTS_H

struct call;

void cluster_slots_add(struct call *call);
void cluster_slots_add_ranges(struct call *call);
void cluster_slots_delete(struct call *call);
void cluster_slots_delete_ranges(struct call *call);
void cluster_slots_flush(struct call *call);
void cluster_slots_set(struct call *call);

#endif
