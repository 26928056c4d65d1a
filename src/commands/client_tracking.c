/* SPDX-License-Identifier: MIT */
#include "commands/client_tracking.h"

#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "engine/tracking.h"
#include "reply/errors.h"

static uint32_t flags_of(const struct session *session)
{
    return session->tracker ? session->tracker->flags : 0;
}

/* --- TRACKING --- */

/* Prefixes are gathered in `prefixes`, an array of struct bytes. */
static bool parse_options(struct call *call, struct tracking_options *options,
                          struct buffer *prefixes)
{
    static const struct {
        const char *word;
        uint32_t flag;
    } words[] = {{"BCAST", TRACKING_BROADCASTS},
                 {"OPTIN", TRACKING_OPT_IN},
                 {"OPTOUT", TRACKING_OPT_OUT},
                 {"NOLOOP", TRACKING_NO_LOOP}};
    for (int i = 3; i < call->argc; i++) {
        bool has_value = i + 1 < call->argc;
        uint32_t flag = 0;
        for (size_t j = 0; j < sizeof words / sizeof *words; j++)
            if (call_is(call, i, words[j].word))
                flag = words[j].flag;
        if (flag) {
            options->flags |= flag;
        } else if (has_value && call_is(call, i, "REDIRECT")) {
            int64_t id;
            if (options->redirect) {
                reply_error(call->reply, ERROR_TRACKING_TWO_REDIRECTS);
                return false;
            }
            if (!call_integer(call, ++i, &id, NULL))
                return false;
            if (!engine_find_session(call->engine, (uint64_t)id)) {
                reply_error(call->reply, ERROR_TRACKING_NO_SUCH_REDIRECT);
                return false;
            }
            options->redirect = (uint64_t)id;
        } else if (has_value && call_is(call, i, "PREFIX")) {
            buffer_append(prefixes, &call->argv[++i], sizeof *call->argv);
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    options->prefixes = (const struct bytes *)(const void *)prefixes->data;
    options->prefix_count = prefixes->size / sizeof *options->prefixes;
    return true;
}

/* Whether the options go together, and with those that the session has. */
static bool check_options(struct call *call, const struct tracking_options *options)
{
    const uint32_t both = TRACKING_OPT_IN | TRACKING_OPT_OUT;
    uint32_t old = flags_of(call->session);
    uint32_t new = options->flags;
    const char *error = NULL;
    if (options->prefix_count && !(new &TRACKING_BROADCASTS))
        error = ERROR_TRACKING_PREFIX;
    else if (old & TRACKING_ON && (old ^ new) & TRACKING_BROADCASTS)
        error = ERROR_TRACKING_SWITCH_BCAST;
    else if (new &TRACKING_BROADCASTS &&new &both)
        error = ERROR_TRACKING_BCAST_OPTS;
    else if ((new &both) == both)
        error = ERROR_TRACKING_BOTH_OPTS;
    else if ((new &TRACKING_OPT_IN &&old &TRACKING_OPT_OUT) ||
             (new &TRACKING_OPT_OUT &&old &TRACKING_OPT_IN))
        error = ERROR_TRACKING_SWITCH_OPTS;
    if (error)
        reply_error(call->reply, error);
    return !error;
}

/* A key must not belong to two prefixes of one session. */
static bool check_prefixes(struct call *call, const struct tracking_options *options)
{
    const struct tracker *tracker = call->session->tracker;
    for (size_t i = 0; i < options->prefix_count; i++) {
        struct bytes given = options->prefixes[i];
        struct list_node *node = tracker ? list_first(&tracker->memberships) : NULL;
        for (; node; node = list_next(node)) {
            const struct tracking_prefix *prefix =
                LIST_ENTRY(node, struct tracking_membership, by_tracker)->prefix;
            struct bytes old = bytes_of(prefix->name, prefix->size);
            if (tracking_prefixes_overlap(old, given)) {
                reply_error_format(call->reply, ERROR_TRACKING_OVERLAP_OLD, BYTES_PRINT(given),
                                   BYTES_PRINT(old));
                return false;
            }
        }
        for (size_t j = i + 1; j < options->prefix_count; j++) {
            if (tracking_prefixes_overlap(given, options->prefixes[j])) {
                reply_error_format(call->reply, ERROR_TRACKING_OVERLAP_GIVEN, BYTES_PRINT(given),
                                   BYTES_PRINT(options->prefixes[j]));
                return false;
            }
        }
    }
    return true;
}

void client_tracking_switch(struct call *call)
{
    struct tracking_options options = {0};
    struct buffer prefixes = {0};
    if (!parse_options(call, &options, &prefixes)) {
        buffer_clear(&prefixes);
        return;
    }
    if (call_is(call, 2, "ON")) {
        if (check_options(call, &options) && check_prefixes(call, &options)) {
            tracking_switch_on(call->session, &options);
            reply_ok(call->reply);
        }
    } else if (call_is(call, 2, "OFF")) {
        tracking_switch_off(call->session);
        reply_ok(call->reply);
    } else {
        call_syntax_error(call);
    }
    buffer_clear(&prefixes);
}

/* --- the others --- */

void client_tracking_caching(struct call *call)
{
    uint32_t flags = flags_of(call->session);
    bool is_yes = call_is(call, 2, "YES");
    if (!(flags & TRACKING_ON)) {
        reply_error(call->reply, ERROR_CACHING_OFF);
    } else if (!is_yes && !call_is(call, 2, "NO")) {
        call_syntax_error(call);
    } else if (!(flags & (is_yes ? TRACKING_OPT_IN : TRACKING_OPT_OUT))) {
        reply_error(call->reply, is_yes ? ERROR_CACHING_YES : ERROR_CACHING_NO);
    } else {
        call->session->tracker->flags |= TRACKING_CACHING;
        reply_ok(call->reply);
    }
}

static int64_t redirect_of(const struct session *session)
{
    return flags_of(session) & TRACKING_ON ? (int64_t)session->tracker->redirect : -1;
}

void client_tracking_getredir(struct call *call)
{
    reply_integer(call->reply, redirect_of(call->session));
}

static void answer_flags(struct call *call, uint32_t flags)
{
    bool is_caching = flags & TRACKING_CACHING;
    reply_open(call->reply, REPLY_SET, REPLY_UNSIZED);
    reply_bulk_string(call->reply, flags & TRACKING_ON ? "on" : "off");
    if (flags & TRACKING_BROADCASTS)
        reply_bulk_string(call->reply, "bcast");
    if (flags & TRACKING_OPT_IN)
        reply_bulk_string(call->reply, "optin");
    if (flags & TRACKING_OPT_IN && is_caching)
        reply_bulk_string(call->reply, "caching-yes");
    if (flags & TRACKING_OPT_OUT)
        reply_bulk_string(call->reply, "optout");
    if (flags & TRACKING_OPT_OUT && is_caching)
        reply_bulk_string(call->reply, "caching-no");
    if (flags & TRACKING_NO_LOOP)
        reply_bulk_string(call->reply, "noloop");
    if (flags & TRACKING_BROKEN)
        reply_bulk_string(call->reply, "broken_redirect");
    reply_close(call->reply);
}

void client_tracking_info(struct call *call)
{
    const struct session *session = call->session;
    reply_open(call->reply, REPLY_MAP, 3);
    reply_bulk_string(call->reply, "flags");
    answer_flags(call, flags_of(session));
    reply_bulk_string(call->reply, "redirect");
    reply_integer(call->reply, redirect_of(session));
    reply_bulk_string(call->reply, "prefixes");
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    struct list_node *node = session->tracker ? list_first(&session->tracker->memberships) : NULL;
    for (; node; node = list_next(node)) {
        const struct tracking_prefix *prefix =
            LIST_ENTRY(node, struct tracking_membership, by_tracker)->prefix;
        reply_bulk(call->reply, bytes_of(prefix->name, prefix->size));
    }
    reply_close(call->reply);
    reply_close(call->reply);
}
