/* SPDX-License-Identifier: MIT */
/*
 * CLIENT LIST, INFO and KILL: the sessions that their filters choose, as lines of text or as those
 * to close. Their rows stand with CLIENT's others (clients.c).
 */
#ifndef UNDERSTUDY_COMMANDS_CLIENT_LINES_H
#define UNDERSTUDY_COMMANDS_CLIENT_LINES_H

struct call;

void client_lines_list(struct call *call);
void client_lines_info(struct call *call);
void client_lines_kill(struct call *call);

#endif
