/* SPDX-License-Identifier: MIT */
/* Sets, member by member and whole. SPOP and SRANDMEMBER are in set_random.c, the operations on
 * several sets in set_algebra.c. */
#include "base/buffer.h"
#include "commands/scan_options.h"
#include "commands/set_limits.h"
#include "engine/call.h"

static bool find_set(struct call *call, enum database_access access, struct entry **entry)
{
    return call_find(call, call->argv[1], VALUE_SET, access, entry);
}

static void sets_sadd(struct call *call)
{
    struct entry *entry;
    if (!find_set(call, ACCESS_WRITE, &entry))
        return;
    struct set_limits limits = set_limits_of(call);
    struct value *set = entry ? database_own(call->db, entry)
                              : set_limits_add_key(call, call->argv[1], call->argv[2],
                                                   (size_t)call->argc - 2, &limits);
    int64_t added = 0;
    for (int i = 2; i < call->argc; i++)
        added += set_add(set, call->argv[i], &limits);
    if (added)
        call_announce(call, ANNOUNCE_SET, "sadd", call->argv[1]);
    reply_integer(call->reply, added);
}

static void sets_srem(struct call *call)
{
    struct entry *entry;
    if (!find_set(call, ACCESS_WRITE, &entry))
        return;
    int64_t removed = 0;
    struct value *set = entry ? database_own(call->db, entry) : NULL;
    for (int i = 2; set && i < call->argc && set_count(set) > 0; i++)
        removed += set_remove(set, call->argv[i]);
    if (removed) {
        call_announce(call, ANNOUNCE_SET, "srem", call->argv[1]);
        if (set_count(set) == 0)
            call_delete_emptied(call, call->argv[1]);
    }
    reply_integer(call->reply, removed);
}

static void sets_smove(struct call *call)
{
    struct bytes source_key = call->argv[1];
    struct bytes target_key = call->argv[2];
    struct bytes member = call->argv[3];
    struct entry *source = call_find_any(call, source_key, ACCESS_WRITE);
    struct entry *target;
    if (!source) {
        call_find_any(call, target_key, ACCESS_WRITE); /* of any type, as in Redis */
        reply_integer(call->reply, 0);
        return;
    }
    if (!find_set(call, ACCESS_PEEK, &source) ||
        !call_find(call, target_key, VALUE_SET, ACCESS_WRITE, &target))
        return;
    if (source == target || !set_has(entry_value(source), member)) {
        reply_integer(call->reply, source == target && set_has(entry_value(source), member));
        return;
    }
    struct value *from = database_own(call->db, source);
    struct value *to = target ? database_own(call->db, target) : NULL;
    set_remove(from, member);
    call_announce(call, ANNOUNCE_SET, "srem", source_key);
    if (set_count(from) == 0)
        call_delete_emptied(call, source_key);
    struct set_limits limits = set_limits_of(call);
    if (!to)
        to = set_limits_add_key(call, target_key, member, 1, &limits);
    if (set_add(to, member, &limits))
        call_announce(call, ANNOUNCE_SET, "sadd", target_key);
    reply_integer(call->reply, 1);
}

static void sets_sismember(struct call *call)
{
    struct entry *entry;
    if (find_set(call, ACCESS_READ, &entry))
        reply_integer(call->reply, entry && set_has(entry_value(entry), call->argv[2]));
}

static void sets_smismember(struct call *call)
{
    struct entry *entry;
    if (!find_set(call, ACCESS_READ, &entry))
        return;
    reply_open(call->reply, REPLY_ARRAY, (size_t)call->argc - 2);
    for (int i = 2; i < call->argc; i++)
        reply_integer(call->reply, entry && set_has(entry_value(entry), call->argv[i]));
    reply_close(call->reply);
}

static void sets_scard(struct call *call)
{
    struct entry *entry;
    if (find_set(call, ACCESS_READ, &entry))
        reply_integer(call->reply, entry ? (int64_t)set_count(entry_value(entry)) : 0);
}

static void sets_smembers(struct call *call)
{
    struct entry *entry;
    if (!find_set(call, ACCESS_READ, &entry))
        return;
    if (!entry) {
        reply_empty(call->reply, REPLY_SET);
        return;
    }
    const struct value *set = entry_value(entry);
    struct set_iterator iterator;
    struct set_element element;
    reply_open(call->reply, REPLY_SET, set_count(set));
    set_iterator_begin(&iterator, set);
    while (set_iterator_next(&iterator, &element))
        reply_bulk(call->reply, element.text);
    set_iterator_end(&iterator);
    reply_close(call->reply);
}

