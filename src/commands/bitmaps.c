/* SPDX-License-Identifier: MIT */
/* Strings as runs of bits: SETBIT, GETBIT, BITCOUNT, BITPOS, BITOP. BITFIELD is in bitfields.c. */
#include "values/bits.h"

#include "base/memory.h"
#include "commands/bit_strings.h"
#include "reply/errors.h"
#include "values/string.h"

static bool find_string(struct call *call, struct entry **entry)
{
    return call_find(call, call->argv[1], VALUE_STRING, ACCESS_READ, entry);
}

static struct bytes text_of(const struct entry *entry, char digits[NUMBER_INTEGER_SIZE])
{
    return entry ? string_bytes(entry_value(entry), digits) : bytes_of(NULL, 0);
}

static void bitmaps_setbit(struct call *call)
{
    struct bytes key = call->argv[1];
    uint64_t offset;
    int64_t bit;
    struct entry *entry;
    if (!bit_strings_offset(call, 2, 0, &offset) ||
        !call_integer_between(call, 3, 0, 1, &bit, ERROR_BIT_VALUE) ||
        !call_find(call, key, VALUE_STRING, ACCESS_WRITE, &entry))
        return;
    bool grew;
    char *data = bit_strings_own(call, key, entry, offset, &grew);
    struct bits_field field = {.offset = offset, .width = 1};
    int64_t old = bits_read(bytes_of(data, (size_t)(offset >> 3) + 1), field);
    bits_write(data, field, bit);
    /* Since 7.0 a bit that had the value already is no change. */
    if (grew || old != bit || !call_emulates(call, 7, 0))
        call_announce(call, ANNOUNCE_STRING, "setbit", key);
    reply_integer(call->reply, old);
}

static void bitmaps_getbit(struct call *call)
{
    uint64_t offset;
    struct entry *entry;
    if (!bit_strings_offset(call, 2, 0, &offset) || !find_string(call, &entry))
        return;
    char digits[NUMBER_INTEGER_SIZE];
    reply_integer(call->reply, bits_get(text_of(entry, digits), offset));
}

/* As the arguments of BITCOUNT and BITPOS give it: from start to end, both included, negative ones
 * counted from the end. */
struct range {
    int64_t start;
    int64_t end;
    bool counts_bits;
};

/* False when the text has nothing there; else the first and the last bit. */
static bool range_resolve(const struct range *range, struct bytes text, uint64_t *first,
                          uint64_t *last)
{
    int64_t total = (int64_t)text.size * (range->counts_bits ? 8 : 1);
    int64_t start = range->start;
    int64_t end = range->end;
    if (start < 0)
        start = start + total > 0 ? start + total : 0;
    if (end < 0)
        end = end + total > 0 ? end + total : 0;
    if (end >= total)
        end = total - 1;
    if (start > end)
        return false;
    *first = (uint64_t)start * (range->counts_bits ? 1 : 8);
    *last = range->counts_bits ? (uint64_t)end : (uint64_t)end * 8 + 7;
    return true;
}

static bool parse_unit(struct call *call, int index, struct range *range)
{
    range->counts_bits = call_is(call, index, "BIT");
    if (call_emulates(call, 7, 0) && (range->counts_bits || call_is(call, index, "BYTE")))
        return true;
    call_syntax_error(call);
    return false;
}

/* Before 7.2 what follows the key is looked at only if there is such a key. */
static bool looks_up_first(const struct call *call)
{
    return !call_emulates(call, 7, 2);
}

static bool range_is_backward(const struct range *range)
{
    return range->start < 0 && range->end < 0 && range->start > range->end;
}

/* False: an error was answered, or the count before 7.2 of a backward range, whose unit goes
 * unseen.
 */
static bool parse_count_range(struct call *call, struct range *range)
{
    if (call->argc == 2)
        return true;
    if (call->argc != 4 && call->argc != 5) {
        call_syntax_error(call);
        return false;
    }
    if (!call_integer(call, 2, &range->start, NULL) || !call_integer(call, 3, &range->end, NULL))
        return false;
    if (looks_up_first(call) && range_is_backward(range)) {
        reply_integer(call->reply, 0);
        return false;
    }
    return call->argc == 4 || parse_unit(call, 4, range);
}

