/* SPDX-License-Identifier: MIT */
/* CLUSTER's subcommands that tell what the cluster is like. For cluster.c, which has their rows. */
#ifndef UNDERSTUDY_COMMANDS_CLUSTER_REPORT_H
#define UNDERSTUDY_COMMANDS_CLUSTER_REPORT_H

struct call;

void cluster_report_info(struct call *call);
void cluster_report_nodes(struct call *call);
void cluster_report_slots(struct call *call);
void cluster_report_shards(struct call *call);
void cluster_report_links(struct call *call);
/* REPLICAS and SLAVES. */
void cluster_report_replicas(struct call *call);
void cluster_report_failures(struct call *call);

#endif
