/* SPDX-License-Identifier: MIT */
#include "dump/codecs.h"
#include "values/string.h"

void dump_string_write(struct rdb_writer *writer, const struct value *value)
{
    char digits[NUMBER_INTEGER_SIZE];
    int64_t integer;
    rdb_write_byte(writer, RDB_TYPE_STRING);
    /* A text that merely reads like an integer of 64 bits takes the way of texts, which may
     * compress. */
    if (value->encoding == ENCODING_INT && string_integer(value, &integer))
        rdb_write_integer_string(writer, integer);
    else
        rdb_write_string(writer, string_bytes(value, digits));
}

struct value *dump_string_read(struct rdb_reader *reader, enum rdb_type type)
{
    (void)type;
    struct buffer scratch = {0};
    struct bytes text;
    struct value *value = rdb_read_string(reader, &text, &scratch) ? string_new(text) : NULL;
    buffer_clear(&scratch);
    return value;
}
