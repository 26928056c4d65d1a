/* SPDX-License-Identifier: MIT */
/*
 * RESTORE's payload, its frame left out: a body that restores to a value is dumped, and that
 * payload restores to the same value.
 */
#include "base/buffer.h"
#include "base/check.h"
#include "dump/dump.h"
#include "values/string.h"

#define RDB_VERSION 12
#define FOOTER_SIZE 10

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* dump_restore takes a frame that dump_verify has seen: any ten bytes stand for it. */
static struct value *restore_body(struct bytes body)
{
    struct buffer payload = {0};
    buffer_append_bytes(&payload, body);
    buffer_append(&payload, "\0\0\0\0\0\0\0\0\0\0", FOOTER_SIZE);
    struct value *value = dump_restore(buffer_bytes(&payload), NULL);
    buffer_clear(&payload);
    return value;
}

/* Bytes may differ: the members of a set have no order. */
static void check_same(const struct value *value, const struct value *again)
{
    CHECK(again && again->type == value->type && again->encoding == value->encoding);
    if (value->type != VALUE_STRING)
        return;
    char digits[NUMBER_INTEGER_SIZE], digits_again[NUMBER_INTEGER_SIZE];
    CHECK(bytes_equal(string_bytes(value, digits), string_bytes(again, digits_again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes input = bytes_of((const char *)data, size);
    if (dump_verify(input, RDB_VERSION))
        value_release(dump_restore(input, NULL));
    struct value *value = restore_body(input);
    if (!value)
        return 0;
    struct buffer payload = {0};
    if (dump_value(&payload, value, RDB_VERSION, true)) {
        CHECK(dump_verify(buffer_bytes(&payload), RDB_VERSION));
        struct value *again = dump_restore(buffer_bytes(&payload), NULL);
        check_same(value, again);
        value_release(again);
    }
    value_release(value);
    buffer_clear(&payload);
    return 0;
}
