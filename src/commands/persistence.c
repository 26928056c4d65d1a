/* SPDX-License-Identifier: MIT */
/* The data into files: SAVE, BGSAVE, LASTSAVE, BGREWRITEAOF. */
#include "engine/persistence.h"

#include "engine/call.h"
#include "engine/engine.h"
#include "engine/journal_file.h"
#include "engine/session.h"
#include "reply/errors.h"

static void persistence_command_save(struct call *call)
{
    if (persistence_save(call->engine))
        reply_ok(call->reply);
    else
        reply_error(call->reply, ERROR_NOT_SAVED);
}

/* One of EXEC's queue is put off, as in Redis. */
static bool is_put_off(const struct call *call)
{
    return call->session->flags & SESSION_IN_EXEC && call_emulates(call, 7, 0);
}

static void persistence_command_bgsave(struct call *call)
{
    if (call->argc > 1 && (call->argc > 2 || !call_is(call, 1, "SCHEDULE"))) {
        call_syntax_error(call);
        return;
    }
    if (is_put_off(call)) {
        call->engine->persistence.is_scheduled = true;
        reply_simple(call->reply, "Background saving scheduled");
        return;
    }
    persistence_save_in_background(call->engine);
    reply_simple(call->reply, "Background saving started");
}

static bool can_rewrite(const struct call *call)
{
    return !call->engine->journal.facts.is_forbidden;
}

static void persistence_command_bgrewriteaof(struct call *call)
{
    struct journal *journal = &call->engine->journal;
    /* What the commands around it did is in no file yet. */
    bool is_put_off = call->session->flags & SESSION_IN_EXEC || journal->unit_count > 0;
    if (can_rewrite(call) && is_put_off) {
        journal_file_schedule_rewrite(call->engine);
        reply_simple(call->reply, "Background append only file rewriting scheduled");
    } else if (can_rewrite(call) && journal_file_rewrite(call->engine)) {
        reply_simple(call->reply, "Background append only file rewriting started");
    } else {
        reply_error(call->reply, ERROR_REWRITE_FAILED);
    }
}

static void persistence_command_lastsave(struct call *call)
{
    reply_integer(call->reply, call->engine->persistence.last_save_s);
}

static const struct command_argument bgsave_arguments[] = {
    {.name = "schedule",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "SCHEDULE",
     .flags = ARGUMENT_OPTIONAL,
     .since = "3.2.2"},
    {0},
};

const struct command persistence_commands[] = {
    {.name = "SAVE",
     .arity = 1,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_NO_ASYNC_LOADING | COMMAND_NO_MULTI,
     .since = "1.0.0",
     .group = "server",
     .summary = "Writes the data to a file, and answers when that is done.",
     .complexity = "O(N) for N keys",
     .run = persistence_command_save},
    {.name = "BGSAVE",
     .arity = -1,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_NO_ASYNC_LOADING,
     .since = "1.0.0",
     .group = "server",
     .summary = "Has the data written to a file.",
     .complexity = "O(N) for N keys",
     .arguments = bgsave_arguments,
     .run = persistence_command_bgsave},
    {.name = "BGREWRITEAOF",
     .arity = 1,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_NO_ASYNC_LOADING,
     .since = "1.0.0",
     .group = "server",
     .summary = "Has the append-only file begun anew, with the data of now.",
     .complexity = "O(N) for N keys",
     .run = persistence_command_bgrewriteaof},
    {.name = "LASTSAVE",
     .arity = 1,
     .flags = COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST,
     .categories = CATEGORY_ADMIN | CATEGORY_DANGEROUS,
     .since = "1.0.0",
     .group = "server",
     .summary = "Answers when the data was last saved.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .run = persistence_command_lastsave},
    {0},
};
