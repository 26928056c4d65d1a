/* SPDX-License-Identifier: MIT */
/* Lists. What takes elements out for the client or for another list is in list_pops.c. */
#include "engine/call.h"
#include "engine/journal.h"
#include "reply/errors.h"
#include "values/quicklist.h"

static int64_t fill_of(const struct call *call)
{
    return call_config(call, CONFIG_LIST_MAX_LISTPACK_SIZE);
}

static bool find_list(struct call *call, enum database_access access, struct entry **entry)
{
    return call_find(call, call->argv[1], VALUE_LIST, access, entry);
}

static void announce(struct call *call, const char *event)
{
    call_announce(call, ANNOUNCE_LIST, event, call->argv[1]);
}

/* The list after a command that took elements away: gone with its last one. */
static void finish_removal(struct call *call, struct value *list, const char *event)
{
    announce(call, event);
    if (quicklist_count(list) == 0)
        call_delete_emptied(call, call->argv[1]);
    else
        quicklist_settle(list, fill_of(call), true);
}

static void push_all(struct call *call, enum quicklist_end end, bool makes_list)
{
    struct entry *entry;
    if (!find_list(call, ACCESS_WRITE, &entry))
        return;
    if (!entry && !makes_list) {
        reply_integer(call->reply, 0);
        return;
    }
    struct value *list = entry
                             ? database_own(call->db, entry)
                             : entry_value(database_add(call->db, call->argv[1], quicklist_new()));
    int64_t fill = fill_of(call);
    quicklist_prepare(list, call->argv + 2, (size_t)call->argc - 2, fill);
    for (int i = 2; i < call->argc; i++)
        quicklist_push(list, end, call->argv[i], fill);
    size_t count = quicklist_count(list);
    announce(call, end == QUICKLIST_HEAD ? "lpush" : "rpush");
    reply_integer(call->reply, (int64_t)count);
}

static void lists_lpush(struct call *call)
{
    push_all(call, QUICKLIST_HEAD, true);
}

static void lists_rpush(struct call *call)
{
    push_all(call, QUICKLIST_TAIL, true);
}

static void lists_lpushx(struct call *call)
{
    push_all(call, QUICKLIST_HEAD, false);
}

static void lists_rpushx(struct call *call)
{
    push_all(call, QUICKLIST_TAIL, false);
}

static void lists_llen(struct call *call)
{
    struct entry *entry;
    if (find_list(call, ACCESS_READ, &entry))
        reply_integer(call->reply, entry ? (int64_t)quicklist_count(entry_value(entry)) : 0);
}

static void lists_lindex(struct call *call)
{
    struct entry *entry;
    struct quicklist_cursor cursor;
    char digits[NUMBER_INTEGER_SIZE];
    int64_t index;
    if (!find_list(call, ACCESS_READ, &entry))
        return;
    if (!entry) {
        reply_null(call->reply);
        return;
    }
    if (!call_integer(call, 2, &index, NULL))
        return;
    if (quicklist_seek(&cursor, entry_value(entry), index))
        reply_bulk(call->reply, quicklist_get(&cursor, digits));
    else
        reply_null(call->reply);
}

static void lists_lset(struct call *call)
{
    struct entry *entry;
    struct quicklist_cursor cursor;
    int64_t index;
    if (!find_list(call, ACCESS_WRITE, &entry))
        return;
    if (!entry) {
        reply_error(call->reply, ERROR_NO_SUCH_KEY);
        return;
    }
    if (!call_integer(call, 2, &index, NULL))
        return;
    /* Redis makes room first and then looks whether there is such an element. */
    struct value *list = database_own(call->db, entry);
    int64_t fill = fill_of(call);
    quicklist_prepare(list, &call->argv[3], 1, fill);
    if (!quicklist_seek(&cursor, list, index)) {
        reply_error(call->reply, ERROR_INDEX_OUT_OF_RANGE);
        return;
    }
    quicklist_replace(&cursor, call->argv[3], fill);
    quicklist_settle(list, fill, true);
    announce(call, "lset");
    reply_ok(call->reply);
}

/* The first element that is `text`. */
static bool find_element(struct quicklist_cursor *cursor, const struct value *list,
                         struct bytes text)
{
    bool has = quicklist_seek(cursor, list, 0);
    while (has && !quicklist_equals(cursor, text))
        has = quicklist_next(cursor);
    return has;
}

