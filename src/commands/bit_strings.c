/* SPDX-License-Identifier: MIT */
#include "commands/bit_strings.h"

#include <string.h>

#include "base/number.h"
#include "reply/errors.h"
#include "values/string.h"

bool bit_strings_offset(struct call *call, int index, unsigned width, uint64_t *offset)
{
    struct bytes text = call->argv[index];
    bool counts_fields = width > 0 && text.size > 0 && text.data[0] == '#';
    int64_t number;
    if (counts_fields)
        text = bytes_of(text.data + 1, text.size - 1);
    bool is_good = number_parse_integer(text, &number);
    /* The product goes around beyond 64 bits, as in Redis. */
    if (is_good && counts_fields)
        number = (int64_t)((uint64_t)number * width);
    int64_t limit = call_config(call, CONFIG_PROTO_MAX_BULK_LEN);
    if (!is_good || number < 0 || number >> 3 >= limit) {
        reply_error(call->reply, ERROR_BIT_OFFSET);
        return false;
    }
    *offset = (uint64_t)number;
    return true;
}

char *bit_strings_own(struct call *call, struct bytes key, struct entry *entry, uint64_t offset,
                      bool *grew)
{
    size_t needed = (size_t)(offset >> 3) + 1;
    if (!entry) {
        struct value *value = string_new_raw(needed);
        memset(string_data(value), 0, needed);
        database_add(call->db, key, value);
        *grew = true;
        return string_data(value);
    }
    size_t size = string_size(entry_value(entry));
    *grew = needed > size;
    return database_own_string(call->db, &entry, *grew ? needed : size);
}
