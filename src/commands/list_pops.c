/* SPDX-License-Identifier: MIT */
/* Elements that leave a list, for the client or for another list, with or without waiting for them.
 */
#include "base/buffer.h"
#include "commands/block_timeout.h"
#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/journal.h"
#include "reply/errors.h"
#include "values/quicklist.h"

#define DOES_NOT_BLOCK INT64_MIN /* in the place of a deadline */

/* The list after elements were taken from its end: gone with its last one. */
static void finish_pop(struct call *call, struct bytes key, struct value *list,
                       enum quicklist_end end)
{
    call_announce(call, ANNOUNCE_LIST, end == QUICKLIST_HEAD ? "lpop" : "rpop", key);
    if (quicklist_count(list) == 0)
        call_delete_emptied(call, key);
    else
        quicklist_settle(list, call_config(call, CONFIG_LIST_MAX_LISTPACK_SIZE), true);
}

/* The same for one element, that the client may have waited for. Before 7.2 it was the push alone
 * that changed the key then: who tracks it with NOLOOP, and pushed, is told nothing. */
static void finish_pop_of_one(struct call *call, struct bytes key, struct value *list,
                              enum quicklist_end end)
{
    struct tracking *tracking = &call->engine->tracking;
    tracking->is_deaf = call_is_run_again(call) && !call_emulates(call, 7, 2);
    finish_pop(call, key, list, end);
    tracking->is_deaf = false;
}

/* Takes one element from the end. False: the list had none. */
static bool take_element(struct value *list, enum quicklist_end end, struct buffer *text)
{
    struct quicklist_cursor cursor;
    char digits[NUMBER_INTEGER_SIZE];
    if (!quicklist_seek(&cursor, list, end == QUICKLIST_HEAD ? 0 : -1))
        return false;
    buffer_append_bytes(text, quicklist_get(&cursor, digits));
    quicklist_remove_forward(&cursor);
    return true;
}

/* Answers one element and takes it away. */
static void pop_one(struct call *call, struct bytes key, struct entry *entry,
                    enum quicklist_end end)
{
    struct value *list = database_own(call->db, entry);
    struct quicklist_cursor cursor;
    char digits[NUMBER_INTEGER_SIZE];
    quicklist_seek(&cursor, list, end == QUICKLIST_HEAD ? 0 : -1);
    reply_bulk(call->reply, quicklist_get(&cursor, digits));
    quicklist_remove_forward(&cursor);
    finish_pop_of_one(call, key, list, end);
}

/* Answers an array of up to `count` elements, from the end inwards, and takes them away. */
static void pop_many(struct call *call, struct bytes key, struct entry *entry,
                     enum quicklist_end end, int64_t count)
{
    struct value *list = database_own(call->db, entry);
    struct quicklist_cursor cursor;
    char digits[NUMBER_INTEGER_SIZE];
    bool is_head = end == QUICKLIST_HEAD;
    int64_t available = (int64_t)quicklist_count(list);
    if (count > available)
        count = available;
    reply_open(call->reply, REPLY_ARRAY, (size_t)count);
    bool has = quicklist_seek(&cursor, list, is_head ? 0 : -1);
    for (int64_t i = 0; i < count && has; i++) {
        reply_bulk(call->reply, quicklist_get(&cursor, digits));
        has = is_head ? quicklist_next(&cursor) : quicklist_previous(&cursor);
    }
    reply_close(call->reply);
    quicklist_delete_range(list, is_head ? 0 : -count, (size_t)count);
    finish_pop(call, key, list, end);
}

static void pop(struct call *call, enum quicklist_end end)
{
    bool has_count = call->argc > 2;
    bool answers_null = !has_count || !call_emulates(call, 7, 0);
    int64_t count = 1;
    struct entry *entry;
    if (call->argc > 3) {
        call_arity_error(call);
        return;
    }
    if (has_count && !call_integer_between(call, 2, 0, INT64_MAX, &count, ERROR_NOT_POSITIVE))
        return;
    if (count == 0 && answers_null) {
        reply_null_array(call->reply);
        return;
    }
    if (!call_find(call, call->argv[1], VALUE_LIST, ACCESS_WRITE, &entry))
        return;
    if (!entry && answers_null)
        reply_null(call->reply);
    else if (!entry)
        reply_null_array(call->reply);
    else if (count == 0)
        reply_empty(call->reply, REPLY_ARRAY);
    else if (has_count)
        pop_many(call, call->argv[1], entry, end, count);
    else
        pop_one(call, call->argv[1], entry, end);
}