static void lists_linsert(struct call *call)
{
    struct entry *entry;
    struct quicklist_cursor cursor;
    bool is_after = call_is(call, 2, "AFTER");
    if (!is_after && !call_is(call, 2, "BEFORE")) {
        call_syntax_error(call);
        return;
    }
    if (!find_list(call, ACCESS_WRITE, &entry))
        return;
    if (!entry) {
        reply_integer(call->reply, 0);
        return;
    }
    /* As with LSET: room first, then the search. */
    struct value *list = database_own(call->db, entry);
    int64_t fill = fill_of(call);
    quicklist_prepare(list, &call->argv[4], 1, fill);
    if (!find_element(&cursor, list, call->argv[3])) {
        reply_integer(call->reply, -1);
        return;
    }
    if (is_after)
        quicklist_insert_after(&cursor, call->argv[4], fill);
    else
        quicklist_insert_before(&cursor, call->argv[4], fill);
    size_t count = quicklist_count(list);
    announce(call, "linsert");
    reply_integer(call->reply, (int64_t)count);
}

/* argv[2] and argv[3] as they stand. */
static bool parse_range(struct call *call, int64_t *start, int64_t *stop)
{
    return call_integer(call, 2, start, NULL) && call_integer(call, 3, stop, NULL);
}

/* Within a list of `count` elements: negative indexes counted from the end, both ends inclusive.
 * How many elements the range has. */
static int64_t clamp_range(int64_t *start, int64_t stop, int64_t count)
{
    if (*start < 0)
        *start = *start + count > 0 ? *start + count : 0;
    if (stop < 0)
        stop += count;
    if (stop >= count)
        stop = count - 1;
    return *start > stop ? 0 : stop - *start + 1;
}

static void lists_lrange(struct call *call)
{
    struct entry *entry;
    int64_t start, stop;
    if (!parse_range(call, &start, &stop) || !find_list(call, ACCESS_READ, &entry))
        return;
    const struct value *list = entry ? entry_value(entry) : NULL;
    int64_t length = list ? clamp_range(&start, stop, (int64_t)quicklist_count(list)) : 0;
    struct quicklist_cursor cursor;
    char digits[NUMBER_INTEGER_SIZE];
    reply_open(call->reply, REPLY_ARRAY, (size_t)length);
    if (length > 0)
        quicklist_seek(&cursor, list, start);
    while (length-- > 0) {
        reply_bulk(call->reply, quicklist_get(&cursor, digits));
        quicklist_next(&cursor);
    }
    reply_close(call->reply);
}

static void lists_ltrim(struct call *call)
{
    struct entry *entry;
    int64_t start, stop;
    if (!parse_range(call, &start, &stop) || !find_list(call, ACCESS_WRITE, &entry))
        return;
    if (entry) {
        struct value *list = database_own(call->db, entry);
        int64_t count = (int64_t)quicklist_count(list);
        int64_t length = clamp_range(&start, stop, count);
        int64_t kept_to = length ? start + length : 0;
        quicklist_delete_range(list, kept_to, (size_t)(count - kept_to));
        if (length)
            quicklist_delete_range(list, 0, (size_t)start);
        finish_removal(call, list, "ltrim");
        if (length == count)
            journal_skip(call);
    }
    reply_ok(call->reply);
}

static void lists_lrem(struct call *call)
{
    struct entry *entry;
    int64_t count;
    if (!call_integer(call, 2, &count, NULL) || !find_list(call, ACCESS_WRITE, &entry))
        return;
    struct quicklist_cursor cursor;
    uint64_t limit = count < 0 ? 0 - (uint64_t)count : count > 0 ? (uint64_t)count : UINT64_MAX;
    uint64_t removed = 0;
    struct value *list = NULL;
    if (entry && find_element(&cursor, entry_value(entry), call->argv[3]))
        list = database_own(call->db, entry);
    bool has = list && quicklist_seek(&cursor, list, count < 0 ? -1 : 0);
    while (has && removed < limit) {
        bool is_equal = quicklist_equals(&cursor, call->argv[3]);
        removed += is_equal;
        if (count < 0)
            has = is_equal ? quicklist_remove_backward(&cursor) : quicklist_previous(&cursor);
        else
            has = is_equal ? quicklist_remove_forward(&cursor) : quicklist_next(&cursor);
    }
    if (removed)
        finish_removal(call, list, "lrem");
    reply_integer(call->reply, (int64_t)removed);
}