static void bitmaps_bitcount(struct call *call)
{
    bool looks_first = looks_up_first(call);
    struct entry *entry = NULL;
    if (looks_first && !find_string(call, &entry))
        return;
    if (looks_first && !entry) {
        reply_integer(call->reply, 0);
        return;
    }
    struct range range = {.start = 0, .end = -1};
    if (!parse_count_range(call, &range) || (!looks_first && !find_string(call, &entry)))
        return;
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text = text_of(entry, digits);
    uint64_t first, last;
    uint64_t count = 0;
    if (!range_is_backward(&range) && range_resolve(&range, text, &first, &last))
        count = bits_count_between(text, first, last);
    reply_integer(call->reply, (int64_t)count);
}

static bool parse_search_range(struct call *call, struct range *range)
{
    if (call->argc == 3)
        return true;
    if (call->argc > 6) {
        call_syntax_error(call);
        return false;
    }
    return call_integer(call, 3, &range->start, NULL) &&
           (call->argc < 6 || parse_unit(call, 5, range)) &&
           (call->argc < 5 || call_integer(call, 4, &range->end, NULL));
}

/* BITPOS of a key that is not there: zeros without end. */
static void reply_search_in_nothing(struct call *call, int64_t bit)
{
    reply_integer(call->reply, bit ? -1 : 0);
}

static void bitmaps_bitpos(struct call *call)
{
    bool looks_first = looks_up_first(call);
    struct entry *entry = NULL;
    int64_t bit;
    if (!call_integer(call, 2, &bit, NULL))
        return;
    if (bit != 0 && bit != 1) {
        reply_error(call->reply, ERROR_BIT_ARGUMENT);
        return;
    }
    if (looks_first && !find_string(call, &entry))
        return;
    if (looks_first && !entry) {
        reply_search_in_nothing(call, bit);
        return;
    }
    struct range range = {.start = 0, .end = -1};
    if (!parse_search_range(call, &range) || (!looks_first && !find_string(call, &entry)))
        return;
    if (!entry) {
        reply_search_in_nothing(call, bit);
        return;
    }
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text = text_of(entry, digits);
    uint64_t first, last;
    uint64_t found = BITS_NOT_FOUND;
    if (range_resolve(&range, text, &first, &last)) {
        found = bits_find_between(text, first, last, bit);
        /* A string whose end was not asked for goes on in zeros. */
        if (found == BITS_NOT_FOUND && !bit && call->argc < 5)
            found = (uint64_t)text.size * 8;
    }
    reply_integer(call->reply, found == BITS_NOT_FOUND ? -1 : (int64_t)found);
}

static bool parse_operation(struct call *call, enum bits_operation *operation)
{
    static const char *const names[] = {
        [BITS_AND] = "AND", [BITS_OR] = "OR", [BITS_XOR] = "XOR", [BITS_NOT] = "NOT"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (call_is(call, 1, names[i])) {
            *operation = (enum bits_operation)i;
            return true;
        }
    }
    call_syntax_error(call);
    return false;
}

/* A string that BITOP reads, with room for one that is kept as a number. */
struct source {
    char digits[NUMBER_INTEGER_SIZE];
};

/* The texts of the keys from argv[3] on and the size of the longest. False: WRONGTYPE was answered.
 */
static bool read_sources(struct call *call, struct bytes *texts, struct source *sources,
                         size_t *longest)
{
    *longest = 0;
    for (int i = 3; i < call->argc; i++) {
        struct entry *entry;
        if (!call_find(call, call->argv[i], VALUE_STRING, ACCESS_READ, &entry))
            return false;
        texts[i - 3] = text_of(entry, sources[i - 3].digits);
        if (texts[i - 3].size > *longest)
            *longest = texts[i - 3].size;
    }
    return true;
}

static void store_combination(struct call *call, enum bits_operation operation,
                              const struct bytes *texts, size_t count, size_t size)
{
    struct bytes key = call->argv[2];
    if (size) {
        struct value *value = string_new_raw(size);
        bits_combine(operation, texts, count, string_data(value), size);
        database_set(call->db, key, value, false);
        call_announce(call, ANNOUNCE_STRING, "set", key);
    } else if (database_delete(call->db, key)) {
        call_announce(call, ANNOUNCE_GENERIC, "del", key);
    }
    reply_integer(call->reply, (int64_t)size);
}