static void list_pops_lpop(struct call *call)
{
    pop(call, QUICKLIST_HEAD);
}

static void list_pops_rpop(struct call *call)
{
    pop(call, QUICKLIST_TAIL);
}

/* From list to list. */

static bool parse_end(struct call *call, int index, enum quicklist_end *end)
{
    if (!call_is(call, index, "LEFT") && !call_is(call, index, "RIGHT")) {
        call_syntax_error(call);
        return false;
    }
    *end = call_is(call, index, "LEFT") ? QUICKLIST_HEAD : QUICKLIST_TAIL;
    return true;
}

/* Moves the element: the source has one, and the target is a list or absent. */
static void move_element(struct call *call, struct entry *source, enum quicklist_end from,
                         struct entry *target, enum quicklist_end to)
{
    int64_t fill = call_config(call, CONFIG_LIST_MAX_LISTPACK_SIZE);
    struct value *source_list = database_own(call->db, source);
    struct buffer element = {0};
    take_element(source_list, from, &element);
    struct value *target_list = source_list;
    if (!target)
        target_list = entry_value(database_add(call->db, call->argv[2], quicklist_new()));
    else if (target != source)
        target_list = database_own(call->db, target);
    struct bytes text = buffer_bytes(&element);
    quicklist_prepare(target_list, &text, 1, fill);
    quicklist_push(target_list, to, text, fill);
    call_announce(call, ANNOUNCE_LIST, to == QUICKLIST_HEAD ? "lpush" : "rpush", call->argv[2]);
    finish_pop_of_one(call, call->argv[1], source_list, from);
    reply_bulk(call->reply, text);
    buffer_clear(&element);
}

/* Waits for an element of one of the keys; where that can't be, answers at once that there is none.
 */
static void wait_for(struct call *call, int first_key, int key_count, int64_t deadline_ms,
                     void (*answer_none)(struct reply *reply))
{
    struct block_request request = {.first_key = first_key,
                                    .key_count = key_count,
                                    .key_step = 1,
                                    .type = VALUE_LIST,
                                    .deadline_ms = deadline_ms,
                                    .timed_out = reply_null_array};
    if (deadline_ms == DOES_NOT_BLOCK || !call_block(call, &request))
        answer_none(call->reply);
}

/* Whether there was something to move. */
static bool move(struct call *call, enum quicklist_end from, enum quicklist_end to,
                 int64_t deadline_ms)
{
    struct entry *source, *target;
    if (!call_find(call, call->argv[1], VALUE_LIST, ACCESS_WRITE, &source))
        return false;
    if (!source) {
        wait_for(call, 1, 1, deadline_ms, reply_null);
        return false;
    }
    if (!call_find(call, call->argv[2], VALUE_LIST, ACCESS_WRITE, &target))
        return false;
    move_element(call, source, from, target, to);
    return true;
}

static void list_pops_lmove(struct call *call)
{
    enum quicklist_end from, to;
    if (parse_end(call, 3, &from) && parse_end(call, 4, &to))
        move(call, from, to, DOES_NOT_BLOCK);
}

static void list_pops_rpoplpush(struct call *call)
{
    move(call, QUICKLIST_TAIL, QUICKLIST_HEAD, DOES_NOT_BLOCK);
}

/* As Redis before 7.2 wrote it of one that had waited. */
static struct bytes word_of_end(enum quicklist_end end)
{
    return end == QUICKLIST_HEAD ? BYTES_LITERAL("left") : BYTES_LITERAL("right");
}

static void list_pops_blmove(struct call *call)
{
    enum quicklist_end from, to;
    int64_t deadline_ms;
    if (!parse_end(call, 3, &from) || !parse_end(call, 4, &to) ||
        !block_timeout_parse(call, 5, &deadline_ms))
        return;
    if (!move(call, from, to, deadline_ms))
        return;
    bool is_reworded = call_is_run_again(call) && !call_emulates(call, 7, 2);
    JOURNAL_REPLACE(call, BYTES_LITERAL("LMOVE"), call->argv[1], call->argv[2],
                    is_reworded ? word_of_end(from) : call->argv[3],
                    is_reworded ? word_of_end(to) : call->argv[4]);
}

