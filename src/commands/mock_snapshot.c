/* SPDX-License-Identifier: MIT */
/* MOCK SNAPSHOT: named moments of the server, to which a test may go back. */
#include "commands/mock.h"
#include "controls/snapshots.h"
#include "engine/engine.h"
#include "reply/errors.h"
#include "script/saved_scripts.h"

static void *save_scripts(struct engine *engine)
{
    return saved_scripts_take(engine->interpreter);
}

static void restore_scripts(struct call *call, void *state)
{
    saved_scripts_restore(state, call);
}

static void free_scripts(void *state)
{
    saved_scripts_free(state);
}

static void *save_users(struct engine *engine)
{
    return acl_copy(engine);
}

static void restore_users(struct call *call, void *state)
{
    acl_restore(call->engine, state);
}

static void free_users(void *state)
{
    acl_copy_free(state);
}

/* What of the server's state the engine does not hold itself: one row a layer. */
const struct snapshots_part mock_snapshot_parts[] = {
    {save_scripts, restore_scripts, free_scripts},
    {save_users, restore_users, free_users},
    {0},
};

static void save(struct call *call)
{
    snapshots_save(call->engine, call->argv[3], mock_snapshot_parts);
    reply_ok(call->reply);
}

static void restore(struct call *call)
{
    if (snapshots_restore(call, call->argv[3]))
        reply_ok(call->reply);
    else
        reply_error_format(call->reply, ERROR_MOCK_SNAPSHOT_NAME, BYTES_PRINT(call->argv[3]));
}

static void list(struct call *call)
{
    snapshots_reply_list(call->engine, call->reply);
}

static void delete (struct call *call)
{
    reply_integer(call->reply, snapshots_delete(call->engine, call->argv[3]));
}

void mock_snapshot(struct call *call)
{
    static const struct mock_option options[] = {{"SAVE", 4, 4, save},
                                                 {"RESTORE", 4, 4, restore},
                                                 {"LIST", 3, 3, list},
                                                 {"DELETE", 4, 4, delete},
                                                 {0}};
    mock_run_option(call, options, "SAVE name, RESTORE name, LIST or DELETE name");
}
