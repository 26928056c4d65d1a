/* SPDX-License-Identifier: MIT */
/* The CLIENT subcommands about clients that wait; their rows stand with CLIENT's others
 * (clients.c). */
#ifndef UNDERSTUDY_COMMANDS_WAITS_H
#define UNDERSTUDY_COMMANDS_WAITS_H

struct call;

void waits_client_unblock(struct call *call);
void waits_client_pause(struct call *call);
void waits_client_unpause(struct call *call);

#endif
