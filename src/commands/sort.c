/* SPDX-License-Identifier: MIT */
/*
 * SORT and SORT_RO. Elements are gathered with what they are sorted by, put in order, and answered
 * or stored. Of an order that is to be kept ("BY nosort") only the wanted range is gathered.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/hash_slot.h"
#include "base/memory.h"
#include "base/partial_sort.h"
#include "base/stable_sort.h"
#include "commands/sort_pattern.h"
#include "commands/stored_result.h"
#include "engine/acl_check.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "reply/errors.h"
#include "values/quicklist.h"
#include "values/set.h"
#include "values/sorted_set.h"

struct sort_item {
    struct bytes text; /* the element: in the value that is sorted, in sort.texts, or in digits */
    bool has_weight;
    union {
        double score;
        struct bytes weight; /* ALPHA; in a value, or in weight_digits */
    };
    char digits[NUMBER_INTEGER_SIZE];
    char weight_digits[NUMBER_INTEGER_SIZE];
};

struct sort {
    bool is_descending;
    bool is_alpha;
    bool keeps_order; /* BY without a star */
    bool has_store;
    bool has_by;
    struct bytes store;
    struct sort_pattern by;
    struct sort_pattern *gets; /* owned */
    size_t get_count;
    int64_t offset; /* LIMIT; as given */
    int64_t limit;
    struct sort_item *items;  /* owned */
    struct sort_item **order; /* owned: pointers to the items */
    size_t count;
    size_t first;        /* of the order, what is wanted: from here */
    size_t end;          /* to before this */
    struct buffer texts; /* elements of a list that does not keep them in place */
    struct sort_lookup lookup;
};

static void sort_clear(struct sort *sort)
{
    memory_free(sort->gets);
    memory_free(sort->items);
    memory_free(sort->order);
    buffer_clear(&sort->texts);
    buffer_clear(&sort->lookup.key);
}

/* --- options --- */

/* Whether the keys that the pattern at argv[index] makes are of the sorted key's hash slot. Without
 * a cluster there are no slots; before 7.4 no pattern is believed to. */
static bool stays_in_slot(const struct call *call, int index)
{
    int slot;
    if (!call->engine->cluster)
        return true;
    return call_emulates(call, 7, 4) && sort_pattern_slot(call->argv[index], &slot) &&
           slot == hash_slot_of(call->argv[1]);
}