struct position_options {
    int64_t rank;
    int64_t count; /* -1: not given */
    int64_t limit; /* MAXLEN: elements to look at; 0: all */
};

static bool parse_position_options(struct call *call, struct position_options *options)
{
    for (int i = 3; i < call->argc; i += 2) {
        bool has_value = i + 1 < call->argc;
        if (has_value && call_is(call, i, "RANK")) {
            if (!call_integer(call, i + 1, &options->rank, NULL))
                return false;
            if (options->rank == 0) {
                reply_error(call->reply, ERROR_LPOS_RANK);
                return false;
            }
            if (options->rank == INT64_MIN && call_emulates(call, 7, 2)) {
                reply_error(call->reply, ERROR_OUT_OF_LONG_RANGE);
                return false;
            }
        } else if (has_value && call_is(call, i, "COUNT")) {
            if (!call_integer_between(call, i + 1, 0, INT64_MAX, &options->count, ERROR_LPOS_COUNT))
                return false;
        } else if (has_value && call_is(call, i, "MAXLEN")) {
            if (!call_integer_between(call, i + 1, 0, INT64_MAX, &options->limit,
                                      ERROR_LPOS_MAXLEN))
                return false;
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    return true;
}

static void reply_positions(struct call *call, const struct value *list,
                            const struct position_options *options)
{
    struct quicklist_cursor cursor;
    bool backwards = options->rank < 0;
    int64_t size = (int64_t)quicklist_count(list);
    int64_t left = options->limit && options->limit < size ? options->limit : size;
    int64_t index = backwards ? size - 1 : 0;
    /* The lowest of all ranks has no opposite number; Redis before 7.2 then skips nothing. */
    int64_t skipped = options->rank == INT64_MIN ? 0
                      : backwards                ? -options->rank - 1
                                                 : options->rank - 1;
    int64_t wanted = options->count > 0 ? options->count : options->count == 0 ? INT64_MAX : 1;
    bool is_list = options->count >= 0;
    if (is_list)
        reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    bool has = quicklist_seek(&cursor, list, backwards ? -1 : 0);
    while (has && left > 0 && wanted > 0) {
        if (quicklist_equals(&cursor, call->argv[2]) && skipped-- <= 0) {
            reply_integer(call->reply, index);
            wanted--;
        }
        has = backwards ? quicklist_previous(&cursor) : quicklist_next(&cursor);
        index += backwards ? -1 : 1;
        left--;
    }
    if (is_list)
        reply_close(call->reply);
    else if (wanted > 0)
        reply_null(call->reply);
}

static void lists_lpos(struct call *call)
{
    struct entry *entry;
    struct position_options options = {.rank = 1, .count = -1};
    if (!parse_position_options(call, &options) || !find_list(call, ACCESS_READ, &entry))
        return;
    if (entry)
        reply_positions(call, entry_value(entry), &options);
    else if (options.count >= 0)
        reply_empty(call->reply, REPLY_ARRAY);
    else
        reply_null(call->reply);
}

static const struct command_argument push_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "element", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument key_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

static const struct command_argument lindex_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "index", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument lset_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "index", .type = ARGUMENT_INTEGER},
    {.name = "element", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument place_arguments[] = {
    {.name = "before", .type = ARGUMENT_PURE_TOKEN, .token = "BEFORE"},
    {.name = "after", .type = ARGUMENT_PURE_TOKEN, .token = "AFTER"},
    {0},
};

static const struct command_argument linsert_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "where", .type = ARGUMENT_ONEOF, .arguments = place_arguments},
    {.name = "pivot", .type = ARGUMENT_STRING},
    {.name = "element", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument range_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "start", .type = ARGUMENT_INTEGER},
    {.name = "stop", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument lrem_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "count", .type = ARGUMENT_INTEGER},
    {.name = "element", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument lpos_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "element", .type = ARGUMENT_STRING},
    {.name = "rank", .type = ARGUMENT_INTEGER, .token = "RANK", .flags = ARGUMENT_OPTIONAL},
    {.name = "num-matches", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {.name = "len", .type = ARGUMENT_INTEGER, .token = "MAXLEN", .flags = ARGUMENT_OPTIONAL},
    {0},
};

const struct command lists_commands[] = {
    {.name = "LPUSH",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_LIST,
     .since = "1.0.0",
     .group = "list",
     .summary = "Adds elements at the head of a list, one after the other; the list is made if the "
                "key is absent.",
     .complexity = "O(1) an element, O(N) for N elements",
     KEYS_AT(1, KEY_RW | KEY_INSERT),
     .arguments = push_arguments,
     .run = lists_lpush},
    {.name = "RPUSH",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_LIST,
     .since = "1.0.0",
     .group = "list",
     .summary = "Adds elements at the tail of a list; the list is made if the key is absent.",
     .complexity = "O(1) an element, O(N) for N elements",
     KEYS_AT(1, KEY_RW | KEY_INSERT),
     .arguments = push_arguments,
     .run = lists_rpush},
    {.name = "LPUSHX",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_LIST,
     .since = "2.2.0",
     .group = "list",
     .summary = "Adds elements at the head of a list that exists.",
     .complexity = "O(1) an element, O(N) for N elements",
     KEYS_AT(1, KEY_RW | KEY_INSERT),
     .arguments = push_arguments,
     .run = lists_lpushx},
    {.name = "RPUSHX",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_LIST,
     .since = "2.2.0",
     .group = "list",
     .summary = "Adds elements at the tail of a list that exists.",
     .complexity = "O(1) an element, O(N) for N elements",
     KEYS_AT(1, KEY_RW | KEY_INSERT),
     .arguments = push_arguments,
     .run = lists_rpushx},
    {.name = "LLEN",
     .arity = 2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_LIST,
     .since = "1.0.0",
     .group = "list",
     .summary = "Counts the elements of a list.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RO),
     .arguments = key_argument,
     .run = lists_llen},
    {.name = "LINDEX",
     .arity = 3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_LIST,
     .since = "1.0.0",
     .group = "list",
     .summary = "Answers the element at an index.",
     .complexity = "O(N) for N elements between the nearer end and the index",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = lindex_arguments,
     .run = lists_lindex},
    {.name = "LSET",
     .arity = 4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_LIST,
     .since = "1.0.0",
     .group = "list",
     .summary = "Gives the element at an index another value.",
     .complexity = "O(N) for N elements in the list, O(1) at either end",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = lset_arguments,
     .run = lists_lset},
    {.name = "LINSERT",
     .arity = 5,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_LIST,
     .since = "2.2.0",
     .group = "list",
     .summary = "Puts an element before or after another one.",
     .complexity = "O(N) for N elements between the head and the other one",
     KEYS_AT(1, KEY_RW | KEY_INSERT),
     .arguments = linsert_arguments,
     .run = lists_linsert},
    {.name = "LRANGE",
     .arity = 4,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_LIST,
     .since = "1.0.0",
     .group = "list",
     .summary = "Answers the elements between two indexes.",
     .complexity =
         "O(S+N) for S elements between the nearer end and the start, and N elements answered",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = range_arguments,
     .run = lists_lrange},
    {.name = "LREM",
     .arity = 4,
     .flags = COMMAND_WRITE,
     .categories = CATEGORY_LIST,
     .since = "1.0.0",
     .group = "list",
     .summary = "Removes elements of a given value, from the head or from the tail.",
     .complexity = "O(N+M) for N elements in the list and M removed",
     KEYS_AT(1, KEY_RW | KEY_DELETE),
     .arguments = lrem_arguments,
     .run = lists_lrem},
    {.name = "LTRIM",
     .arity = 4,
     .flags = COMMAND_WRITE,
     .categories = CATEGORY_LIST,
     .since = "1.0.0",
     .group = "list",
     .summary = "Keeps the elements between two indexes and removes all others.",
     .complexity = "O(N) for N elements to remove",
     KEYS_AT(1, KEY_RW | KEY_DELETE),
     .arguments = range_arguments,
     .run = lists_ltrim},
    {.name = "LPOS",
     .arity = -3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_LIST,
     .since = "6.0.6",
     .group = "list",
     .summary = "Answers where in a list elements of a given value stand.",
     .complexity =
         "O(N) for N elements in the list, less with a match near the start or with MAXLEN",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = lpos_arguments,
     .run = lists_lpos},
    {0},
};
