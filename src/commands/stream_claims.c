/* SPDX-License-Identifier: MIT */
/* XCLAIM and XAUTOCLAIM: pending entries that go to another consumer. */
#include "base/buffer.h"
#include "base/memory.h"
#include "commands/stream_ids.h"
#include "commands/stream_replies.h"
#include "engine/engine.h"
#include "engine/journal.h"
#include "reply/errors.h"
#include "values/stream.h"

#define XAUTOCLAIM_COUNT    100
#define XAUTOCLAIM_ATTEMPTS 10 /* pending entries looked at for each that may be claimed */
#define XAUTOCLAIM_HIGHEST  (INT64_MAX / (int64_t)sizeof(struct stream_id))
/* Redis allocates room for as many ids as COUNT says, and no machine gives it more bytes than this.
 */
#define XAUTOCLAIM_MEMORY ((int64_t)1 << 46)

/* One command's claim on entries of a group. */
struct claim {
    struct value *stream;
    struct stream_group *group;
    struct stream_consumer *consumer; /* NULL until it is needed */
    int64_t min_idle;                 /* ms */
    int64_t delivered_at;             /* what the entries' last delivery is set to */
    int64_t deliveries;               /* RETRYCOUNT; -1: one more than before */
    bool is_forced;                   /* FORCE: claims what is not pending too */
    bool just_ids;
    bool is_recorded; /* the journal has an entry of it, and so the group's last id */
};

static struct stream_consumer *find_consumer(struct call *call, struct claim *claim)
{
    struct bytes name = call->argv[3];
    if (claim->consumer)
        return claim->consumer;
    claim->consumer = stream_group_find_consumer(claim->group, name);
    if (!claim->consumer) {
        claim->consumer = stream_group_add_consumer(claim->group, name, call->now_ms);
        if (call_emulates(call, 7, 2))
            stream_replies_record_consumer(call, call->argv[1], claim->group, claim->consumer);
        call_announce_quietly(call, ANNOUNCE_STREAM, "xgroup-createconsumer", call->argv[1]);
    }
    claim->consumer->seen_at = call->now_ms;
    return claim->consumer;
}

/* Owns the stream, whose group argv[2] is there. Since 7.2 the consumer is made even if it gets
 * nothing. */
static void begin_claim(struct call *call, struct claim *claim, struct entry *entry)
{
    claim->stream = database_own(call->db, entry);
    claim->group = stream_find_group(claim->stream, call->argv[2]);
    if (call_emulates(call, 7, 2))
        find_consumer(call, claim);
}

static bool is_idle(const struct call *call, const struct claim *claim,
                    const struct stream_pending *pending)
{
    return !pending->consumer || claim->min_idle == 0 ||
           stream_replies_idle(call, pending->delivered_at) >= claim->min_idle;
}

static void take_over(struct call *call, struct claim *claim, struct stream_pending *pending)
{
    stream_group_assign(pending, find_consumer(call, claim));
    pending->delivered_at = claim->delivered_at;
    if (claim->deliveries >= 0)
        pending->deliveries = (uint64_t)claim->deliveries;
    else if (!claim->just_ids)
        pending->deliveries++;
    claim->consumer->active_at = call->now_ms;
    call->engine->stats.changes++;
    stream_replies_record_claim(call, call->argv[1], claim->group, pending);
    claim->is_recorded = true;
}

static void reply_claimed(struct call *call, const struct claim *claim, struct stream_id id)
{
    if (claim->just_ids)
        stream_replies_id(call->reply, id);
    else if (!stream_replies_find(call->reply, claim->stream, id))
        reply_null(call->reply); /* deleted: before 7.0 it is claimed all the same */
}

/* An entry that was deleted is pending no more, from 7.0 on. */
static void forget(struct call *call, struct claim *claim, struct stream_pending *pending)
{
    if (pending->consumer)
        stream_replies_record_claim(call, call->argv[1], claim->group, pending);
    claim->is_recorded = true;
    stream_group_remove_pending(claim->group, pending);
    call->engine->stats.changes++;
}

/* XCLAIM. */

struct claim_options {
    int64_t idle_or_time; /* as a time of delivery; -1: not given */
    struct stream_id last_id;
};

static bool parse_claim_option(struct call *call, int *index, struct claim *claim,
                               struct claim_options *options)
{
    int i = *index;
    bool has_more = i + 1 < call->argc;
    if (call_is(call, i, "FORCE")) {
        claim->is_forced = true;
        return true;
    }
    if (call_is(call, i, "JUSTID")) {
        claim->just_ids = true;
        return true;
    }
    ++*index;
    if (has_more && call_is(call, i, "IDLE")) {
        int64_t idle;
        if (!call_integer(call, i + 1, &idle, ERROR_XCLAIM_IDLE))
            return false;
        if (__builtin_sub_overflow(call->now_ms, idle, &options->idle_or_time))
            options->idle_or_time = -1;
        return true;
    }
    if (has_more && call_is(call, i, "TIME"))
        return call_integer(call, i + 1, &options->idle_or_time, ERROR_XCLAIM_TIME);
    if (has_more && call_is(call, i, "RETRYCOUNT"))
        return call_integer(call, i + 1, &claim->deliveries, ERROR_XCLAIM_RETRYCOUNT);
    if (has_more && call_is(call, i, "LASTID"))
        return stream_ids_parse(call, i + 1, &options->last_id);
    reply_error_format(call->reply, ERROR_XCLAIM_OPTION, BYTES_PRINT(call->argv[i]));
    return false;
}

