/* SPDX-License-Identifier: MIT */
/* MULTI and WATCH: the commands; what they do stands in engine/transaction.c. */
#include "engine/transaction.h"

#include "engine/call.h"
#include "reply/errors.h"

static void transactions_multi(struct call *call)
{
    if (call->session->flags & SESSION_IN_MULTI) {
        reply_error(call->reply, ERROR_MULTI_NESTED);
        return;
    }
    call->session->flags |= SESSION_IN_MULTI;
    reply_ok(call->reply);
}

static void transactions_exec(struct call *call)
{
    struct session *session = call->session;
    if (!(session->flags & SESSION_IN_MULTI)) {
        reply_error(call->reply, ERROR_EXEC_WITHOUT_MULTI);
    } else if (session->flags & SESSION_DIRTY_EXEC) {
        reply_error(call->reply, ERROR_EXECABORT);
        transaction_discard(session);
    } else if (session->flags & SESSION_DIRTY_CAS || transaction_has_overdue_watch(session)) {
        reply_null_array(call->reply);
        transaction_discard(session);
    } else {
        reply_open(call->reply, REPLY_ARRAY, (size_t)session->queue_count);
        transaction_execute(session, call->reply);
        reply_close(call->reply);
    }
}

static void transactions_discard(struct call *call)
{
    if (!(call->session->flags & SESSION_IN_MULTI)) {
        reply_error(call->reply, ERROR_DISCARD_WITHOUT_MULTI);
        return;
    }
    transaction_discard(call->session);
    reply_ok(call->reply);
}

static void transactions_watch(struct call *call)
{
    if (call->session->flags & SESSION_IN_MULTI) {
        reply_error(call->reply, ERROR_WATCH_IN_MULTI);
        return;
    }
    for (int i = 1; i < call->argc; i++)
        transaction_watch(call->session, call->db, call->argv[i]);
    reply_ok(call->reply);
}

static void transactions_unwatch(struct call *call)
{
    transaction_unwatch_all(call->session);
    call->session->flags &= (uint32_t)~SESSION_DIRTY_CAS;
    reply_ok(call->reply);
}

static const struct command_argument watch_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE},
    {0},
};

const struct command transactions_commands[] = {
    {.name = "MULTI",
     .arity = 1,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST |
              COMMAND_ALLOW_BUSY | COMMAND_ENDS_QUEUEING,
     .categories = CATEGORY_TRANSACTION,
     .since = "1.2.0",
     .group = "transactions",
     .summary = "Starts a transaction: what follows is queued.",
     .complexity = "O(1)",
     .run = transactions_multi},
    {.name = "EXEC",
     .arity = 1,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_SKIP_SLOWLOG |
              COMMAND_ENDS_QUEUEING | COMMAND_LEAVES_MULTI | COMMAND_ABORTS_TRANSACTION,
     .categories = CATEGORY_TRANSACTION,
     .since = "1.2.0",
     .group = "transactions",
     .summary = "Runs the queued commands as one.",
     .complexity = "As that of the queued commands",
     .run = transactions_exec},
    {.name = "DISCARD",
     .arity = 1,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST |
              COMMAND_ALLOW_BUSY | COMMAND_ENDS_QUEUEING | COMMAND_LEAVES_MULTI,
     .categories = CATEGORY_TRANSACTION,
     .since = "2.0.0",
     .group = "transactions",
     .summary = "Drops the queued commands.",
     .complexity = "O(N) for N queued commands",
     .run = transactions_discard},
    {.name = "WATCH",
     .arity = -2,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST |
              COMMAND_ALLOW_BUSY | COMMAND_ENDS_QUEUEING,
     .categories = CATEGORY_TRANSACTION,
     .since = "2.2.0",
     .group = "transactions",
     .summary = "Makes the next transaction depend on keys staying as they are.",
     .complexity = "O(N) for N keys",
     KEY_SPECS({.flags = KEY_RO, .begin_position = 1, .last = -1, .step = 1}),
     .arguments = watch_arguments,
     .run = transactions_watch},
    {.name = "UNWATCH",
     .arity = 1,
     .flags =
         COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST | COMMAND_ALLOW_BUSY,
     .categories = CATEGORY_TRANSACTION,
     .since = "2.2.0",
     .group = "transactions",
     .summary = "Ends what WATCH began.",
     .complexity = "O(1)",
     .run = transactions_unwatch},
    {0},
};
