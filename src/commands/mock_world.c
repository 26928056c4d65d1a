/* SPDX-License-Identifier: MIT */
/* MOCK WORLD: the servers that logging in as "world:NAME" makes. The host knows them. */
#include "commands/mock.h"
#include "engine/engine.h"
#include "reply/errors.h"

static void list(struct call *call)
{
    call->engine->host.list_worlds(call->engine->host.context, call->reply);
}

static void drop(struct call *call)
{
    const struct engine_host *host = &call->engine->host;
    reply_integer(call->reply, host->drop_world(host->context, call->argv[3]));
}

static void keep(struct call *call)
{
    const struct engine_host *host = &call->engine->host;
    if (host->keep_world(host->context, call->argc > 3 ? &call->argv[3] : NULL))
        reply_ok(call->reply);
    else
        reply_error(call->reply, ERROR_MOCK_WORLD_NAME);
}

void mock_world(struct call *call)
{
    static const struct mock_option options[] = {
        {"DROP", 4, 4, drop}, {"KEEP", 3, 4, keep}, {"LIST", 3, 3, list}, {0}};
    if (!call->engine->host.list_worlds && mock_is_allowed(call))
        reply_error(call->reply, ERROR_MOCK_WORLD_NONE);
    else if (call->engine->host.list_worlds)
        mock_run_option(call, options, "LIST, DROP name or KEEP [name]");
}