static void bitmaps_bitop(struct call *call)
{
    enum bits_operation operation;
    if (!parse_operation(call, &operation))
        return;
    if (operation == BITS_NOT && call->argc != 4) {
        reply_error(call->reply, ERROR_BITOP_NOT);
        return;
    }
    size_t count = (size_t)call->argc - 3;
    struct bytes *texts = memory_allocate(count * sizeof *texts);
    struct source *sources = memory_allocate(count * sizeof *sources);
    size_t longest;
    if (read_sources(call, texts, sources, &longest))
        store_combination(call, operation, texts, count, longest);
    memory_free(sources);
    memory_free(texts);
}

static const struct command_argument setbit_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "offset", .type = ARGUMENT_INTEGER},
    {.name = "value", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument getbit_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "offset", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument unit_arguments[] = {
    {.name = "byte", .type = ARGUMENT_PURE_TOKEN, .token = "BYTE"},
    {.name = "bit", .type = ARGUMENT_PURE_TOKEN, .token = "BIT"},
    {0},
};

static const struct command_argument bitcount_range_arguments[] = {
    {.name = "start", .type = ARGUMENT_INTEGER},
    {.name = "end", .type = ARGUMENT_INTEGER},
    {.name = "index_unit",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .since = "7.0.0",
     .arguments = unit_arguments},
    {0},
};

static const struct command_argument bitcount_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "index",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = bitcount_range_arguments},
    {0},
};

static const struct command_argument bitpos_end_arguments[] = {
    {.name = "end", .type = ARGUMENT_INTEGER},
    {.name = "index_unit",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .since = "7.0.0",
     .arguments = unit_arguments},
    {0},
};

static const struct command_argument bitpos_range_arguments[] = {
    {.name = "start", .type = ARGUMENT_INTEGER},
    {.name = "end_index",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = bitpos_end_arguments},
    {0},
};

static const struct command_argument bitpos_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "bit", .type = ARGUMENT_INTEGER},
    {.name = "index",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = bitpos_range_arguments},
    {0},
};

static const struct command_argument bitop_arguments[] = {
    {.name = "operation", .type = ARGUMENT_STRING},
    {.name = "destkey", .type = ARGUMENT_KEY},
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE, .key_spec = 1},
    {0},
};

const struct command bitmaps_commands[] = {
    {.name = "SETBIT",
     .arity = 4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_BITMAP,
     .since = "2.2.0",
     .group = "bitmap",
     .summary = "Sets or clears one bit of a string, growing it with zeros.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .arguments = setbit_arguments,
     .run = bitmaps_setbit},
    {.name = "GETBIT",
     .arity = 3,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_BITMAP,
     .since = "2.2.0",
     .group = "bitmap",
     .summary = "Answers one bit of a string.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = getbit_arguments,
     .run = bitmaps_getbit},
    {.name = "BITCOUNT",
     .arity = -2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_BITMAP,
     .since = "2.6.0",
     .group = "bitmap",
     .summary = "Counts the set bits of a string or of a part of it.",
     .complexity = "O(N) for N bytes looked at",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = bitcount_arguments,
     .run = bitmaps_bitcount},
    {.name = "BITPOS",
     .arity = -3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_BITMAP,
     .since = "2.8.7",
     .group = "bitmap",
     .summary = "Answers where the first set or clear bit of a string is.",
     .complexity = "O(N) for N bytes looked at",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = bitpos_arguments,
     .run = bitmaps_bitpos},
    {.name = "BITOP",
     .arity = -4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_BITMAP,
     .since = "2.6.0",
     .group = "bitmap",
     .summary = "Combines strings bit by bit and stores the result.",
     .complexity = "O(N) for N bytes of all strings",
     KEY_SPECS({.flags = KEY_OW | KEY_UPDATE, .begin_position = 2, .step = 1},
               {.flags = KEY_READ_ACCESS, .begin_position = 3, .last = -1, .step = 1}),
     .arguments = bitop_arguments,
     .run = bitmaps_bitop},
    {0},
};