static void list_pops_brpoplpush(struct call *call)
{
    int64_t deadline_ms;
    if (block_timeout_parse(call, 3, &deadline_ms) &&
        move(call, QUICKLIST_TAIL, QUICKLIST_HEAD, deadline_ms))
        JOURNAL_REPLACE(call, BYTES_LITERAL("RPOPLPUSH"), call->argv[1], call->argv[2]);
}

/* From the first of several lists that has an element. */

/* Finds the first of the keys that is there. False: one holds another type, and WRONGTYPE was
 * answered. `*entry` is NULL when there is none. */
static bool find_first(struct call *call, int first, int count, int *found, struct entry **entry)
{
    *entry = NULL;
    for (*found = first; *found < first + count; (*found)++) {
        if (!call_may_serve(call, call->argv[*found]))
            continue;
        if (!call_find(call, call->argv[*found], VALUE_LIST, ACCESS_WRITE, entry))
            return false;
        if (*entry)
            break;
    }
    return true;
}

static struct bytes name_of_pop(enum quicklist_end end)
{
    return end == QUICKLIST_HEAD ? BYTES_LITERAL("LPOP") : BYTES_LITERAL("RPOP");
}

static void pop_first(struct call *call, enum quicklist_end end)
{
    int64_t deadline_ms;
    int found;
    struct entry *entry;
    if (!block_timeout_parse(call, call->argc - 1, &deadline_ms) ||
        !find_first(call, 1, call->argc - 2, &found, &entry))
        return;
    if (!entry) {
        wait_for(call, 1, call->argc - 2, deadline_ms, reply_null_array);
        return;
    }
    reply_open(call->reply, REPLY_ARRAY, 2);
    reply_bulk(call->reply, call->argv[found]);
    pop_one(call, call->argv[found], entry, end);
    JOURNAL_REPLACE(call, name_of_pop(end), call->argv[found]);
    reply_close(call->reply);
}

static void list_pops_blpop(struct call *call)
{
    pop_first(call, QUICKLIST_HEAD);
}

static void list_pops_brpop(struct call *call)
{
    pop_first(call, QUICKLIST_TAIL);
}

struct multiple_pop {
    int first_key;
    int key_count;
    enum quicklist_end end;
    int64_t count;
};

/* numkeys key [key ...] LEFT|RIGHT [COUNT count], from argv[index] on. */
static bool parse_multiple_pop(struct call *call, int index, struct multiple_pop *pop)
{
    int64_t key_count;
    if (!call_integer_between(call, index, 1, INT64_MAX, &key_count, ERROR_NUMKEYS_NOT_POSITIVE))
        return false;
    if (key_count >= call->argc - index - 1) {
        call_syntax_error(call);
        return false;
    }
    int where = index + 1 + (int)key_count;
    *pop = (struct multiple_pop){.first_key = index + 1, .key_count = (int)key_count, .count = 1};
    if (!parse_end(call, where, &pop->end))
        return false;
    if (where + 1 == call->argc)
        return true;
    if (where + 2 == call->argc || !call_is(call, where + 1, "COUNT")) {
        call_syntax_error(call);
        return false;
    }
    if (!call_integer_between(call, where + 2, 1, INT64_MAX, &pop->count, ERROR_COUNT_NOT_POSITIVE))
        return false;
    if (where + 3 < call->argc) {
        call_syntax_error(call);
        return false;
    }
    return true;
}

static void pop_from_first(struct call *call, const struct multiple_pop *pop, int64_t deadline_ms)
{
    int found;
    struct entry *entry;
    if (!find_first(call, pop->first_key, pop->key_count, &found, &entry))
        return;
    if (!entry) {
        wait_for(call, pop->first_key, pop->key_count, deadline_ms, reply_null_array);
        return;
    }
    reply_open(call->reply, REPLY_ARRAY, 2);
    reply_bulk(call->reply, call->argv[found]);
    struct journal_number room;
    int64_t available = (int64_t)quicklist_count(entry_value(entry));
    int64_t taken = pop->count < available ? pop->count : available;
    pop_many(call, call->argv[found], entry, pop->end, pop->count);
    JOURNAL_REPLACE(call, name_of_pop(pop->end), call->argv[found], journal_format(&room, taken));
    reply_close(call->reply);
}

