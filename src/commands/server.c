/* SPDX-License-Identifier: MIT */
/* Commands about the server as a whole: its data, its time, its configuration, its end. */
#include "commands/help_lines.h"
#include "engine/acl_file.h"
#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/journal.h"
#include "engine/session.h"
#include "engine/session_lines.h"
#include "engine/transaction.h"
#include "reply/errors.h"

/* --- data --- */

static bool parse_flush(struct call *call, bool *lazily)
{
    *lazily = call->argc == 1 ? call_config(call, CONFIG_LAZYFREE_LAZY_USER_FLUSH)
                              : call_is(call, 1, "ASYNC");
    if (call->argc == 1 || (call->argc == 2 && (*lazily || call_is(call, 1, "SYNC"))))
        return true;
    call_syntax_error(call);
    return false;
}

static void flush(struct call *call, struct database *db, bool lazily)
{
    transaction_touch_all(call->engine, db, NULL);
    blocking_signal_all(call->engine, db);
    call->engine->stats.changes += database_flush(db, lazily);
}

static void server_flushdb(struct call *call)
{
    bool lazily;
    if (!parse_flush(call, &lazily))
        return;
    flush(call, call->db, lazily);
    journal_force(call);
    tracking_invalidate_all(call->engine);
    reply_ok(call->reply);
}

static void server_flushall(struct call *call)
{
    bool lazily;
    if (!parse_flush(call, &lazily))
        return;
    for (int i = 0; i < call->engine->keyspace.count; i++)
        flush(call, keyspace_database(&call->engine->keyspace, i), lazily);
    tracking_invalidate_all(call->engine);
    if (call->engine->persistence.point_count && !call->engine->is_trial)
        persistence_save(call->engine); /* the file is to be empty, too */
    journal_force(call);
    reply_ok(call->reply);
}

static void server_dbsize(struct call *call)
{
    reply_integer(call->reply, (int64_t)database_count(call->db));
}

/* --- time --- */

static void server_time(struct call *call)
{
    reply_open(call->reply, REPLY_ARRAY, 2);
    reply_bulk_integer(call->reply, call->now_us / 1000000);
    reply_bulk_integer(call->reply, call->now_us % 1000000);
    reply_close(call->reply);
}

/* --- SHUTDOWN --- */

struct shutdown {
    int saves, nosaves, aborts, nows, forces;
};

static bool parse_shutdown(struct call *call, struct shutdown *shutdown)
{
    bool is_known = true;
    for (int i = 1; i < call->argc; i++) {
        if (call_is(call, i, "SAVE"))
            shutdown->saves++;
        else if (call_is(call, i, "NOSAVE"))
            shutdown->nosaves++;
        else if (call_is(call, i, "ABORT"))
            shutdown->aborts++;
        else if (call_is(call, i, "NOW"))
            shutdown->nows++;
        else if (call_is(call, i, "FORCE"))
            shutdown->forces++;
        else
            is_known = false;
    }
    if (is_known && !(shutdown->saves && shutdown->nosaves) &&
        !(shutdown->aborts && call->argc > 2))
        return true;
    call_syntax_error(call);
    return false;
}

/* False: the data should have been saved, and could not be. */
static bool save_at_end(struct engine *engine, const struct shutdown *shutdown)
{
    bool is_wanted = shutdown->saves || (!shutdown->nosaves && engine->persistence.point_count);
    if (!is_wanted)
        return true;
    engine_log(engine, 2, "Saving the final RDB snapshot before exiting.");
    return persistence_save(engine) || shutdown->forces;
}