struct scanned {
    const struct scan_options *options;
    int64_t visited;
    struct buffer members; /* of struct bytes: those that match */
};

static void collect(const struct set_element *element, void *context)
{
    struct scanned *scanned = context;
    scanned->visited++;
    if (scan_matches(scanned->options, element->text))
        buffer_append(&scanned->members, &element->text, sizeof element->text);
}

static void scan_table(struct call *call, const struct value *set,
                       const struct scan_options *options)
{
    struct scanned scanned = {.options = options};
    int64_t steps = scan_step_limit(options);
    uint64_t cursor = options->cursor;
    do {
        cursor = set_scan(set, cursor, collect, &scanned);
    } while (cursor && --steps > 0 && scanned.visited < options->count);

    size_t count = scanned.members.size / sizeof(struct bytes);
    scan_open_reply(call, cursor, count);
    for (size_t i = 0; i < count; i++) {
        struct bytes member;
        memcpy(&member, scanned.members.data + i * sizeof member, sizeof member);
        reply_bulk(call->reply, member);
    }
    reply_close(call->reply);
    reply_close(call->reply);
    buffer_clear(&scanned.members);
}

/* A small set is answered whole, whatever COUNT says. */
static void scan_small(struct call *call, const struct value *set,
                       const struct scan_options *options)
{
    struct set_iterator iterator;
    struct set_element element;
    scan_open_reply(call, 0, REPLY_UNSIZED);
    set_iterator_begin(&iterator, set);
    while (set_iterator_next(&iterator, &element))
        if (scan_matches(options, element.text))
            reply_bulk(call->reply, element.text);
    set_iterator_end(&iterator);
    reply_close(call->reply);
    reply_close(call->reply);
}

static void sets_sscan(struct call *call)
{
    struct scan_options options;
    struct entry *entry;
    if (!scan_parse_cursor(call, 2, &options) || !find_set(call, ACCESS_READ, &entry))
        return;
    if (!entry)
        scan_reply_empty(call);
    else if (!scan_parse_options(call, 3, &options))
        return;
    else if (entry_value(entry)->encoding == ENCODING_HASHTABLE)
        scan_table(call, entry_value(entry), &options);
    else
        scan_small(call, entry_value(entry), &options);
}

static const struct command_argument key_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

static const struct command_argument member_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "member", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument members_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "member", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument smove_arguments[] = {
    {.name = "source", .type = ARGUMENT_KEY},
    {.name = "destination", .type = ARGUMENT_KEY, .key_spec = 1},
    {.name = "member", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument sscan_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "cursor", .type = ARGUMENT_INTEGER},
    {.name = "pattern", .type = ARGUMENT_PATTERN, .token = "MATCH", .flags = ARGUMENT_OPTIONAL},
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {0},
};

const struct command sets_commands[] = {
    {.name = "SADD",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Adds members to a set, which is made if it is absent.",
     .complexity = "O(N) for N members given",
     KEYS_AT(1, KEY_RW | KEY_INSERT),
     .arguments = members_argument,
     .run = sets_sadd},
    {.name = "SREM",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Removes members from a set; an empty set is deleted.",
     .complexity = "O(N) for N members given",
     KEYS_AT(1, KEY_RW | KEY_DELETE),
     .arguments = members_argument,
     .run = sets_srem},
    {.name = "SMOVE",
     .arity = 4,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Takes a member out of one set and puts it into another.",
     .complexity = "O(1)",
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .begin_position = 1, .step = 1},
               {.flags = KEY_RW | KEY_INSERT, .begin_position = 2, .step = 1}),
     .arguments = smove_arguments,
     .run = sets_smove},
    {.name = "SISMEMBER",
     .arity = 3,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Tells whether a set has a member.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RO),
     .arguments = member_argument,
     .run = sets_sismember},
    {.name = "SMISMEMBER",
     .arity = -3,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_SET,
     .since = "6.2.0",
     .group = "set",
     .summary = "Tells of each of several members whether a set has it.",
     .complexity = "O(N) for N members asked about",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = members_argument,
     .run = sets_smismember},
    {.name = "SCARD",
     .arity = 2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Counts the members of a set.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RO),
     .arguments = key_argument,
     .run = sets_scard},
    {.name = "SMEMBERS",
     .arity = 2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Lists the members of a set.",
     .complexity = "O(N) for N members",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = key_argument,
     .run = sets_smembers},
    {.name = "SSCAN",
     .arity = -3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_SET,
     .since = "2.8.0",
     .group = "set",
     .summary = "Walks the members of a set in steps.",
     .complexity = "O(1) a call, O(N) for a whole walk over N members",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = sscan_arguments,
     .run = sets_sscan},
    {0},
};
