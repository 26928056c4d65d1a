/* SPDX-License-Identifier: MIT */
/* Commands about the connection itself: who the client is, which database, which protocol. */
#include "commands/session_names.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "reply/errors.h"

/* Among messages an answer looks like one. */
static void ping_subscriber(struct call *call)
{
    reply_open(call->reply, REPLY_ARRAY, 2);
    reply_bulk_string(call->reply, "pong");
    reply_bulk(call->reply, call->argc == 2 ? call->argv[1] : bytes_of(NULL, 0));
    reply_close(call->reply);
}

static void connection_ping(struct call *call)
{
    if (call->argc > 2)
        call_arity_error(call);
    else if (call->session->subscriptions && call->session->writer.protocol == 2)
        ping_subscriber(call);
    else if (call->argc == 2)
        reply_bulk(call->reply, call->argv[1]);
    else
        reply_simple(call->reply, "PONG");
}

static void connection_echo(struct call *call)
{
    reply_bulk(call->reply, call->argv[1]);
}

static void connection_select(struct call *call)
{
    int64_t index;
    if (!call_integer(call, 1, &index, NULL))
        return;
    if (index < INT32_MIN || index > INT32_MAX)
        reply_error(call->reply, ERROR_OUT_OF_INT_RANGE);
    else if (call->engine->cluster && index != 0)
        reply_error(call->reply, ERROR_CLUSTER_SELECT);
    else if (!keyspace_database(&call->engine->keyspace, index))
        reply_error(call->reply, ERROR_DB_INDEX);
    else {
        call->session->db = (int)index;
        reply_ok(call->reply);
    }
}

/* False: WRONGPASS was answered. */
static bool authenticate(struct call *call, struct bytes user, struct bytes password)
{
    const struct engine_host *host = &call->engine->host;
    if (host->log_in && !(call->session->flags & (SESSION_IN_MULTI | SESSION_IN_EXEC)) &&
        host->log_in(host->context, call->session, user))
        return true;
    bool is_right = acl_authenticate(call, user, password);
    if (!is_right)
        reply_error(call->reply, ERROR_WRONGPASS);
    return is_right;
}

static void connection_auth(struct call *call)
{
    if (call->argc > 3) {
        call_syntax_error(call);
        return;
    }
    call_redact(call, 1);
    call_redact(call, 2);
    struct bytes user = BYTES_LITERAL("default");
    if (call->argc == 3)
        user = call->argv[1];
    else if (call->engine->acl.default_user->flags & ACL_USER_NOPASS) {
        reply_error(call->reply, ERROR_AUTH_WITHOUT_PASSWORD);
        return;
    }
    if (authenticate(call, user, call->argv[call->argc - 1]))
        reply_ok(call->reply);
}

struct hello_options {
    int protocol; /* 0 = as it is */
    bool has_user, has_name;
    struct bytes user, password, name;
};

/* Before 7.2 an option takes effect where it stands, even if a later one is refused. */
static bool parse_hello(struct call *call, struct hello_options *options)
{
    bool is_immediate = !call_emulates(call, 7, 2);
    int64_t protocol;
    if (call->argc < 2)
        return true;
    if (!call_integer(call, 1, &protocol, ERROR_PROTOCOL_NUMBER))
        return false;
    if (protocol < 2 || protocol > 3) {
        reply_error(call->reply, ERROR_NOPROTO);
        return false;
    }
    options->protocol = (int)protocol;
    for (int i = 2; i < call->argc; i++) {
        int left = call->argc - i - 1;
        if (left >= 2 && call_is(call, i, "AUTH")) {
            call_redact(call, i + 1);
            call_redact(call, i + 2);
            options->has_user = true;
            options->user = call->argv[i + 1];
            options->password = call->argv[i + 2];
            i += 2;
            if (is_immediate && !authenticate(call, options->user, options->password))
                return false;
        } else if (left >= 1 && call_is(call, i, "SETNAME")) {
            options->has_name = true;
            options->name = call->argv[++i];
            if (!session_name_is_valid(options->name)) {
                reply_error(call->reply, ERROR_CLIENT_NAME);
                return false;
            }
            if (is_immediate)
                session_name_set(&call->session->name, options->name);
        } else {
            reply_error_format(call->reply, ERROR_HELLO_OPTION, BYTES_PRINT(call->argv[i]));
            return false;
        }
    }
    return true;
}

static void connection_hello(struct call *call)
{
    struct session *session = call->session;
    struct hello_options options = {0};
    if (!parse_hello(call, &options))
        return;
    if (options.has_user && !authenticate(call, options.user, options.password))
        return;
    if (!(session->flags & SESSION_AUTHENTICATED)) {
        reply_error_format(call->reply, ERROR_HELLO_NOAUTH,
                           call_emulates(call, 7, 2) ? "<proto> " : "");
        return;
    }
    if (options.has_name)
        session_name_set(&session->name, options.name);
    if (options.protocol)
        session_set_protocol(session, options.protocol);

    reply_open(call->reply, REPLY_MAP, 7);
    reply_bulk_string(call->reply, "server");
    reply_bulk_string(call->reply, "redis");
    reply_bulk_string(call->reply, "version");
    reply_bulk_string(call->reply, call->engine->version_text);
    reply_bulk_string(call->reply, "proto");
    reply_integer(call->reply, session->writer.protocol);
    reply_bulk_string(call->reply, "id");
    reply_integer(call->reply, (int64_t)session->id);
    reply_bulk_string(call->reply, "mode");
    reply_bulk_string(call->reply, call->engine->cluster ? "cluster" : "standalone");
    reply_bulk_string(call->reply, "role");
    reply_bulk_string(call->reply, call->engine->replication.host ? "replica" : "master");
    reply_bulk_string(call->reply, "modules");
    reply_empty(call->reply, REPLY_ARRAY);
    reply_close(call->reply);
}