/* False: the options are wrong, and the error was answered. */
static bool parse(struct call *call, struct sort *sort)
{
    bool may_store = (call->command->flags & COMMAND_WRITE) != 0;
    bool reads_any =
        acl_check_reads_any_key(call->session->user, call->state, call->argv, call->argc);
    sort->limit = -1;
    for (int i = 2; i < call->argc; i++) {
        int left = call->argc - i - 1;
        if (call_is(call, i, "ASC")) {
            sort->is_descending = false;
        } else if (call_is(call, i, "DESC")) {
            sort->is_descending = true;
        } else if (call_is(call, i, "ALPHA")) {
            sort->is_alpha = true;
        } else if (call_is(call, i, "LIMIT") && left >= 2) {
            if (!call_integer(call, i + 1, &sort->offset, NULL) ||
                !call_integer(call, i + 2, &sort->limit, NULL))
                return false;
            i += 2;
        } else if (may_store && call_is(call, i, "STORE") && left >= 1) {
            sort->has_store = true;
            sort->store = call->argv[++i];
        } else if (call_is(call, i, "BY") && left >= 1) {
            sort->has_by = true;
            sort->by = sort_pattern_parse(call->argv[++i]);
            sort->keeps_order |= !sort->by.has_star;
            if (sort->by.has_star && !stays_in_slot(call, i)) {
                reply_error(call->reply, call_emulates(call, 7, 4) ? ERROR_CLUSTER_SORT_BY_SLOTS
                                                                   : ERROR_CLUSTER_SORT_BY);
                return false;
            }
            if (sort->by.has_star && !reads_any) {
                reply_error(call->reply, ERROR_SORT_BY_DENIED);
                return false;
            }
        } else if (call_is(call, i, "GET") && left >= 1) {
            bool is_exempt = call_emulates(call, 7, 4) && call_is(call, i + 1, "#");
            if (!is_exempt && !stays_in_slot(call, i + 1)) {
                reply_error(call->reply, call_emulates(call, 7, 4) ? ERROR_CLUSTER_SORT_GET_SLOTS
                                                                   : ERROR_CLUSTER_SORT_GET);
                return false;
            }
            if (!reads_any) {
                reply_error(call->reply, ERROR_SORT_GET_DENIED);
                return false;
            }
            if (!sort->gets)
                sort->gets = memory_allocate((size_t)call->argc * sizeof *sort->gets);
            sort->gets[sort->get_count++] = sort_pattern_parse(call->argv[++i]);
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    return true;
}

/* --- elements --- */

static size_t count_elements(const struct value *value)
{
    if (!value)
        return 0;
    switch (value->type) {
    case VALUE_LIST:
        return quicklist_count(value);
    case VALUE_SET:
        return set_count(value);
    default:
        return sorted_set_count(value);
    }
}

/* From LIMIT, which may reach beyond both ends. */
static void choose_range(struct sort *sort, size_t total)
{
    int64_t count = (int64_t)total;
    int64_t first = sort->offset < 0 ? 0 : sort->offset < count ? sort->offset : count;
    int64_t limit = sort->limit < count ? sort->limit : count;
    int64_t end = limit < 0 || limit > count - first ? count : first + limit;
    sort->first = (size_t)first;
    sort->end = (size_t)end;
}

/* `text` may lie in `digits`, which do not stay. */
static void add_item(struct sort *sort, struct bytes text, const char *digits)
{
    struct sort_item *item = &sort->items[sort->count];
    item->has_weight = false;
    item->text = text;
    if (text.data == digits) {
        memcpy(item->digits, text.data, text.size);
        item->text.data = item->digits;
    }
    sort->order[sort->count++] = item;
}

static void gather_list(struct sort *sort, const struct value *list, size_t room)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct quicklist_cursor cursor;
    bool is_backward = sort->keeps_order && sort->is_descending;
    int64_t skipped = sort->keeps_order ? (int64_t)sort->first : 0;
    bool copies = !quicklist_keeps_texts(list);
    bool has = room && quicklist_seek(&cursor, list, is_backward ? -1 - skipped : skipped);
    while (has && sort->count < room) {
        struct bytes text = quicklist_get(&cursor, digits);
        add_item(sort, text, digits);
        if (copies)
            buffer_append_bytes(&sort->texts, text);
        has = is_backward ? quicklist_previous(&cursor) : quicklist_next(&cursor);
    }
    const char *place = sort->texts.data;
    for (size_t i = 0; copies && i < sort->count; i++) {
        sort->items[i].text.data = place;
        place += sort->items[i].text.size;
    }
}

static void gather_set(struct sort *sort, const struct value *set)
{
    struct set_iterator iterator;
    struct set_element element;
    set_iterator_begin(&iterator, set);
    while (set_iterator_next(&iterator, &element))
        add_item(sort, element.text, element.digits);
    set_iterator_end(&iterator);
}

static void gather_sorted_set(struct sort *sort, const struct value *set, size_t room)
{
    struct sorted_set_element element;
    bool is_backward = sort->keeps_order && sort->is_descending;
    size_t skipped = sort->keeps_order ? sort->first : 0;
    size_t rank = is_backward ? sorted_set_count(set) - 1 - skipped : skipped;
    struct sorted_set_range range = sorted_set_range_open(set, rank, is_backward);
    while (sort->count < room && sorted_set_range_next(&range, &element))
        add_item(sort, element.member, element.digits);
}

/* All elements, or those of the range when nothing is to be sorted; a set has no order to keep. */
static void gather(struct sort *sort, const struct value *value)
{
    size_t total = count_elements(value);
    choose_range(sort, total);
    bool takes_range = sort->keeps_order && value && value->type != VALUE_SET;
    size_t room = takes_range ? sort->end - sort->first : total;
    sort->items = memory_allocate(room * sizeof *sort->items);
    sort->order = memory_allocate(room * sizeof *sort->order);
    if (!value || room == 0)
        return;
    if (value->type == VALUE_LIST)
        gather_list(sort, value, room);
    else if (value->type == VALUE_SET)
        gather_set(sort, value);
    else
        gather_sorted_set(sort, value, room);
    if (takes_range) {
        sort->end -= sort->first;
        sort->first = 0;
    }
}

/* --- what they are sorted by --- */

/* As strtod reads it: blanks before it, "0x10" and an empty text are good; so is anything behind a
 * NUL. False: it is no number, or one that a double cannot hold. */
static bool parse_score(struct bytes text, double *score)
{
    char room[64];
    bool fits = text.size < sizeof room;
    char *copy = fits ? room : memory_allocate(text.size + 1);
    if (text.size)
        memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    char *end;
    errno = 0;
    *score = strtod(copy, &end);
    bool is_good = *end == '\0' && errno != ERANGE && !isnan(*score);
    if (!fits)
        memory_free(copy);
    return is_good;
}

/* Redis compares by strcoll, which sees nothing behind a NUL, unless the result is stored. */
static struct bytes as_compared(const struct sort *sort, struct bytes text)
{
    if (!sort->has_store && text.size)
        text.size = strnlen(text.data, text.size);
    return text;
}

/* False: there is no number to sort by. */
static bool weigh(struct call *call, struct sort *sort, struct sort_item *item)
{
    struct bytes found = item->text;
    if (!sort->is_alpha)
        item->score = 0;
    if (sort->has_by && !sort_pattern_find(call, &sort->by, item->text, &sort->lookup, &found))
        return true;
    if (!sort->is_alpha)
        return parse_score(found, &item->score);
    item->has_weight = true;
    if (found.data == sort->lookup.digits) {
        memcpy(item->weight_digits, found.data, found.size);
        found.data = item->weight_digits;
    }
    item->weight = as_compared(sort, found);
    return true;
}

/* Elements of the same score go by their bytes, so that the order never hangs on chance. */
static int by_score(const void *a, const void *b)
{
    const struct sort_item *left = a, *right = b;
    if (left->score != right->score)
        return left->score < right->score ? -1 : 1;
    return bytes_compare(left->text, right->text);
}

static int by_score_descending(const void *a, const void *b)
{
    return by_score(b, a);
}

/* Those without a weight come first. */
static int by_weight(const void *a, const void *b)
{
    const struct sort_item *left = a, *right = b;
    if (!left->has_weight || !right->has_weight)
        return left->has_weight - right->has_weight;
    return bytes_compare(left->weight, right->weight);
}

static int by_weight_descending(const void *a, const void *b)
{
    return by_weight(b, a);
}

/* False: there was no number to sort by. */
static bool put_in_order(struct call *call, struct sort *sort)
{
    static int (*const orders[2][2])(const void *, const void *) = {
        {by_score, by_score_descending}, {by_weight, by_weight_descending}};
    bool are_numbers = true;
    for (size_t i = 0; i < sort->count; i++)
        are_numbers &= weigh(call, sort, &sort->items[i]);
    if (!are_numbers)
        return false;
    int (*compare)(const void *, const void *) = orders[sort->is_alpha][sort->is_descending];
    bool is_whole = sort->first == 0 && sort->end == sort->count;
    if (sort->has_by && !is_whole)
        partial_sort_range((void **)sort->order, sort->count, compare, sort->first, sort->end);
    else
        stable_sort((void **)sort->order, sort->count, compare);
    return true;
}

/* --- result --- */

static size_t result_count(const struct sort *sort)
{
    return (sort->end - sort->first) * (sort->get_count ? sort->get_count : 1);
}

static void reply_result(struct call *call, struct sort *sort)
{
    reply_open(call->reply, REPLY_ARRAY, result_count(sort));
    for (size_t i = sort->first; i < sort->end; i++) {
        struct bytes text = sort->order[i]->text, found;
        if (sort->get_count == 0)
            reply_bulk(call->reply, text);
        for (size_t j = 0; j < sort->get_count; j++) {
            if (sort_pattern_find(call, &sort->gets[j], text, &sort->lookup, &found))
                reply_bulk(call->reply, found);
            else
                reply_null(call->reply);
        }
    }
    reply_close(call->reply);
}

/* A list takes the place of what was at the key; what GET does not find is an empty text. */
static void store_result(struct call *call, struct sort *sort)
{
    int64_t fill = call_config(call, CONFIG_LIST_MAX_LISTPACK_SIZE);
    struct value *list = quicklist_new_chain();
    for (size_t i = sort->first; i < sort->end; i++) {
        struct bytes text = sort->order[i]->text, found;
        if (sort->get_count == 0)
            quicklist_push(list, QUICKLIST_TAIL, text, fill);
        for (size_t j = 0; j < sort->get_count; j++) {
            if (!sort_pattern_find(call, &sort->gets[j], text, &sort->lookup, &found))
                found = bytes_of(NULL, 0);
            quicklist_push(list, QUICKLIST_TAIL, found, fill);
        }
    }
    if (quicklist_count(list) > 0)
        quicklist_settle(list, fill, false);
    stored_result_put(call, sort->store, list, result_count(sort), ANNOUNCE_LIST, "sortstore");
}

/* The value to sort, NULL when the key is absent. False: it can't be, and the error was answered.
 */
static bool find_value(struct call *call, const struct value **value)
{
    struct entry *entry = call_find_any(call, call->argv[1], ACCESS_READ);
    *value = NULL;
    if (!entry)
        return true;
    enum value_type type = entry_type(entry);
    if (type != VALUE_LIST && type != VALUE_SET && type != VALUE_SORTED_SET) {
        reply_error(call->reply, ERROR_WRONG_TYPE);
        return false;
    }
    *value = entry_value(entry);
    if (type == VALUE_SORTED_SET && (*value)->encoding == ENCODING_LISTPACK) {
        /* Redis makes it a skiplist to sort it, and leaves it one. */
        struct value *own = database_own(call->db, entry);
        sorted_set_make_index(own, call->db->keys.seed);
        *value = own;
    }
    return true;
}

static void sort_run(struct call *call)
{
    struct sort sort = {0};
    const struct value *value;
    if (parse(call, &sort) && find_value(call, &value)) {
        bool needs_order = sort.has_store || call->session->flags & SESSION_SCRIPT;
        if (sort.keeps_order && needs_order && value && value->type == VALUE_SET) {
            /* A set has no order of its own: scripts and stored results get one all the same. */
            sort.keeps_order = sort.has_by = false;
            sort.is_alpha = true;
        }
        gather(&sort, value);
        if (!sort.keeps_order && !put_in_order(call, &sort))
            reply_error(call->reply, ERROR_SORT_SCORE);
        else if (sort.has_store)
            store_result(call, &sort);
        else
            reply_result(call, &sort);
    }
    sort_clear(&sort);
}

/* --- rows --- */

/* The key, and the last STORE's. */
static bool find_sort_keys(const struct bytes *argv, int argc, struct key_references *found)
{
    static const struct {
        const char *word;
        int arguments;
    } options[] = {{"LIMIT", 2}, {"GET", 1}, {"BY", 1}};
    int store = 0;
    key_references_add(found, 1, KEY_READ_ACCESS);
    for (int i = 2; i < argc; i++) {
        if (bytes_equal_ignoring_case(argv[i], "STORE") && i + 1 < argc)
            store = i + 1;
        for (size_t j = 0; j < sizeof options / sizeof *options; j++)
            if (bytes_equal_ignoring_case(argv[i], options[j].word)) {
                i += options[j].arguments;
                break;
            }
    }
    if (store)
        key_references_add(found, store, KEY_OW | KEY_UPDATE);
    return true;
}

static bool find_sort_ro_keys(const struct bytes *argv, int argc, struct key_references *found)
{
    (void)argv;
    (void)argc;
    key_references_add(found, 1, KEY_READ_ACCESS);
    return true;
}

static const struct command_argument limit_arguments[] = {
    {.name = "offset", .type = ARGUMENT_INTEGER},
    {.name = "count", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument order_arguments[] = {
    {.name = "asc", .type = ARGUMENT_PURE_TOKEN, .token = "ASC"},
    {.name = "desc", .type = ARGUMENT_PURE_TOKEN, .token = "DESC"},
    {0},
};

#define SORT_ARGUMENTS                                                                             \
    {.name = "key", .type = ARGUMENT_KEY},                                                         \
        {.name = "pattern",                                                                        \
         .type = ARGUMENT_PATTERN,                                                                 \
         .token = "BY",                                                                            \
         .flags = ARGUMENT_OPTIONAL,                                                               \
         .key_spec = 1},                                                                           \
        {.name = "offset_count",                                                                   \
         .type = ARGUMENT_BLOCK,                                                                   \
         .token = "LIMIT",                                                                         \
         .flags = ARGUMENT_OPTIONAL,                                                               \
         .arguments = limit_arguments},                                                            \
        {.name = "pattern",                                                                        \
         .type = ARGUMENT_PATTERN,                                                                 \
         .token = "GET",                                                                           \
         .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE | ARGUMENT_MULTIPLE_TOKEN,                 \
         .key_spec = 1},                                                                           \
        {.name = "order",                                                                          \
         .type = ARGUMENT_ONEOF,                                                                   \
         .flags = ARGUMENT_OPTIONAL,                                                               \
         .arguments = order_arguments},                                                            \
    {                                                                                              \
        .name = "sorting", .type = ARGUMENT_PURE_TOKEN, .token = "ALPHA",                          \
        .flags = ARGUMENT_OPTIONAL                                                                 \
    }

static const struct command_argument sort_ro_arguments[] = {
    SORT_ARGUMENTS,
    {0},
};

static const struct command_argument sort_arguments[] = {
    SORT_ARGUMENTS,
    {.name = "destination",
     .type = ARGUMENT_KEY,
     .token = "STORE",
     .flags = ARGUMENT_OPTIONAL,
     .key_spec = 2},
    {0},
};

#define SORTED_KEY                                                                                 \
    {                                                                                              \
        .flags = KEY_READ_ACCESS, .begin_position = 1, .step = 1                                   \
    }
#define PATTERN_KEYS                                                                               \
    {                                                                                              \
        .flags = KEY_READ_ACCESS, .begin = KEY_BEGIN_UNKNOWN, .find = KEY_FIND_UNKNOWN,            \
        .notes = "what BY and GET name depends on the elements"                                    \
    }

const struct command sort_commands[] = {
    {.name = "SORT",
     .arity = -2,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_SET | CATEGORY_SORTED_SET | CATEGORY_LIST | CATEGORY_DANGEROUS,
     .since = "1.0.0",
     .group = "generic",
     .summary =
         "Puts the elements of a list, set or sorted set in order, by themselves or by other "
         "keys, and answers or stores them.",
     .complexity = "O(N+M*log(M)) for N elements of which M are answered; O(N) unsorted",
     KEY_SPECS(SORTED_KEY, PATTERN_KEYS,
               {.flags = KEY_OW | KEY_UPDATE,
                .begin = KEY_BEGIN_UNKNOWN,
                .find = KEY_FIND_UNKNOWN,
                .notes = "STORE may stand anywhere"}),
     .arguments = sort_arguments,
     .run = sort_run,
     .find_keys = find_sort_keys},
    {.name = "SORT_RO",
     .arity = -2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_SET | CATEGORY_SORTED_SET | CATEGORY_LIST | CATEGORY_DANGEROUS,
     .since = "7.0.0",
     .group = "generic",
     .summary = "Puts the elements of a list, set or sorted set in order; never stores them.",
     .complexity = "O(N+M*log(M)) for N elements of which M are answered; O(N) unsorted",
     KEY_SPECS(SORTED_KEY, PATTERN_KEYS),
     .arguments = sort_ro_arguments,
     .run = sort_run,
     .find_keys = find_sort_ro_keys},
    {0},
};
