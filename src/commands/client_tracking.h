/* SPDX-License-Identifier: MIT */
/* The subcommands of CLIENT about client-side caching, for clients.c's table. */
#ifndef UNDERSTUDY_COMMANDS_CLIENT_TRACKING_H
#define UNDERSTUDY_COMMANDS_CLIENT_TRACKING_H

struct call;

void client_tracking_caching(struct call *call);
void client_tracking_getredir(struct call *call);
void client_tracking_info(struct call *call);
void client_tracking_switch(struct call *call);

#endif
