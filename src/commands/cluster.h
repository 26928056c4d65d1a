/* SPDX-License-Identifier: MIT */
/* What the files of CLUSTER share. */
#ifndef UNDERSTUDY_COMMANDS_CLUSTER_H
#define UNDERSTUDY_COMMANDS_CLUSTER_H

struct call;
struct cluster;

/* The cluster as it is now. NULL: there is none, and the error was answered. */
struct cluster *cluster_of(struct call *call);

#endif
