/* SPDX-License-Identifier: MIT */
/* CLUSTER's subcommands that give slots to nodes or tell their keys. For cluster.c, which has the
 * rows. */
#ifndef UNDERSTUDY_COMMANDS_CLUSTER_SLOTS_H
#define UNDERSTUDY_COMMANDS_CLUSTER_SLOTS_H

struct call;

void cluster_slots_add(struct call *call);
void cluster_slots_add_ranges(struct call *call);
void cluster_slots_delete(struct call *call);
void cluster_slots_delete_ranges(struct call *call);
void cluster_slots_flush(struct call *call);
void cluster_slots_set(struct call *call);
void cluster_slots_of_key(struct call *call);
void cluster_slots_count_keys(struct call *call);
void cluster_slots_list_keys(struct call *call);

#endif