static void list_pops_lmpop(struct call *call)
{
    struct multiple_pop pop;
    if (parse_multiple_pop(call, 1, &pop))
        pop_from_first(call, &pop, DOES_NOT_BLOCK);
}

static void list_pops_blmpop(struct call *call)
{
    struct multiple_pop pop;
    int64_t deadline_ms;
    if (parse_multiple_pop(call, 2, &pop) && block_timeout_parse(call, 1, &deadline_ms))
        pop_from_first(call, &pop, deadline_ms);
}

static const struct command_argument pop_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "count", .type = ARGUMENT_INTEGER, .flags = ARGUMENT_OPTIONAL, .since = "6.2.0"},
    {0},
};

static const struct command_argument end_arguments[] = {
    {.name = "left", .type = ARGUMENT_PURE_TOKEN, .token = "LEFT"},
    {.name = "right", .type = ARGUMENT_PURE_TOKEN, .token = "RIGHT"},
    {0},
};

static const struct command_argument lmove_arguments[] = {
    {.name = "source", .type = ARGUMENT_KEY},
    {.name = "destination", .type = ARGUMENT_KEY, .key_spec = 1},
    {.name = "wherefrom", .type = ARGUMENT_ONEOF, .arguments = end_arguments},
    {.name = "whereto", .type = ARGUMENT_ONEOF, .arguments = end_arguments},
    {0},
};

static const struct command_argument rpoplpush_arguments[] = {
    {.name = "source", .type = ARGUMENT_KEY},
    {.name = "destination", .type = ARGUMENT_KEY, .key_spec = 1},
    {0},
};

static const struct command_argument lmpop_arguments[] = {
    {.name = "numkeys", .type = ARGUMENT_INTEGER},
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE},
    {.name = "where", .type = ARGUMENT_ONEOF, .arguments = end_arguments},
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument timed_pop_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE},
    {.name = "timeout", .type = ARGUMENT_DOUBLE},
    {0},
};

static const struct command_argument blmove_arguments[] = {
    {.name = "source", .type = ARGUMENT_KEY},
    {.name = "destination", .type = ARGUMENT_KEY, .key_spec = 1},
    {.name = "wherefrom", .type = ARGUMENT_ONEOF, .arguments = end_arguments},
    {.name = "whereto", .type = ARGUMENT_ONEOF, .arguments = end_arguments},
    {.name = "timeout", .type = ARGUMENT_DOUBLE},
    {0},
};

static const struct command_argument brpoplpush_arguments[] = {
    {.name = "source", .type = ARGUMENT_KEY},
    {.name = "destination", .type = ARGUMENT_KEY, .key_spec = 1},
    {.name = "timeout", .type = ARGUMENT_DOUBLE},
    {0},
};

static const struct command_argument blmpop_arguments[] = {
    {.name = "timeout", .type = ARGUMENT_DOUBLE},
    {.name = "numkeys", .type = ARGUMENT_INTEGER},
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE},
    {.name = "where", .type = ARGUMENT_ONEOF, .arguments = end_arguments},
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {0},
};