/* The options from argv[index] on. */
static bool parse_claim_options(struct call *call, int index, struct claim *claim,
                                struct claim_options *options)
{
    *options = (struct claim_options){.idle_or_time = -1};
    for (int i = index; i < call->argc; i++)
        if (!parse_claim_option(call, &i, claim, options))
            return false;
    claim->delivered_at = options->idle_or_time;
    /* A client's clock may be ahead of ours. */
    if (claim->delivered_at < 0 || claim->delivered_at > call->now_ms)
        claim->delivered_at = call->now_ms;
    return true;
}

static void claim_entry(struct call *call, struct claim *claim, struct stream_id id)
{
    struct stream_pending *pending = stream_group_find_pending(claim->group, id);
    bool exists = stream_has(claim->stream, id);
    if (!exists && call_emulates(call, 7, 0)) {
        if (pending)
            forget(call, claim, pending);
        return;
    }
    if (!pending && claim->is_forced && exists)
        pending = stream_group_add_pending(claim->group, id, NULL, call->now_ms);
    if (!pending || !is_idle(call, claim, pending))
        return;
    take_over(call, claim, pending);
    reply_claimed(call, claim, id);
}

static void claim_entries(struct call *call, struct claim *claim, const struct stream_id *ids,
                          int count)
{
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    for (int i = 0; i < count; i++)
        claim_entry(call, claim, ids[i]);
    reply_close(call->reply);
}

static void stream_claims_xclaim(struct call *call)
{
    journal_skip(call); /* but for what it says itself */
    struct entry *entry;
    struct stream_group *group;
    struct claim claim = {.deliveries = -1};
    struct claim_options options;
    if (!stream_replies_find_group(call, &entry, &group) ||
        !call_integer(call, 4, &claim.min_idle, ERROR_XCLAIM_MIN_IDLE))
        return;
    if (claim.min_idle < 0)
        claim.min_idle = 0;
    struct stream_id *ids = memory_allocate((size_t)call->argc * sizeof *ids);
    int count = 0;
    while (5 + count < call->argc && stream_ids_read(call->argv[5 + count], &ids[count]))
        count++;
    if (parse_claim_options(call, 5 + count, &claim, &options)) {
        begin_claim(call, &claim, entry);
        bool is_ahead = stream_id_compare(options.last_id, claim.group->last_id) > 0;
        if (is_ahead)
            claim.group->last_id = options.last_id;
        claim_entries(call, &claim, ids, count);
        if (is_ahead && !claim.is_recorded)
            stream_replies_record_place(call, call->argv[1], claim.group);
    }
    memory_free(ids);
}

/* XAUTOCLAIM. */

