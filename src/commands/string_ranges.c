/* SPDX-License-Identifier: MIT */
/* Parts of strings: APPEND, STRLEN, GETRANGE, SETRANGE. */
#include "values/string.h"

#include "engine/call.h"
#include "reply/errors.h"

/* Whether a string may have `offset` + `size` bytes; else the error is answered. */
static bool size_is_allowed(struct call *call, uint64_t offset, uint64_t size)
{
    if (offset + size <= (uint64_t)call_config(call, CONFIG_PROTO_MAX_BULK_LEN))
        return true;
    reply_error(call->reply,
                call_emulates(call, 7, 0) ? ERROR_STRING_TOO_LONG : ERROR_STRING_TOO_LONG_BEFORE_7);
    return false;
}

static void string_ranges_append(struct call *call)
{
    struct bytes key = call->argv[1];
    struct bytes text = call->argv[2];
    struct entry *entry;
    if (!call_find(call, key, VALUE_STRING, ACCESS_WRITE, &entry))
        return;
    size_t old_size = entry ? string_size(entry_value(entry)) : 0;
    if (entry) {
        if (!size_is_allowed(call, old_size, text.size))
            return;
        char *data = database_own_string(call->db, &entry, old_size + text.size);
        if (text.size)
            memcpy(data + old_size, text.data, text.size);
    } else {
        database_add_string(call->db, key, text);
    }
    call_announce(call, ANNOUNCE_STRING, "append", key);
    reply_integer(call->reply, (int64_t)(old_size + text.size));
}

static void string_ranges_strlen(struct call *call)
{
    struct entry *entry;
    if (!call_find(call, call->argv[1], VALUE_STRING, ACCESS_READ, &entry))
        return;
    reply_integer(call->reply, entry ? (int64_t)string_size(entry_value(entry)) : 0);
}

/* The part from `start` to `end`, both included, negative ones counted from the end. */
static struct bytes slice(struct bytes text, int64_t start, int64_t end)
{
    int64_t size = (int64_t)text.size;
    if (start < 0 && end < 0 && start > end)
        return bytes_of(NULL, 0); /* before clamping, which would let both be 0 */
    if (start < 0)
        start = start + size > 0 ? start + size : 0;
    if (end < 0)
        end = end + size > 0 ? end + size : 0;
    if (end >= size)
        end = size - 1;
    if (start > end)
        return bytes_of(NULL, 0);
    return bytes_of(text.data + start, (size_t)(end - start + 1));
}

static void string_ranges_getrange(struct call *call)
{
    int64_t start, end;
    struct entry *entry;
    if (!call_integer(call, 2, &start, NULL) || !call_integer(call, 3, &end, NULL) ||
        !call_find(call, call->argv[1], VALUE_STRING, ACCESS_READ, &entry))
        return;
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text = entry ? string_bytes(entry_value(entry), digits) : bytes_of(NULL, 0);
    reply_bulk(call->reply, slice(text, start, end));
}

static void string_ranges_substr(struct call *call)
{
    string_ranges_getrange(call);
}

/* A new string: zeros up to `offset`, then `text`. */
static void add_padded(struct call *call, struct bytes key, size_t offset, struct bytes text)
{
    struct value *value = string_new_raw(offset + text.size);
    char *data = string_data(value);
    memset(data, 0, offset);
    memcpy(data + offset, text.data, text.size);
    database_add(call->db, key, value);
}

static void string_ranges_setrange(struct call *call)
{
    struct bytes key = call->argv[1];
    struct bytes text = call->argv[3];
    int64_t offset;
    if (!call_integer(call, 2, &offset, NULL))
        return;
    if (offset < 0) {
        reply_error(call->reply, ERROR_OFFSET);
        return;
    }
    struct entry *entry;
    if (!call_find(call, key, VALUE_STRING, ACCESS_WRITE, &entry))
        return;
    size_t size = entry ? string_size(entry_value(entry)) : 0;
    if (text.size == 0) {
        reply_integer(call->reply, (int64_t)size);
        return;
    }
    if (!size_is_allowed(call, (uint64_t)offset, text.size))
        return;
    size_t end = (size_t)offset + text.size;
    if (end > size)
        size = end;
    if (entry)
        memcpy(database_own_string(call->db, &entry, size) + offset, text.data, text.size);
    else
        add_padded(call, key, (size_t)offset, text);
    call_announce(call, ANNOUNCE_STRING, "setrange", key);
    reply_integer(call->reply, (int64_t)size);
}

static const struct command_argument key_and_value[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "value", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument key_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

static const struct command_argument getrange_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "start", .type = ARGUMENT_INTEGER},
    {.name = "end", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument setrange_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "offset", .type = ARGUMENT_INTEGER},
    {.name = "value", .type = ARGUMENT_STRING},
    {0},
};

const struct command string_ranges_commands[] = {
    {.name = "APPEND",
     .arity = 3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "2.0.0",
     .group = "string",
     .summary = "Adds bytes at the end of a string, creating it if need be.",
     .complexity = "O(1), amortized",
     KEYS_AT(1, KEY_RW | KEY_INSERT),
     .arguments = key_and_value,
     .run = string_ranges_append},
    {.name = "STRLEN",
     .arity = 2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "2.2.0",
     .group = "string",
     .summary = "Answers how many bytes a string has.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RO),
     .arguments = key_argument,
     .run = string_ranges_strlen},
    {.name = "GETRANGE",
     .arity = 4,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_STRING,
     .since = "2.4.0",
     .group = "string",
     .summary = "Answers the bytes of a string from one offset to another.",
     .complexity = "O(N) for N bytes answered",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = getrange_arguments,
     .run = string_ranges_getrange},
    {.name = "SUBSTR",
     .arity = 4,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_STRING,
     .since = "1.0.0",
     .group = "string",
     .summary = "Answers the bytes of a string from one offset to another.",
     .complexity = "O(N) for N bytes answered",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = getrange_arguments,
     .run = string_ranges_substr,
     .deprecated_since = "2.0.0",
     .replaced_by = "`GETRANGE`"},
    {.name = "SETRANGE",
     .arity = 4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_STRING,
     .since = "2.2.0",
     .group = "string",
     .summary = "Writes bytes into a string from an offset on, growing it with zeros.",
     .complexity = "O(N) for N bytes written",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = setrange_arguments,
     .run = string_ranges_setrange},
    {0},
};