static void connection_quit(struct call *call)
{
    reply_ok(call->reply);
    call->session->flags |= SESSION_CLOSE_AFTER_REPLY;
}

static void connection_reset(struct call *call)
{
    bool is_skipped = call->session->flags & SESSION_REPLY_SKIP;
    session_reset(call->session);
    /* The answer comes even after CLIENT REPLY OFF, but not after SKIP. */
    call->session->writer.discards = is_skipped;
    reply_simple(call->reply, "RESET");
}

static const struct command_argument auth_arguments[] = {
    {.name = "username", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL, .since = "6.0.0"},
    {.name = "password", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument echo_arguments[] = {
    {.name = "message", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument hello_arguments_arguments_username_password[] = {
    {.name = "username", .type = ARGUMENT_STRING},
    {.name = "password", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument hello_arguments_arguments[] = {
    {.name = "protover", .type = ARGUMENT_INTEGER},
    {.name = "username_password",
     .type = ARGUMENT_BLOCK,
     .token = "AUTH",
     .flags = ARGUMENT_OPTIONAL,
     .arguments = hello_arguments_arguments_username_password},
    {.name = "clientname", .type = ARGUMENT_STRING, .token = "SETNAME", .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument hello_arguments[] = {
    {.name = "arguments",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = hello_arguments_arguments},
    {0},
};

static const struct command_argument ping_arguments[] = {
    {.name = "message", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument select_arguments[] = {
    {.name = "index", .type = ARGUMENT_INTEGER},
    {0},
};

const struct command connection_commands[] = {
    {.name = "AUTH",
     .arity = -2,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST | COMMAND_NO_AUTH |
              COMMAND_ALLOW_BUSY,
     .categories = CATEGORY_CONNECTION,
     .since = "1.0.0",
     .group = "connection",
     .summary = "Proves who the client is, by a password or by a user and a password.",
     .complexity = "O(1)",
     .arguments = auth_arguments,
     .run = connection_auth},
    {.name = "ECHO",
     .arity = 2,
     .flags = COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST,
     .categories = CATEGORY_CONNECTION,
     .since = "1.0.0",
     .group = "connection",
     .summary = "Answers its argument.",
     .complexity = "O(1)",
     .arguments = echo_arguments,
     .run = connection_echo},
    {.name = "HELLO",
     .arity = -1,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST | COMMAND_NO_AUTH |
              COMMAND_ALLOW_BUSY,
     .categories = CATEGORY_CONNECTION,
     .since = "6.0.0",
     .group = "connection",
     .summary = "Chooses the protocol version, and may authenticate and name the connection.",
     .complexity = "O(1)",
     .arguments = hello_arguments,
     .run = connection_hello},
    {.name = "PING",
     .arity = -1,
     .flags = COMMAND_FAST | COMMAND_WHILE_SUBSCRIBED,
     .categories = CATEGORY_CONNECTION,
     .since = "1.0.0",
     .group = "connection",
     .summary = "Answers PONG, or its argument.",
     .complexity = "O(1)",
     .tips =
         (const char *const[]){"request_policy:all_shards", "response_policy:all_succeeded", NULL},
     .arguments = ping_arguments,
     .run = connection_ping},
    {.name = "QUIT",
     .arity = -1,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST | COMMAND_NO_AUTH |
              COMMAND_ALLOW_BUSY | COMMAND_ENDS_QUEUEING | COMMAND_LEAVES_MULTI |
              COMMAND_WHILE_SUBSCRIBED,
     .categories = CATEGORY_CONNECTION,
     .since = "1.0.0",
     .group = "connection",
     .summary = "Closes the connection after the answer.",
     .complexity = "O(1)",
     .run = connection_quit},
    {.name = "RESET",
     .arity = 1,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST | COMMAND_NO_AUTH |
              COMMAND_ALLOW_BUSY | COMMAND_ENDS_QUEUEING | COMMAND_LEAVES_MULTI |
              COMMAND_WHILE_SUBSCRIBED,
     .categories = CATEGORY_CONNECTION,
     .since = "6.2.0",
     .group = "connection",
     .summary = "Brings the connection to the state of a new one.",
     .complexity = "O(1)",
     .run = connection_reset},
    {.name = "SELECT",
     .arity = 2,
     .flags = COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST,
     .categories = CATEGORY_CONNECTION,
     .since = "1.0.0",
     .group = "connection",
     .summary = "Chooses the database that the connection works on.",
     .complexity = "O(1)",
     .arguments = select_arguments,
     .run = connection_select},
    {0},
};