static void server_shutdown(struct call *call)
{
    struct engine *engine = call->engine;
    struct shutdown shutdown = {0};
    if (!parse_shutdown(call, &shutdown))
        return;
    if (shutdown.aborts) {
        reply_error(call->reply, ERROR_NO_SHUTDOWN);
        return;
    }
    if (engine->busy_error && !shutdown.nosaves) {
        reply_error(call->reply, engine->busy_error);
        return;
    }
    engine_log(engine, 2, "User requested shutdown...");
    if (!save_at_end(engine, &shutdown)) {
        engine_log(engine, 3, "Error trying to save the DB, can't exit.");
        reply_error(call->reply, ERROR_SHUTDOWN);
        return;
    }
    /* No answer: the client sees its connection end. */
    engine->persistence.has_final_save = true;
    engine->is_stopping = true;
    if (engine->host.stop)
        engine->host.stop(engine->host.context);
}

/* --- CONFIG --- */

/* Until 7.0 CONFIG GET took one pattern, and CONFIG SET one pair. True: the error was answered. */
static bool refuse_count(struct call *call, int argc)
{
    if (call->argc == argc || call_emulates(call, 7, 0))
        return false;
    reply_error_format(call->reply, ERROR_CONFIG_SYNTAX_BEFORE_7, BYTES_PRINT(call->argv[1]));
    return true;
}

static void server_config_get(struct call *call)
{
    if (refuse_count(call, 3))
        return;
    config_reply_get(call->engine->config, call->argv + 2, call->argc - 2, call->reply);
}

static void server_config_set(struct call *call)
{
    for (int i = 2; i + 1 < call->argc; i += 2)
        if (config_is_sensitive(call->argv[i]))
            call_redact(call, i + 1);
    if (refuse_count(call, 4))
        return;
    config_reply_set(call->engine->config, call->argv + 2, call->argc - 2,
                     session_line_is_local(call->session), call->reply);
}

static void server_config_resetstat(struct call *call)
{
    engine_reset_stats(call->engine);
    reply_ok(call->reply);
}

static void server_config_rewrite(struct call *call)
{
    struct buffer error = {0}, users = {0};
    /* With a file of their own users are none of the configuration's business. */
    if (!*config_string(call->engine->config, CONFIG_ACLFILE))
        acl_file_append_users(call->engine, &users);
    if (config_rewrite(call->engine->config, buffer_bytes(&users), &error))
        reply_ok(call->reply);
    else
        reply_error_bytes(call->reply, buffer_bytes(&error));
    buffer_clear(&error);
    buffer_clear(&users);
}

