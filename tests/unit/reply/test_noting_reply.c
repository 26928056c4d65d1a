/* SPDX-License-Identifier: MIT */
#include "reply/noting_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resp/resp_replay.h"
#include "resp/resp_writer.h"

/* The kind that is noted while the encoded value goes through; the writer must get it whole. */
static enum noted_kind kind_of(const char *encoded, const char *error)
{
    struct resp_writer writer;
    struct noting_reply noting = {0};
    struct buffer out = {0};
    resp_writer_init(&writer, &out, 3, NUMBER_DOUBLE_SHORTEST);
    noting_reply_begin(&noting, &writer.reply);
    assert_true(resp_replay(bytes_of_string(encoded), &noting.reply));
    buffer_append_byte(&out, '\0');
    assert_string_equal(out.data, encoded);
    assert_true(bytes_equal_string(buffer_bytes(&noting.error), error));
    assert_int_equal(noting.reply.errors, writer.reply.errors);
    enum noted_kind kind = noting.kind;
    noting_reply_clear(&noting);
    buffer_clear(&out);
    resp_writer_clear(&writer);
    return kind;
}

static void kind_is_noted_on_the_way_and_read_from_the_encoding(void **state)
{
    static const struct {
        const char *encoded, *name, *error;
    } rows[] = {{"+OK\r\n", "simple", ""},
                {"-ERR no\r\n", "error", "ERR no"},
                {":-1\r\n", "integer", ""},
                {"$2\r\n-x\r\n", "bulk", ""},
                {"_\r\n", "null", ""},
                {"*1\r\n-ERR within\r\n", "array", ""},
                {"%1\r\n+a\r\n+b\r\n", "map", ""},
                {"~1\r\n+a\r\n", "set", ""},
                {">1\r\n+a\r\n", "push", ""},
                {",1.5\r\n", "double", ""},
                {"#t\r\n", "boolean", ""},
                {"(12345678901234567890123\r\n", "big-number", ""},
                {"=5\r\ntxt:a\r\n", "verbatim", ""}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bytes error;
        assert_string_equal(noting_reply_kind_name(kind_of(rows[i].encoded, rows[i].error)),
                            rows[i].name);
        enum noted_kind kind = noting_reply_kind_of(bytes_of_string(rows[i].encoded), &error);
        assert_string_equal(noting_reply_kind_name(kind), rows[i].name);
        assert_true(bytes_equal_string(error, rows[i].error));
    }
}

static void nothing_and_what_is_no_reply_have_kinds_too(void **state)
{
    struct bytes error;
    (void)state;
    assert_string_equal(noting_reply_kind_name(noting_reply_kind_of(BYTES_LITERAL(""), &error)),
                        "none");
    assert_string_equal(noting_reply_kind_name(noting_reply_kind_of(BYTES_LITERAL("?"), &error)),
                        "other");
    assert_string_equal(
        noting_reply_kind_name(noting_reply_kind_of(BYTES_LITERAL("$-1\r\n"), &error)), "null");
    assert_string_equal(
        noting_reply_kind_name(noting_reply_kind_of(BYTES_LITERAL("*-1\r\n"), &error)), "null");
    assert_string_equal(noting_reply_kind_name(noting_reply_kind_of(BYTES_LITERAL("-"), &error)),
                        "error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kind_is_noted_on_the_way_and_read_from_the_encoding),
        cmocka_unit_test(nothing_and_what_is_no_reply_have_kinds_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