const struct command list_pops_commands[] = {
    {.name = "LPOP",
     .arity = -2,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_LIST,
     .since = "1.0.0",
     .group = "list",
     .summary = "Takes elements from the head of a list and answers them.",
     .complexity = "O(N) for N elements answered",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_DELETE),
     .arguments = pop_arguments,
     .run = list_pops_lpop},
    {.name = "RPOP",
     .arity = -2,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_LIST,
     .since = "1.0.0",
     .group = "list",
     .summary = "Takes elements from the tail of a list and answers them.",
     .complexity = "O(N) for N elements answered",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_DELETE),
     .arguments = pop_arguments,
     .run = list_pops_rpop},
    {.name = "LMOVE",
     .arity = 5,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_LIST,
     .since = "6.2.0",
     .group = "list",
     .summary = "Takes an element from one list, adds it to another and answers it.",
     .complexity = "O(1)",
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .begin_position = 1, .step = 1},
               {.flags = KEY_RW | KEY_INSERT, .begin_position = 2, .step = 1}),
     .arguments = lmove_arguments,
     .run = list_pops_lmove},
    {.name = "RPOPLPUSH",
     .arity = 3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_LIST,
     .since = "1.2.0",
     .group = "list",
     .summary = "Takes the last element of a list, adds it at the head of another and answers it.",
     .complexity = "O(1)",
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .begin_position = 1, .step = 1},
               {.flags = KEY_RW | KEY_INSERT, .begin_position = 2, .step = 1}),
     .arguments = rpoplpush_arguments,
     .deprecated_since = "6.2.0",
     .replaced_by = "`LMOVE source destination RIGHT LEFT`",
     .run = list_pops_rpoplpush},
    {.name = "LMPOP",
     .arity = -4,
     .flags = COMMAND_WRITE | COMMAND_MOVABLE_KEYS,
     .categories = CATEGORY_LIST,
     .since = "7.0.0",
     .group = "list",
     .summary = "Takes elements from the first of several lists that has any.",
     .complexity = "O(N+M) for N keys and M elements answered",
     KEYS_COUNTED(1, KEY_RW | KEY_ACCESS | KEY_DELETE),
     .arguments = lmpop_arguments,
     .run = list_pops_lmpop},
    {.name = "BLPOP",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_NOSCRIPT | COMMAND_SCRIPTS_SINCE_7_2 | COMMAND_BLOCKING,
     .categories = CATEGORY_LIST,
     .since = "2.0.0",
     .group = "list",
     .summary = "Takes the first element of the first of several lists that has one, and waits for "
                "it if need be.",
     .complexity = "O(N) for N keys",
     KEYS_RANGE(1, -2, 1, KEY_RW | KEY_ACCESS | KEY_DELETE),
     .arguments = timed_pop_arguments,
     .run = list_pops_blpop},
    {.name = "BRPOP",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_NOSCRIPT | COMMAND_SCRIPTS_SINCE_7_2 | COMMAND_BLOCKING,
     .categories = CATEGORY_LIST,
     .since = "2.0.0",
     .group = "list",
     .summary = "Takes the last element of the first of several lists that has one, and waits for "
                "it if need be.",
     .complexity = "O(N) for N keys",
     KEYS_RANGE(1, -2, 1, KEY_RW | KEY_ACCESS | KEY_DELETE),
     .arguments = timed_pop_arguments,
     .run = list_pops_brpop},
    {.name = "BLMOVE",
     .arity = 6,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_NOSCRIPT | COMMAND_SCRIPTS_SINCE_7_2 |
              COMMAND_BLOCKING,
     .categories = CATEGORY_LIST,
     .since = "6.2.0",
     .group = "list",
     .summary = "Does as LMOVE, and waits for an element if need be.",
     .complexity = "O(1)",
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .begin_position = 1, .step = 1},
               {.flags = KEY_RW | KEY_INSERT, .begin_position = 2, .step = 1}),
     .arguments = blmove_arguments,
     .run = list_pops_blmove},
    {.name = "BRPOPLPUSH",
     .arity = 4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_NOSCRIPT | COMMAND_SCRIPTS_SINCE_7_2 |
              COMMAND_BLOCKING,
     .categories = CATEGORY_LIST,
     .since = "2.2.0",
     .group = "list",
     .summary = "Does as RPOPLPUSH, and waits for an element if need be.",
     .complexity = "O(1)",
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .begin_position = 1, .step = 1},
               {.flags = KEY_RW | KEY_INSERT, .begin_position = 2, .step = 1}),
     .arguments = brpoplpush_arguments,
     .deprecated_since = "6.2.0",
     .replaced_by = "`BLMOVE source destination RIGHT LEFT timeout`",
     .run = list_pops_brpoplpush},
    {.name = "BLMPOP",
     .arity = -5,
     .flags = COMMAND_WRITE | COMMAND_BLOCKING | COMMAND_MOVABLE_KEYS,
     .categories = CATEGORY_LIST,
     .since = "7.0.0",
     .group = "list",
     .summary = "Does as LMPOP, and waits for an element if need be.",
     .complexity = "O(N+M) for N keys and M elements answered",
     KEYS_COUNTED(2, KEY_RW | KEY_ACCESS | KEY_DELETE),
     .arguments = blmpop_arguments,
     .run = list_pops_blmpop},
    {0},
};
