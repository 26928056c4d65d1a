/* SPDX-License-Identifier: MIT */
#include "resp/resp_replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resp/resp_writer.h"

static void value_comes_out_as_it_went_in(void **state)
{
    static const char *const values[] = {"+OK\r\n",
                                         "-ERR no\r\n",
                                         ":-5\r\n",
                                         "$3\r\na\r\n\r\n",
                                         "$0\r\n\r\n",
                                         "_\r\n",
                                         "#t\r\n",
                                         "#f\r\n",
                                         ",1.5\r\n",
                                         "(123456789012345678901234567890\r\n",
                                         "=6\r\ntxt:ab\r\n",
                                         "*0\r\n",
                                         "*2\r\n:1\r\n*1\r\n$1\r\nx\r\n",
                                         "%1\r\n+a\r\n:1\r\n",
                                         "~1\r\n:1\r\n",
                                         ">1\r\n+x\r\n"};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct resp_writer writer;
        struct buffer out = {0};
        resp_writer_init(&writer, &out, 3, NUMBER_DOUBLE_SHORTEST);
        assert_true(resp_replay(bytes_of_string(values[i]), &writer.reply));
        buffer_append_byte(&out, '\0');
        assert_string_equal(out.data, values[i]);
        buffer_clear(&out);
        resp_writer_clear(&writer);
    }
}

static void nulls_of_resp2_are_nulls(void **state)
{
    struct resp_writer writer;
    struct buffer out = {0};
    (void)state;
    resp_writer_init(&writer, &out, 2, NUMBER_DOUBLE_SHORTEST);
    assert_true(resp_replay(BYTES_LITERAL("$-1\r\n"), &writer.reply));
    assert_true(resp_replay(BYTES_LITERAL("*-1\r\n"), &writer.reply));
    buffer_append_byte(&out, '\0');
    assert_string_equal(out.data, "$-1\r\n*-1\r\n");
    buffer_clear(&out);
    resp_writer_clear(&writer);
}

static void attribute_is_left_out(void **state)
{
    struct resp_writer writer;
    struct buffer out = {0};
    (void)state;
    resp_writer_init(&writer, &out, 3, NUMBER_DOUBLE_SHORTEST);
    assert_true(resp_replay(BYTES_LITERAL("|1\r\n+ttl\r\n:5\r\n+x\r\n"), &writer.reply));
    assert_memory_equal(out.data, "+x\r\n", out.size);
    buffer_clear(&out);
    resp_writer_clear(&writer);
}

static void what_is_not_one_whole_value_answers_nothing(void **state)
{
    static const char *const values[] = {"",
                                         "+OK",
                                         "+OK\r",
                                         "+OK\n",
                                         "OK\r\n",
                                         "+OK\r\n+OK\r\n",
                                         ":x\r\n",
                                         ":\r\n",
                                         "$5\r\nab\r\n",
                                         "$2\r\nabc\r\n",
                                         "$-2\r\n",
                                         "*2\r\n:1\r\n",
                                         "*-2\r\n",
                                         "*99999999999\r\n",
                                         "%1\r\n+a\r\n",
                                         "#x\r\n",
                                         ",x\r\n",
                                         "(\r\n",
                                         "=2\r\nab\r\n",
                                         "-\r\n",
                                         "|1\r\n+a\r\n",
                                         "$x\r\nab\r\n"};
    struct resp_writer writer;
    struct buffer out = {0};
    (void)state;
    resp_writer_init(&writer, &out, 3, NUMBER_DOUBLE_SHORTEST);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_false(resp_replay(bytes_of_string(values[i]), &writer.reply));
    assert_int_equal(out.size, 0);
    resp_writer_clear(&writer);
}

static void nesting_has_a_limit(void **state)
{
    struct resp_writer writer;
    struct buffer out = {0}, deep = {0};
    (void)state;
    for (int i = 0; i < 100000; i++)
        buffer_append_string(&deep, "*1\r\n");
    buffer_append_string(&deep, ":1\r\n");
    resp_writer_init(&writer, &out, 3, NUMBER_DOUBLE_SHORTEST);
    assert_false(resp_replay(buffer_bytes(&deep), &writer.reply));
    buffer_clear(&deep);
    buffer_clear(&out);
    resp_writer_clear(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value_comes_out_as_it_went_in),
        cmocka_unit_test(nulls_of_resp2_are_nulls),
        cmocka_unit_test(attribute_is_left_out),
        cmocka_unit_test(what_is_not_one_whole_value_answers_nothing),
        cmocka_unit_test(nesting_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
