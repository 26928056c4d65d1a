/* SPDX-License-Identifier: MIT */
#include "engine/call.h"

#include "base/number.h"
#include "engine/engine.h"
#include "engine/notify.h"
#include "engine/observer.h"
#include "engine/session.h"
#include "engine/transaction.h"
#include "reply/errors.h"

/* Before 7.2 one that had waited was answered without looking its keys up again. */
static bool is_woken_before_7_2(const struct call *call)
{
    return call->session->blocked && !call_emulates(call, 7, 2);
}

struct entry *call_find_any(struct call *call, struct bytes key, enum database_access access)
{
    if (call->session->flags & SESSION_NO_TOUCH && access <= ACCESS_WRITE)
        access = access == ACCESS_READ ? ACCESS_LOOK : ACCESS_PEEK;
    struct entry *entry = database_find(call->db, key, access);
    if (!entry && (access == ACCESS_READ || access == ACCESS_LOOK) && !is_woken_before_7_2(call))
        notify_event(call->engine, ANNOUNCE_KEY_MISS, "keymiss", call->db->index, key);
    return entry;
}

bool call_find(struct call *call, struct bytes key, enum value_type type,
               enum database_access access, struct entry **entry)
{
    *entry = call_find_any(call, key, access);
    if (!*entry || entry_type(*entry) == type)
        return true;
    reply_error(call->reply, ERROR_WRONG_TYPE);
    return false;
}

void call_touch(struct call *call, struct database *db, struct bytes key)
{
    transaction_touch(call->engine, db->index, key);
    if (!tracking_is_idle(&call->engine->tracking))
        tracking_invalidate(call->engine, call->session, key);
}

void call_announce_in(struct call *call, struct database *db, enum announce_class class,
                      const char *event, struct bytes key)
{
    if (!(class & (ANNOUNCE_KEY_MISS | ANNOUNCE_NEW))) {
        call->engine->stats.changes++;
        blocking_signal(call->engine, db, key);
        call_touch(call, db, key);
    }
    notify_event(call->engine, class, event, db->index, key);
    if (!list_is_empty(&call->engine->observers))
        observer_announced(call, class, event, key);
}

void call_announce(struct call *call, enum announce_class class, const char *event,
                   struct bytes key)
{
    call_announce_in(call, call->db, class, event, key);
}

void call_announce_quietly(struct call *call, enum announce_class class, const char *event,
                           struct bytes key)
{
    call->engine->stats.changes++;
    notify_event(call->engine, class, event, call->db->index, key);
    if (!list_is_empty(&call->engine->observers))
        observer_announced(call, class, event, key);
}

void call_announce_unseen(struct call *call, enum announce_class class, const char *event,
                          struct bytes key)
{
    call->engine->stats.changes++;
    call_touch(call, call->db, key);
    notify_event(call->engine, class, event, call->db->index, key);
    if (!list_is_empty(&call->engine->observers))
        observer_announced(call, class, event, key);
}

#define HIGHEST_BIT 63

void call_redact(struct call *call, int index)
{
    call->redacted |= UINT64_C(1) << (index < HIGHEST_BIT ? index : HIGHEST_BIT);
}

struct bytes call_shown_argument(const struct call *call, int index)
{
    int bit = index < HIGHEST_BIT ? index : HIGHEST_BIT;
    bool is_secret = call->redacted >> bit & 1;
    return is_secret ? BYTES_LITERAL("(redacted)") : call->argv[index];
}

void call_delete_emptied(struct call *call, struct bytes key)
{
    database_delete(call->db, key);
    call_announce(call, ANNOUNCE_GENERIC, "del", key);
}

bool call_emulates(const struct call *call, int major, int minor)
{
    return engine_emulates(call->engine, major, minor);
}

bool call_is_past(const struct call *call, int64_t deadline_ms)
{
    return deadline_ms <= call->now_ms && !call->engine->keyspace.keeps_overdue;
}

int64_t call_config(const struct call *call, enum config_id id)
{
    return config_integer(call->engine->config, id);
}

bool call_integer(struct call *call, int index, int64_t *value, const char *error)
{
    if (number_parse_integer(call->argv[index], value))
        return true;
    reply_error(call->reply, error ? error : ERROR_NOT_INTEGER);
    return false;
}

bool call_integer_between(struct call *call, int index, int64_t lowest, int64_t highest,
                          int64_t *value, const char *error)
{
    if (!call_integer(call, index, value, error))
        return false;
    if (*value >= lowest && *value <= highest)
        return true;
    reply_error(call->reply, error ? error : ERROR_OUT_OF_RANGE);
    return false;
}

bool call_double(struct call *call, int index, double *value, const char *error)
{
    if (number_parse_double(call->argv[index], value))
        return true;
    reply_error(call->reply, error ? error : ERROR_NOT_FLOAT);
    return false;
}

bool call_is(const struct call *call, int index, const char *word)
{
    return bytes_equal_ignoring_case(call->argv[index], word);
}

void call_syntax_error(struct call *call)
{
    reply_error(call->reply, ERROR_SYNTAX);
}

void call_arity_error(struct call *call)
{
    struct bytes name = bytes_of_string(call->command->name);
    bool is_subcommand = !bytes_equal_ignoring_case(call->argv[0], call->command->name);
    struct command_state *state = engine_find_command(
        call->engine, is_subcommand ? call->argv[0] : name, is_subcommand ? &call->argv[1] : NULL);
    reply_error_format(call->reply, ERROR_ARITY, state ? state->name : call->command->name);
}