static void server_config_help(struct call *call)
{
    static const char *const lines[] = {
        "CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GET <pattern>",
        "    The directives whose names match, with their values.",
        "SET <directive> <value>",
        "    Give directives new values, all or none.",
        "RESETSTAT",
        "    Start the counts of INFO anew.",
        "REWRITE",
        "    Write the present values into the configuration file.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}

static const struct command_argument flushdb_arguments_async[] = {
    {.name = "async", .type = ARGUMENT_PURE_TOKEN, .token = "ASYNC", .since = "4.0.0"},
    {.name = "sync", .type = ARGUMENT_PURE_TOKEN, .token = "SYNC", .since = "6.2.0"},
    {0},
};

static const struct command_argument flushdb_arguments[] = {
    {.name = "async",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = flushdb_arguments_async},
    {0},
};

static const struct command_argument shutdown_arguments_nosave_save[] = {
    {.name = "nosave", .type = ARGUMENT_PURE_TOKEN, .token = "NOSAVE"},
    {.name = "save", .type = ARGUMENT_PURE_TOKEN, .token = "SAVE"},
    {0},
};

static const struct command_argument shutdown_arguments[] = {
    {.name = "nosave_save",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = shutdown_arguments_nosave_save},
    {.name = "now",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "NOW",
     .flags = ARGUMENT_OPTIONAL,
     .since = "7.0.0"},
    {.name = "force",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "FORCE",
     .flags = ARGUMENT_OPTIONAL,
     .since = "7.0.0"},
    {.name = "abort",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "ABORT",
     .flags = ARGUMENT_OPTIONAL,
     .since = "7.0.0"},
    {0},
};

static const struct command_argument config_get_arguments_parameter[] = {
    {.name = "parameter", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument config_get_arguments[] = {
    {.name = "parameter",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_MULTIPLE,
     .arguments = config_get_arguments_parameter},
    {0},
};

static const struct command_argument config_set_arguments_parameter_value[] = {
    {.name = "parameter", .type = ARGUMENT_STRING},
    {.name = "value", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument config_set_arguments[] = {
    {.name = "parameter_value",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_MULTIPLE,
     .arguments = config_set_arguments_parameter_value},
    {0},
};

static const struct command config_subcommands[] = {
    {.name = "GET",
     .arity = -3,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE,
     .since = "2.0.0",
     .group = "server",
     .summary = "Answers the directives that match patterns, with their values.",
     .complexity = "O(N) for N directives",
     .arguments = config_get_arguments,
     .run = server_config_get},
    {HELP_LINES_ROW("5.0.0", "server", server_config_help)},
    {.name = "RESETSTAT",
     .arity = 2,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE,
     .since = "2.0.0",
     .group = "server",
     .summary = "Starts the counts of INFO anew.",
     .complexity = "O(1)",
     .run = server_config_resetstat},
    {.name = "REWRITE",
     .arity = 2,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE,
     .since = "2.8.0",
     .group = "server",
     .summary = "Writes the present values into the configuration file.",
     .complexity = "O(1)",
     .run = server_config_rewrite},
    {.name = "SET",
     .arity = -4,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE,
     .since = "2.0.0",
     .group = "server",
     .summary = "Gives directives new values, all of them or none.",
     .complexity = "O(N) for N directives",
     .tips =
         (const char *const[]){"request_policy:all_nodes", "response_policy:all_succeeded", NULL},
     .arguments = config_set_arguments,
     .run = server_config_set},
    {0},
};

const struct command server_commands[] = {
    {.name = "FLUSHDB",
     .arity = -1,
     .flags = COMMAND_WRITE,
     .categories = CATEGORY_KEYSPACE | CATEGORY_DANGEROUS,
     .since = "1.0.0",
     .group = "server",
     .summary = "Deletes all keys of the selected database.",
     .complexity = "O(N) for N keys",
     .tips =
         (const char *const[]){"request_policy:all_shards", "response_policy:all_succeeded", NULL},
     .arguments = flushdb_arguments,
     .run = server_flushdb},
    {.name = "FLUSHALL",
     .arity = -1,
     .flags = COMMAND_WRITE,
     .categories = CATEGORY_KEYSPACE | CATEGORY_DANGEROUS,
     .since = "1.0.0",
     .group = "server",
     .summary = "Empties every database.",
     .complexity = "O(N) for N keys",
     .tips =
         (const char *const[]){"request_policy:all_shards", "response_policy:all_succeeded", NULL},
     .arguments = flushdb_arguments,
     .run = server_flushall},
    {.name = "DBSIZE",
     .arity = 1,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "1.0.0",
     .group = "server",
     .summary = "Counts the keys of the selected database.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"request_policy:all_shards", "response_policy:agg_sum", NULL},
     .run = server_dbsize},
    {.name = "TIME",
     .arity = 1,
     .flags = COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST,
     .since = "2.6.0",
     .group = "server",
     .summary = "Answers the server's time in seconds and microseconds.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .run = server_time},
    {.name = "SHUTDOWN",
     .arity = -1,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE |
              COMMAND_NO_MULTI | COMMAND_ALLOW_BUSY,
     .since = "1.0.0",
     .group = "server",
     .summary = "Ends the server.",
     .complexity = "O(1)",
     .arguments = shutdown_arguments,
     .run = server_shutdown},
    {.name = "CONFIG",
     .arity = -2,
     .since = "2.0.0",
     .group = "server",
     .summary = "Holds the commands about the configuration.",
     .complexity = "As the subcommand's.",
     .subcommands = config_subcommands},
    {0},
};
