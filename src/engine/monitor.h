/* SPDX-License-Identifier: MIT */
/*
 * MONITOR: sessions that are shown each command that runs.
 *
 *     monitor_add(session);
 *     if (engine has monitors) monitor_show(&call);    // "1700000000.123456 [0 127.0.0.1:4711]
 * "GET" "k""
 */
#ifndef UNDERSTUDY_ENGINE_MONITOR_H
#define UNDERSTUDY_ENGINE_MONITOR_H

#include <stdbool.h>

struct call;
struct session;

/* False when it was one already. */
bool monitor_add(struct session *session);
/* Does nothing for one that is none. */
void monitor_remove(struct session *session);
bool monitor_is(const struct session *session);

/* Shows the command to all monitors, but for the arguments that call_redact has hidden. The
 * dispatcher does it when the command has run; one that runs others calls it itself, so that the
 * order of the lines makes sense. */
void monitor_show(const struct call *call);

#endif
