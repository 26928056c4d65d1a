/* SPDX-License-Identifier: MIT */
/* MONITOR: a connection that is shown what all others ask for. */
#include "engine/call.h"
#include "engine/monitor.h"
#include "engine/session.h"
#include "reply/errors.h"

/* One that is a monitor already gets no answer. */
static void monitoring_monitor(struct call *call)
{
    if (call->session->flags & SESSION_IN_EXEC)
        reply_error(call->reply, ERROR_MONITOR_DENIED);
    else if (monitor_add(call->session))
        reply_ok(call->reply);
}

const struct command monitoring_commands[] = {
    {.name = "MONITOR",
     .arity = 1,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE,
     .since = "1.0.0",
     .group = "server",
     .summary = "Shows every command that the server runs.",
     .run = monitoring_monitor},
    {0},
};
