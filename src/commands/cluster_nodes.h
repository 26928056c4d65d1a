/* SPDX-License-Identifier: MIT */
/* CLUSTER's subcommands about this node and others. For cluster.c, which has their rows. */
#ifndef UNDERSTUDY_COMMANDS_CLUSTER_NODES_H
#define UNDERSTUDY_COMMANDS_CLUSTER_NODES_H

struct call;

void cluster_nodes_id(struct call *call);
void cluster_nodes_shard_id(struct call *call);
void cluster_nodes_bump_epoch(struct call *call);
void cluster_nodes_set_epoch(struct call *call);
void cluster_nodes_reset(struct call *call);
void cluster_nodes_save(struct call *call);
void cluster_nodes_fail_over(struct call *call);
void cluster_nodes_meet(struct call *call);
void cluster_nodes_forget(struct call *call);
void cluster_nodes_replicate(struct call *call);

#endif
