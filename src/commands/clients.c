/* SPDX-License-Identifier: MIT */
/* CLIENT: its rows, and what a client may ask for its own connection. */
#include "commands/client_lines.h"
#include "commands/client_tracking.h"
#include "commands/help_lines.h"
#include "commands/session_names.h"
#include "commands/waits.h"
#include "engine/call.h"
#include "engine/session.h"
#include "reply/errors.h"

static void clients_id(struct call *call)
{
    reply_integer(call->reply, (int64_t)call->session->id);
}

static void clients_getname(struct call *call)
{
    if (call->session->name)
        reply_bulk_string(call->reply, call->session->name);
    else
        reply_null(call->reply);
}

static void clients_setname(struct call *call)
{
    if (!session_name_is_valid(call->argv[2])) {
        reply_error(call->reply, ERROR_CLIENT_NAME);
        return;
    }
    session_name_set(&call->session->name, call->argv[2]);
    reply_ok(call->reply);
}

static void clients_setinfo(struct call *call)
{
    char **place = NULL;
    if (call_is(call, 2, "LIB-NAME"))
        place = &call->session->library_name;
    else if (call_is(call, 2, "LIB-VER"))
        place = &call->session->library_version;
    if (!place)
        reply_error_format(call->reply, ERROR_CLIENT_OPTION, BYTES_PRINT(call->argv[2]));
    else if (!session_name_is_valid(call->argv[3]))
        reply_error_format(call->reply, ERROR_CLIENT_ATTRIBUTE, BYTES_PRINT(call->argv[2]));
    else {
        session_name_set(place, call->argv[3]);
        reply_ok(call->reply);
    }
}

static void set_flag(struct call *call, uint32_t flag)
{
    if (call_is(call, 2, "ON"))
        call->session->flags |= flag;
    else if (call_is(call, 2, "OFF"))
        call->session->flags &= ~flag;
    else {
        call_syntax_error(call);
        return;
    }
    reply_ok(call->reply);
}

static void clients_no_evict(struct call *call)
{
    set_flag(call, SESSION_NO_EVICT);
}

static void clients_no_touch(struct call *call)
{
    set_flag(call, SESSION_NO_TOUCH);
}

/* OFF and SKIP answer nothing, not even OK. */
static void clients_reply(struct call *call)
{
    struct session *session = call->session;
    if (call_is(call, 2, "ON")) {
        session->flags &= (uint32_t) ~(SESSION_REPLY_OFF | SESSION_REPLY_SKIP);
        session->writer.discards = false;
        reply_ok(call->reply);
    } else if (call_is(call, 2, "OFF")) {
        session->flags |= SESSION_REPLY_OFF;
        session->writer.discards = true;
    } else if (call_is(call, 2, "SKIP")) {
        if (!(session->flags & SESSION_REPLY_OFF))
            session->flags |= SESSION_REPLY_SKIP_NEXT;
    } else {
        call_syntax_error(call);
    }
}

