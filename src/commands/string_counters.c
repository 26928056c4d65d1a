/* SPDX-License-Identifier: MIT */
/* Strings as numbers: INCR and its kin. */
#include <math.h>

#include "base/number.h"
#include "engine/call.h"
#include "engine/journal.h"
#include "reply/errors.h"
#include "values/string.h"

static void add_integer(struct call *call, int64_t increment)
{
    struct bytes key = call->argv[1];
    struct entry *entry;
    if (!call_find(call, key, VALUE_STRING, ACCESS_WRITE, &entry))
        return;
    int64_t number = 0;
    if (entry && !string_integer(entry_value(entry), &number)) {
        reply_error(call->reply, ERROR_NOT_INTEGER);
        return;
    }
    if (__builtin_add_overflow(number, increment, &number)) {
        reply_error(call->reply, ERROR_INCREMENT_OVERFLOW);
        return;
    }
    if (entry) {
        database_replace_integer(call->db, entry, number);
    } else {
        char digits[NUMBER_INTEGER_SIZE];
        database_add_string(call->db, key, bytes_of(digits, number_format_integer(digits, number)));
    }
    call_announce(call, ANNOUNCE_STRING, "incrby", key);
    reply_integer(call->reply, number);
}

static void string_counters_incr(struct call *call)
{
    add_integer(call, 1);
}

static void string_counters_decr(struct call *call)
{
    add_integer(call, -1);
}

static void string_counters_incrby(struct call *call)
{
    int64_t increment;
    if (call_integer(call, 2, &increment, NULL))
        add_integer(call, increment);
}

static void string_counters_decrby(struct call *call)
{
    int64_t decrement;
    if (!call_integer(call, 2, &decrement, NULL))
        return;
    if (decrement == INT64_MIN)
        reply_error(call->reply, ERROR_DECREMENT_OVERFLOW);
    else
        add_integer(call, -decrement);
}

/* Stores what INCRBYFLOAT computed. A whole number stays text: Redis encodes it as embstr, not int.
 */
static void store_number(struct call *call, struct bytes key, struct entry *entry,
                         struct bytes text)
{
    int64_t integer;
    if (string_encoding_for(text, &integer) != ENCODING_INT) {
        if (entry)
            database_replace_string(call->db, entry, text);
        else
            database_add_string(call->db, key, text);
        return;
    }
    struct value *value = string_new_raw(text.size);
    memcpy(string_data(value), text.data, text.size);
    value->encoding = ENCODING_EMBSTR;
    if (entry)
        database_replace(call->db, entry, value);
    else
        database_add(call->db, key, value);
}

static void string_counters_incrbyfloat(struct call *call)
{
    struct bytes key = call->argv[1];
    struct entry *entry;
    if (!call_find(call, key, VALUE_STRING, ACCESS_WRITE, &entry))
        return;
    long double number = 0, increment;
    char digits[NUMBER_INTEGER_SIZE];
    if ((entry && !number_parse_long_double(string_bytes(entry_value(entry), digits), &number)) ||
        !number_parse_long_double(call->argv[2], &increment)) {
        reply_error(call->reply, ERROR_NOT_FLOAT);
        return;
    }
    number += increment;
    if (isnan(number) || isinf(number)) {
        reply_error(call->reply, ERROR_INCREMENT_NAN);
        return;
    }
    char formatted[NUMBER_LONG_DOUBLE_SIZE];
    struct bytes text = bytes_of(formatted, number_format_long_double(formatted, number));
    store_number(call, key, entry, text);
    call_announce(call, ANNOUNCE_STRING, "incrbyfloat", key);
    JOURNAL_REPLACE(call, BYTES_LITERAL("SET"), key, text, BYTES_LITERAL("KEEPTTL"));
    reply_bulk(call->reply, text);
}

static const struct command_argument key_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

static const struct command_argument incrby_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "increment", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument decrby_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "decrement", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument incrbyfloat_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "increment", .type = ARGUMENT_DOUBLE},
    {0},
};

const struct command string_counters_commands[] = {
    {.name = "INCR",
     .arity = 2,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "1.0.0",
     .group = "string",
     .summary = "Adds one to the integer that a key holds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .arguments = key_argument,
     .run = string_counters_incr},
    {.name = "DECR",
     .arity = 2,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "1.0.0",
     .group = "string",
     .summary = "Takes one from the integer that a key holds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .arguments = key_argument,
     .run = string_counters_decr},
    {.name = "INCRBY",
     .arity = 3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "1.0.0",
     .group = "string",
     .summary = "Adds a number to the integer that a key holds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .arguments = incrby_arguments,
     .run = string_counters_incrby},
    {.name = "DECRBY",
     .arity = 3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "1.0.0",
     .group = "string",
     .summary = "Takes a number from the integer that a key holds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .arguments = decrby_arguments,
     .run = string_counters_decrby},
    {.name = "INCRBYFLOAT",
     .arity = 3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "2.6.0",
     .group = "string",
     .summary = "Adds a floating-point number to the number that a key holds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .arguments = incrbyfloat_arguments,
     .run = string_counters_incrbyfloat},
    {0},
};
