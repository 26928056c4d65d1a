/* SPDX-License-Identifier: MIT */
#include "commands/client_lines.h"

#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "engine/session_lines.h"
#include "reply/errors.h"

/* Kinds of client, as TYPE names them. */
enum client_type { CLIENT_NORMAL, CLIENT_REPLICA, CLIENT_PUBSUB, CLIENT_MASTER, CLIENT_ANY };

/* False: the error was answered. */
static bool parse_type(struct call *call, int index, enum client_type *type)
{
    static const struct {
        const char *name;
        enum client_type type;
    } types[] = {{"normal", CLIENT_NORMAL},
                 {"slave", CLIENT_REPLICA},
                 {"replica", CLIENT_REPLICA},
                 {"pubsub", CLIENT_PUBSUB},
                 {"master", CLIENT_MASTER}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (call_is(call, index, types[i].name)) {
            *type = types[i].type;
            return true;
        }
    }
    reply_error_format(call->reply, ERROR_CLIENT_TYPE, BYTES_PRINT(call->argv[index]));
    return false;
}

static bool is_of_type(const struct session *session, enum client_type type)
{
    return type == CLIENT_ANY || type == (session->subscriptions ? CLIENT_PUBSUB : CLIENT_NORMAL);
}

void client_lines_info(struct call *call)
{
    struct buffer text = {0};
    session_line_append(call->session, &text);
    buffer_append_byte(&text, '\n');
    reply_verbatim(call->reply, "txt", buffer_bytes(&text));
    buffer_clear(&text);
}

/* The sessions with the ids in argv, in that order. False: the error was answered. */
static bool append_listed(struct call *call, struct buffer *text)
{
    for (int i = 3; i < call->argc; i++) {
        int64_t id;
        if (!call_integer(call, i, &id, ERROR_CLIENT_ID))
            return false;
        struct session *session = engine_find_session(call->engine, (uint64_t)id);
        if (!session)
            continue;
        session_line_append(session, text);
        buffer_append_byte(text, '\n');
    }
    return true;
}

static bool append_all(struct call *call, enum client_type type, struct buffer *text)
{
    struct list_node *node = list_first(&call->engine->sessions);
    for (; node; node = list_next(node)) {
        const struct session *session = LIST_ENTRY(node, struct session, node);
        if (!is_of_type(session, type))
            continue;
        session_line_append(session, text);
        buffer_append_byte(text, '\n');
    }
    return true;
}

void client_lines_list(struct call *call)
{
    struct buffer text = {0};
    enum client_type type = CLIENT_ANY;
    bool is_valid;
    if (call->argc == 2)
        is_valid = append_all(call, type, &text);
    else if (call->argc == 4 && call_is(call, 2, "TYPE"))
        is_valid = parse_type(call, 3, &type) && append_all(call, type, &text);
    else if (call->argc > 3 && call_is(call, 2, "ID"))
        is_valid = append_listed(call, &text);
    else {
        call_syntax_error(call);
        is_valid = false;
    }
    if (is_valid)
        reply_verbatim(call->reply, "txt", buffer_bytes(&text));
    buffer_clear(&text);
}

struct kill_filter {
    enum client_type type;
    bool has_id, has_address, has_local_address, has_age;
    bool skips_self;
    int64_t id;
    int64_t age; /* seconds: as old as this or older */
    struct bytes address, local_address;
    const struct acl_user *user; /* or NULL */
};

static bool parse_kill_pair(struct call *call, int index, struct kill_filter *filter)
{
    struct bytes value = call->argv[index + 1];
    if (call_is(call, index, "ID")) {
        filter->has_id = true;
        return call_integer_between(call, index + 1, 1, INT64_MAX, &filter->id,
                                    ERROR_CLIENT_KILL_ID);
    }
    if (call_is(call, index, "TYPE"))
        return parse_type(call, index + 1, &filter->type);
    if (call_is(call, index, "ADDR")) {
        filter->has_address = true;
        filter->address = value;
        return true;
    }
    if (call_is(call, index, "LADDR")) {
        filter->has_local_address = true;
        filter->local_address = value;
        return true;
    }
    if (call_is(call, index, "USER")) {
        filter->user = acl_find(call->engine, value);
        if (filter->user)
            return true;
        reply_error_format(call->reply, ERROR_NO_SUCH_USER, BYTES_PRINT(value));
        return false;
    }
    if (call_is(call, index, "MAXAGE") && call_emulates(call, 7, 4)) {
        filter->has_age = true;
        return call_integer(call, index + 1, &filter->age, ERROR_CLIENT_KILL_MAXAGE);
    }
    bool is_yes = call_is(call, index + 1, "YES");
    if (call_is(call, index, "SKIPME") && (is_yes || call_is(call, index + 1, "NO"))) {
        filter->skips_self = is_yes;
        return true;
    }
    call_syntax_error(call);
    return false;
}

static bool is_meant(const struct call *call, const struct session *session,
                     const struct kill_filter *filter)
{
    struct session_stream stream;
    session_line_describe(session, &stream);
    if (filter->skips_self && session == call->session)
        return false;
    if (filter->has_id && session->id != (uint64_t)filter->id)
        return false;
    if (filter->has_address && !bytes_equal_string(filter->address, stream.address))
        return false;
    if (filter->has_local_address &&
        !bytes_equal_string(filter->local_address, stream.local_address))
        return false;
    if (filter->user && session->user != filter->user)
        return false;
    if (filter->has_age && (call->now_us - session->created_us) / 1000000 < filter->age)
        return false;
    return is_of_type(session, filter->type);
}

static void kill_session(struct call *call, struct session *session)
{
    if (session == call->session)
        session->flags |= SESSION_CLOSE_AFTER_REPLY;
    else
        session_close(session, false);
}

/* Closing a session may not take it out of the list before the command ends, but a count is all
 * that this needs to know. */
static int64_t kill_meant(struct call *call, const struct kill_filter *filter, int64_t limit)
{
    int64_t killed = 0;
    struct list_node *next;
    for (struct list_node *node = list_first(&call->engine->sessions); node; node = next) {
        next = list_next(node);
        struct session *session = LIST_ENTRY(node, struct session, node);
        if (killed == limit || session->flags & SESSION_CLOSE_NOW ||
            !is_meant(call, session, filter))
            continue;
        kill_session(call, session);
        killed++;
    }
    return killed;
}

void client_lines_kill(struct call *call)
{
    struct kill_filter filter = {.type = CLIENT_ANY, .skips_self = true};
    if (call->argc == 3) {
        /* The old form: one address, oneself included. */
        filter.has_address = true;
        filter.address = call->argv[2];
        filter.skips_self = false;
        if (kill_meant(call, &filter, 1))
            reply_ok(call->reply);
        else
            reply_error(call->reply, ERROR_NO_SUCH_CLIENT);
        return;
    }
    for (int i = 2; i < call->argc; i += 2) {
        if (i + 1 == call->argc) {
            call_syntax_error(call);
            return;
        }
        if (!parse_kill_pair(call, i, &filter))
            return;
    }
    reply_integer(call->reply, kill_meant(call, &filter, INT64_MAX));
}