static void clients_help(struct call *call)
{
    static const char *const lines[] = {
        "CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CACHING (YES|NO)",
        "    Whether the next command's keys are tracked (OPTIN, OPTOUT).",
        "GETREDIR",
        "    The id of the client that gets this one's invalidations.",
        "GETNAME",
        "    The name that this connection gave itself.",
        "ID",
        "    The id of this connection.",
        "INFO",
        "    What is known of this connection.",
        "KILL <ip:port>",
        "    Close the connection from an address.",
        "KILL <option> <value> [<option> <value> [...]]",
        "    Close the connections that fit. Options:",
        "    * ADDR (<ip:port>|<unixsocket>:0)",
        "      come from this address",
        "    * LADDR (<ip:port>|<unixsocket>:0)",
        "      came to this address",
        "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
        "      are of this type",
        "    * USER <username>",
        "      logged in as this user",
        "    * SKIPME (YES|NO)",
        "      whether this connection is spared (yes)",
        "LIST [options ...]",
        "    What is known of the connections. Options:",
        "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
        "      those of this type",
        "PAUSE <timeout> [WRITE|ALL]",
        "    Hold all commands, or those that write, for milliseconds.",
        "REPLY (ON|OFF|SKIP)",
        "    Whether this connection gets its replies.",
        "SETNAME <name>",
        "    Name this connection.",
        "SETINFO <option> <value>",
        "    Tell of the client's library: LIB-NAME or LIB-VER.",
        "UNBLOCK <clientid> [TIMEOUT|ERROR]",
        "    End the wait of a client.",
        "UNPAUSE",
        "    Let held commands go on.",
        "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
        "         [OPTIN] [OPTOUT] [NOLOOP]",
        "    Whether this client is told of changed keys.",
        "TRACKINGINFO",
        "    How this client's keys are tracked.",
        "NO-EVICT (ON|OFF)",
        "    Whether this connection is spared when memory is short.",
        "NO-TOUCH (ON|OFF)",
        "    Leave access times of keys as they are.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}

static const struct command_argument
    client_kill_arguments_filter_new_format_normal_master_slave_pubsub[] = {
        {.name = "normal", .type = ARGUMENT_PURE_TOKEN, .token = "NORMAL"},
        {.name = "master", .type = ARGUMENT_PURE_TOKEN, .token = "MASTER", .since = "3.2.0"},
        {.name = "slave", .type = ARGUMENT_PURE_TOKEN, .token = "SLAVE"},
        {.name = "replica", .type = ARGUMENT_PURE_TOKEN, .token = "REPLICA", .since = "5.0.0"},
        {.name = "pubsub", .type = ARGUMENT_PURE_TOKEN, .token = "PUBSUB"},
        {0},
};

static const struct command_argument client_kill_arguments_filter_new_format[] = {
    {.name = "client-id",
     .type = ARGUMENT_INTEGER,
     .token = "ID",
     .flags = ARGUMENT_OPTIONAL,
     .since = "2.8.12"},
    {.name = "normal_master_slave_pubsub",
     .type = ARGUMENT_ONEOF,
     .token = "TYPE",
     .flags = ARGUMENT_OPTIONAL,
     .since = "2.8.12",
     .arguments = client_kill_arguments_filter_new_format_normal_master_slave_pubsub},
    {.name = "username", .type = ARGUMENT_STRING, .token = "USER", .flags = ARGUMENT_OPTIONAL},
    {.name = "ip:port", .type = ARGUMENT_STRING, .token = "ADDR", .flags = ARGUMENT_OPTIONAL},
    {.name = "ip:port",
     .type = ARGUMENT_STRING,
     .token = "LADDR",
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.2.0"},
    {.name = "yes/no", .type = ARGUMENT_STRING, .token = "SKIPME", .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument client_kill_arguments_filter[] = {
    {.name = "ip:port", .type = ARGUMENT_STRING, .deprecated_since = "2.8.12"},
    {.name = "new-format",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_MULTIPLE,
     .arguments = client_kill_arguments_filter_new_format},
    {0},
};

static const struct command_argument client_kill_arguments[] = {
    {.name = "filter", .type = ARGUMENT_ONEOF, .arguments = client_kill_arguments_filter},
    {0},
};

static const struct command_argument client_list_arguments_normal_master_replica_pubsub[] = {
    {.name = "normal", .type = ARGUMENT_PURE_TOKEN, .token = "NORMAL"},
    {.name = "master", .type = ARGUMENT_PURE_TOKEN, .token = "MASTER"},
    {.name = "replica", .type = ARGUMENT_PURE_TOKEN, .token = "REPLICA"},
    {.name = "pubsub", .type = ARGUMENT_PURE_TOKEN, .token = "PUBSUB"},
    {0},
};

static const struct command_argument client_list_arguments_id[] = {
    {.name = "client-id", .type = ARGUMENT_INTEGER, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument client_list_arguments[] = {
    {.name = "normal_master_replica_pubsub",
     .type = ARGUMENT_ONEOF,
     .token = "TYPE",
     .flags = ARGUMENT_OPTIONAL,
     .since = "5.0.0",
     .arguments = client_list_arguments_normal_master_replica_pubsub},
    {.name = "id",
     .type = ARGUMENT_BLOCK,
     .token = "ID",
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.2.0",
     .arguments = client_list_arguments_id},
    {0},
};

static const struct command_argument client_no_evict_arguments_enabled[] = {
    {.name = "on", .type = ARGUMENT_PURE_TOKEN, .token = "ON"},
    {.name = "off", .type = ARGUMENT_PURE_TOKEN, .token = "OFF"},
    {0},
};

static const struct command_argument client_no_evict_arguments[] = {
    {.name = "enabled", .type = ARGUMENT_ONEOF, .arguments = client_no_evict_arguments_enabled},
    {0},
};

static const struct command_argument client_reply_arguments_on_off_skip[] = {
    {.name = "on", .type = ARGUMENT_PURE_TOKEN, .token = "ON"},
    {.name = "off", .type = ARGUMENT_PURE_TOKEN, .token = "OFF"},
    {.name = "skip", .type = ARGUMENT_PURE_TOKEN, .token = "SKIP"},
    {0},
};

static const struct command_argument client_reply_arguments[] = {
    {.name = "on_off_skip",
     .type = ARGUMENT_ONEOF,
     .arguments = client_reply_arguments_on_off_skip},
    {0},
};

static const struct command_argument client_setname_arguments[] = {
    {.name = "connection-name", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument client_unblock_arguments_timeout_error[] = {
    {.name = "timeout", .type = ARGUMENT_PURE_TOKEN, .token = "TIMEOUT"},
    {.name = "error", .type = ARGUMENT_PURE_TOKEN, .token = "ERROR"},
    {0},
};

static const struct command_argument client_unblock_arguments[] = {
    {.name = "client-id", .type = ARGUMENT_INTEGER},
    {.name = "timeout_error",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = client_unblock_arguments_timeout_error},
    {0},
};

static const struct command_argument client_pause_arguments_mode[] = {
    {.name = "write", .type = ARGUMENT_PURE_TOKEN, .token = "WRITE"},
    {.name = "all", .type = ARGUMENT_PURE_TOKEN, .token = "ALL"},
    {0},
};

static const struct command_argument client_pause_arguments[] = {
    {.name = "timeout", .type = ARGUMENT_INTEGER},
    {.name = "mode",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.2.0",
     .arguments = client_pause_arguments_mode},
    {0},
};

static const struct command_argument client_setinfo_arguments_attr[] = {
    {.name = "libname", .type = ARGUMENT_STRING, .token = "LIB-NAME"},
    {.name = "libver", .type = ARGUMENT_STRING, .token = "LIB-VER"},
    {0},
};

static const struct command_argument client_setinfo_arguments[] = {
    {.name = "attr", .type = ARGUMENT_ONEOF, .arguments = client_setinfo_arguments_attr},
    {0},
};

static const struct command_argument client_caching_arguments_mode[] = {
    {.name = "yes", .type = ARGUMENT_PURE_TOKEN, .token = "YES"},
    {.name = "no", .type = ARGUMENT_PURE_TOKEN, .token = "NO"},
    {0},
};

static const struct command_argument client_caching_arguments[] = {
    {.name = "mode", .type = ARGUMENT_ONEOF, .arguments = client_caching_arguments_mode},
    {0},
};

static const struct command_argument client_tracking_arguments_status[] = {
    {.name = "on", .type = ARGUMENT_PURE_TOKEN, .token = "ON"},
    {.name = "off", .type = ARGUMENT_PURE_TOKEN, .token = "OFF"},
    {0},
};

static const struct command_argument client_tracking_arguments[] = {
    {.name = "status", .type = ARGUMENT_ONEOF, .arguments = client_tracking_arguments_status},
    {.name = "client-id",
     .type = ARGUMENT_INTEGER,
     .token = "REDIRECT",
     .flags = ARGUMENT_OPTIONAL},
    {.name = "prefix",
     .type = ARGUMENT_STRING,
     .token = "PREFIX",
     .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE | ARGUMENT_MULTIPLE_TOKEN},
    {.name = "bcast", .type = ARGUMENT_PURE_TOKEN, .token = "BCAST", .flags = ARGUMENT_OPTIONAL},
    {.name = "optin", .type = ARGUMENT_PURE_TOKEN, .token = "OPTIN", .flags = ARGUMENT_OPTIONAL},
    {.name = "optout", .type = ARGUMENT_PURE_TOKEN, .token = "OPTOUT", .flags = ARGUMENT_OPTIONAL},
    {.name = "noloop", .type = ARGUMENT_PURE_TOKEN, .token = "NOLOOP", .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command client_subcommands[] = {
    {.name = "CACHING",
     .arity = 3,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "6.0.0",
     .group = "connection",
     .summary = "Says whether the keys of the next command are tracked.",
     .complexity = "O(1)",
     .arguments = client_caching_arguments,
     .run = client_tracking_caching},
    {.name = "GETNAME",
     .arity = 2,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "2.6.9",
     .group = "connection",
     .summary = "Answers the name that the connection gave itself.",
     .complexity = "O(1)",
     .run = clients_getname},
    {.name = "GETREDIR",
     .arity = 2,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "6.0.0",
     .group = "connection",
     .summary = "Answers which client gets the invalidations of this one.",
     .complexity = "O(1)",
     .run = client_tracking_getredir},
    {.name = "HELP",
     .arity = 2,
     .flags = COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "5.0.0",
     .group = "connection",
     .summary = "Lists the subcommands.",
     .complexity = "O(1)",
     .run = clients_help},
    {.name = "ID",
     .arity = 2,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "5.0.0",
     .group = "connection",
     .summary = "Answers the number of the connection.",
     .complexity = "O(1)",
     .run = clients_id},
    {.name = "INFO",
     .arity = 2,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "6.2.0",
     .group = "connection",
     .summary = "Describes the connection that asks.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .run = client_lines_info},
    {.name = "KILL",
     .arity = -3,
     .flags =
         COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "2.4.0",
     .group = "connection",
     .summary = "Closes connections chosen by address, number, type, user or age.",
     .complexity = "O(N) for N connections",
     .arguments = client_kill_arguments,
     .run = client_lines_kill},
    {.name = "LIST",
     .arity = -2,
     .flags =
         COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "2.4.0",
     .group = "connection",
     .summary = "Describes all connections, or those of a type or with given numbers.",
     .complexity = "O(N) for N connections",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .arguments = client_list_arguments,
     .run = client_lines_list},
    {.name = "NO-EVICT",
     .arity = 3,
     .flags =
         COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "7.0.0",
     .group = "connection",
     .summary = "Keeps the connection when clients use too much memory.",
     .complexity = "O(1)",
     .arguments = client_no_evict_arguments,
     .run = clients_no_evict},
    {.name = "NO-TOUCH",
     .arity = 3,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "7.2.0",
     .group = "connection",
     .summary = "Leaves the access times of keys as they are when the connection reads them.",
     .complexity = "O(1)",
     .arguments = client_no_evict_arguments,
     .run = clients_no_touch},
    {.name = "PAUSE",
     .arity = -3,
     .flags =
         COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "2.9.50",
     .group = "connection",
     .summary = "Holds the commands of clients for a time.",
     .complexity = "O(1)",
     .arguments = client_pause_arguments,
     .run = waits_client_pause},
    {.name = "REPLY",
     .arity = 3,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "3.2.0",
     .group = "connection",
     .summary = "Switches the answers to the connection off and on, or leaves one out.",
     .complexity = "O(1)",
     .arguments = client_reply_arguments,
     .run = clients_reply},
    {.name = "SETINFO",
     .arity = 4,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "7.2.0",
     .group = "connection",
     .summary = "Tells which client library the connection uses.",
     .complexity = "O(1)",
     .tips =
         (const char *const[]){"request_policy:all_nodes", "response_policy:all_succeeded", NULL},
     .arguments = client_setinfo_arguments,
     .run = clients_setinfo},
    {.name = "SETNAME",
     .arity = 3,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "2.6.9",
     .group = "connection",
     .summary = "Gives the connection a name.",
     .complexity = "O(1)",
     .arguments = client_setname_arguments,
     .run = clients_setname},
    {.name = "TRACKING",
     .arity = -3,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "6.0.0",
     .group = "connection",
     .summary = "Has the connection told when keys change that it may keep.",
     .complexity = "O(1), and O(N) for N prefixes",
     .arguments = client_tracking_arguments,
     .run = client_tracking_switch},
    {.name = "TRACKINGINFO",
     .arity = 2,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "6.2.0",
     .group = "connection",
     .summary = "Tells how the connection has its keys tracked.",
     .complexity = "O(1)",
     .run = client_tracking_info},
    {.name = "UNBLOCK",
     .arity = -3,
     .flags =
         COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "5.0.0",
     .group = "connection",
     .summary = "Wakes a client that waits in a blocking command.",
     .complexity = "O(N) for N connections",
     .arguments = client_unblock_arguments,
     .run = waits_client_unblock},
    {.name = "UNPAUSE",
     .arity = 2,
     .flags =
         COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_KEEPS_CACHING,
     .categories = CATEGORY_CONNECTION,
     .since = "6.2.0",
     .group = "connection",
     .summary = "Lets the clients go on that CLIENT PAUSE holds.",
     .complexity = "O(N) for N held clients",
     .run = waits_client_unpause},
    {0},
};

const struct command clients_commands[] = {
    {.name = "CLIENT",
     .arity = -2,
     .since = "2.4.0",
     .group = "connection",
     .summary = "Holds the commands about connections.",
     .complexity = "As the subcommand's.",
     .subcommands = client_subcommands},
    {0},
};