/* The options from argv[6] on. */
static bool parse_autoclaim_options(struct call *call, struct claim *claim, int64_t *count)
{
    *count = XAUTOCLAIM_COUNT;
    for (int i = 6; i < call->argc; i++) {
        if (i + 1 < call->argc && call_is(call, i, "COUNT")) {
            if (!call_integer_between(call, ++i, 1, XAUTOCLAIM_HIGHEST, count,
                                      ERROR_XAUTOCLAIM_COUNT))
                return false;
        } else if (call_is(call, i, "JUSTID")) {
            claim->just_ids = true;
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    return true;
}

/* Ids, as they are found. */
static void add_id(struct buffer *ids, struct stream_id id)
{
    buffer_append(ids, &id, sizeof id);
}

static size_t id_count(const struct buffer *ids)
{
    return ids->size / sizeof(struct stream_id);
}

static struct stream_id id_at(const struct buffer *ids, size_t index)
{
    struct stream_id id;
    memcpy(&id, ids->data + index * sizeof id, sizeof id);
    return id;
}

/* Claims up to `count` idle entries from `*next` on, which becomes the first one not looked at;
 * zero at the end. */
static void autoclaim(struct call *call, struct claim *claim, int64_t count, struct stream_id *next,
                      struct buffer *claimed, struct buffer *deleted)
{
    bool forgets = call_emulates(call, 7, 0);
    struct stream_pending *pending;
    struct order_position at = stream_group_seek(&claim->group->pending, *next);
    int64_t attempts = count * XAUTOCLAIM_ATTEMPTS;
    for (; (pending = order_position_element(at)) && count > 0 && attempts > 0; attempts--) {
        struct stream_id id = pending->id;
        if (forgets && !stream_has(claim->stream, id)) {
            forget(call, claim, pending);
            add_id(deleted, id);
            count--;
            at = stream_group_seek(&claim->group->pending, id);
            continue;
        }
        at = order_position_next(at);
        if (!is_idle(call, claim, pending))
            continue;
        take_over(call, claim, pending);
        add_id(claimed, id);
        count--;
    }
    pending = order_position_element(at);
    *next = pending ? pending->id : STREAM_ID_LOWEST;
}

static void reply_autoclaim(struct call *call, const struct claim *claim, struct stream_id next,
                            const struct buffer *claimed, const struct buffer *deleted)
{
    bool tells_deleted = call_emulates(call, 7, 0);
    reply_open(call->reply, REPLY_ARRAY, tells_deleted ? 3 : 2);
    stream_replies_id(call->reply, next);
    reply_open(call->reply, REPLY_ARRAY, id_count(claimed));
    for (size_t i = 0; i < id_count(claimed); i++)
        reply_claimed(call, claim, id_at(claimed, i));
    reply_close(call->reply);
    if (tells_deleted) {
        reply_open(call->reply, REPLY_ARRAY, id_count(deleted));
        for (size_t i = 0; i < id_count(deleted); i++)
            stream_replies_id(call->reply, id_at(deleted, i));
        reply_close(call->reply);
    }
    reply_close(call->reply);
}

static void stream_claims_xautoclaim(struct call *call)
{
    journal_skip(call);
    struct claim claim = {.deliveries = -1, .delivered_at = call->now_ms};
    struct stream_id next;
    int64_t count;
    /* As in Redis, the key counts as looked for even if the arguments are wrong. */
    struct entry *entry = call_find_any(call, call->argv[1], ACCESS_READ);
    struct stream_group *group;
    if (!call_integer(call, 4, &claim.min_idle, ERROR_XAUTOCLAIM_MIN_IDLE) ||
        !stream_ids_parse_start(call, 5, &next) || !parse_autoclaim_options(call, &claim, &count) ||
        !stream_replies_group_in(call, entry, &group))
        return;
    if (claim.min_idle < 0)
        claim.min_idle = 0;
    if (count > XAUTOCLAIM_MEMORY / (int64_t)sizeof(struct stream_id) &&
        call_emulates(call, 7, 0)) {
        reply_error(call->reply, ERROR_XAUTOCLAIM_MEMORY);
        return;
    }
    struct buffer claimed = {0}, deleted = {0};
    begin_claim(call, &claim, entry);
    autoclaim(call, &claim, count, &next, &claimed, &deleted);
    reply_autoclaim(call, &claim, next, &claimed, &deleted);
    buffer_clear(&claimed);
    buffer_clear(&deleted);
}

static const struct command_argument xclaim_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "group", .type = ARGUMENT_STRING},
    {.name = "consumer", .type = ARGUMENT_STRING},
    {.name = "min-idle-time", .type = ARGUMENT_STRING},
    {.name = "id", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {.name = "ms", .type = ARGUMENT_INTEGER, .token = "IDLE", .flags = ARGUMENT_OPTIONAL},
    {.name = "unix-time-milliseconds",
     .type = ARGUMENT_UNIX_TIME,
     .token = "TIME",
     .flags = ARGUMENT_OPTIONAL},
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "RETRYCOUNT", .flags = ARGUMENT_OPTIONAL},
    {.name = "force", .type = ARGUMENT_PURE_TOKEN, .token = "FORCE", .flags = ARGUMENT_OPTIONAL},
    {.name = "justid", .type = ARGUMENT_PURE_TOKEN, .token = "JUSTID", .flags = ARGUMENT_OPTIONAL},
    {.name = "id", .type = ARGUMENT_STRING, .token = "LASTID", .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument xautoclaim_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "group", .type = ARGUMENT_STRING},
    {.name = "consumer", .type = ARGUMENT_STRING},
    {.name = "min-idle-time", .type = ARGUMENT_STRING},
    {.name = "start", .type = ARGUMENT_STRING},
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {.name = "justid", .type = ARGUMENT_PURE_TOKEN, .token = "JUSTID", .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const char *const nondeterministic[] = {"nondeterministic_output", NULL};

const struct command stream_claims_commands[] = {
    {.name = "XCLAIM",
     .arity = -6,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Gives pending entries to another consumer of the group.",
     .complexity = "O(log(N)) an entry, N being pending",
     .tips = nondeterministic,
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = xclaim_arguments,
     .run = stream_claims_xclaim},
    {.name = "XAUTOCLAIM",
     .arity = -6,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_STREAM,
     .since = "6.2.0",
     .group = "stream",
     .summary = "Gives the pending entries that have been idle for long to another consumer of the "
                "group.",
     .complexity = "O(log(N)+M) for M of N pending entries looked at",
     .tips = nondeterministic,
     KEYS_AT(1, KEY_RW | KEY_DELETE),
     .arguments = xautoclaim_arguments,
     .run = stream_claims_xautoclaim},
    {0},
};
