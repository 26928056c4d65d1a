/* SPDX-License-Identifier: MIT */
#include "resp/resp_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fixture {
    struct resp_writer writer;
    struct buffer output;
};

static struct reply *start(struct fixture *fixture, int protocol)
{
    fixture->output = (struct buffer){0};
    resp_writer_init(&fixture->writer, &fixture->output, protocol, NUMBER_DOUBLE_SHORTEST);
    return &fixture->writer.reply;
}

static void assert_written(struct fixture *fixture, const char *expected)
{
    buffer_append_byte(&fixture->output, '\0');
    assert_string_equal(fixture->output.data, expected);
    resp_writer_clear(&fixture->writer);
    buffer_clear(&fixture->output);
}

/* One value of each kind, under each protocol. */
typedef void answer_function(struct reply *reply);

static void assert_answers(answer_function *answer, const char *resp2, const char *resp3)
{
    struct fixture fixture;
    answer(start(&fixture, 2));
    assert_written(&fixture, resp2);
    answer(start(&fixture, 3));
    assert_written(&fixture, resp3);
}

static void answer_scalars(struct reply *reply)
{
    reply_ok(reply);
    reply_simple(reply, "");
    reply_integer(reply, 0);
    reply_integer(reply, 10);
    reply_integer(reply, -1);
    reply_integer(reply, INT64_MIN);
    reply_bulk_string(reply, "hello");
    reply_bulk_string(reply, "");
    reply_bulk(reply, (struct bytes){0});
    reply_bulk(reply, BYTES_LITERAL("twelve bytes"));
    reply_bulk(reply, BYTES_LITERAL("a\0b"));
}

static void scalars_look_the_same_in_both_protocols(void **state)
{
    (void)state;
    struct fixture fixture;
    static const char expected[] = "+OK\r\n+\r\n:0\r\n:10\r\n:-1\r\n:-9223372036854775808\r\n"
                                   "$5\r\nhello\r\n$0\r\n\r\n$0\r\n\r\n$12\r\ntwelve bytes\r\n"
                                   "$3\r\na\0b\r\n";
    for (int protocol = 2; protocol <= 3; protocol++) {
        answer_scalars(start(&fixture, protocol));
        assert_int_equal(fixture.output.size, sizeof expected - 1);
        assert_memory_equal(fixture.output.data, expected, sizeof expected - 1);
        resp_writer_clear(&fixture.writer);
        buffer_clear(&fixture.output);
    }
}

static void answer_nulls(struct reply *reply)
{
    reply_null(reply);
    reply_null_array(reply);
    reply_boolean(reply, true);
    reply_boolean(reply, false);
}

static void nulls_and_booleans_are_folded_for_resp2(void **state)
{
    (void)state;
    assert_answers(answer_nulls, "$-1\r\n*-1\r\n:1\r\n:0\r\n", "_\r\n_\r\n#t\r\n#f\r\n");
}

static void answer_numbers(struct reply *reply)
{
    reply_real(reply, 1.5);
    reply_real(reply, INFINITY);
    reply_real(reply, -INFINITY);
    reply_real(reply, 3);
    reply_decimal(reply, BYTES_LITERAL("13.36138933897018433"));
    reply_big_number(reply, BYTES_LITERAL("12345678901234567890123"));
}

static void doubles_and_big_numbers_are_bulks_in_resp2(void **state)
{
    (void)state;
    assert_answers(answer_numbers,
                   "$3\r\n1.5\r\n$3\r\ninf\r\n$4\r\n-inf\r\n$1\r\n3\r\n"
                   "$20\r\n13.36138933897018433\r\n$23\r\n12345678901234567890123\r\n",
                   ",1.5\r\n,inf\r\n,-inf\r\n,3\r\n,13.36138933897018433\r\n"
                   "(12345678901234567890123\r\n");
}

static void the_double_style_is_the_writers(void **state)
{
    (void)state;
    struct fixture fixture;
    struct reply *reply = start(&fixture, 3);
    fixture.writer.double_style = NUMBER_DOUBLE_17;
    reply_real(reply, 0.1);
    assert_written(&fixture, ",0.10000000000000001\r\n");
}

static void answer_verbatim(struct reply *reply)
{
    reply_verbatim(reply, "txt", BYTES_LITERAL("Some string"));
}

static void verbatim_strings_tell_their_format_in_resp3(void **state)
{
    (void)state;
    assert_answers(answer_verbatim, "$11\r\nSome string\r\n", "=15\r\ntxt:Some string\r\n");
}

static void answer_errors(struct reply *reply)
{
    reply_error(reply, "ERR no");
    reply_error(reply, "WRONGTYPE two\r\nlines\r\n");
}

static void errors_are_one_line(void **state)
{
    (void)state;
    assert_answers(answer_errors, "-ERR no\r\n-WRONGTYPE two  lines\r\n",
                   "-ERR no\r\n-WRONGTYPE two  lines\r\n");
}

static void answer_aggregates(struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, 2);
    reply_open(reply, REPLY_MAP, 1);
    reply_bulk_string(reply, "k");
    reply_integer(reply, 1);
    reply_close(reply);
    reply_open(reply, REPLY_SET, 1);
    reply_null(reply);
    reply_close(reply);
    reply_close(reply);
    reply_open(reply, REPLY_PUSH, 1);
    reply_integer(reply, 2);
    reply_close(reply);
    reply_empty(reply, REPLY_MAP);
}

static void aggregates_are_arrays_in_resp2(void **state)
{
    (void)state;
    assert_answers(answer_aggregates,
                   "*2\r\n*2\r\n$1\r\nk\r\n:1\r\n*1\r\n$-1\r\n*1\r\n:2\r\n*0\r\n",
                   "*2\r\n%1\r\n$1\r\nk\r\n:1\r\n~1\r\n_\r\n>1\r\n:2\r\n%0\r\n");
}

static void answer_unsized(struct reply *reply)
{
    reply_integer(reply, 7);
    reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
    reply_bulk_string(reply, "a");
    reply_open(reply, REPLY_MAP, REPLY_UNSIZED);
    reply_bulk_string(reply, "k");
    reply_open(reply, REPLY_SET, 2);
    reply_integer(reply, 1);
    reply_integer(reply, 2);
    reply_close(reply);
    reply_close(reply);
    reply_open(reply, REPLY_SET, REPLY_UNSIZED);
    reply_close(reply);
    for (int i = 0; i < 12; i++)
        reply_integer(reply, 0);
    reply_close(reply);
}

static void answer_pairs(struct reply *reply)
{
    for (int i = 0; i < 2; i++) {
        reply_open(reply, REPLY_PAIRS, i == 0 ? 2 : REPLY_UNSIZED);
        reply_integer(reply, 1);
        reply_integer(reply, 2);
        reply_integer(reply, 3);
        reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
        reply_integer(reply, 4);
        reply_close(reply);
        reply_close(reply);
    }
    reply_empty(reply, REPLY_PAIRS);
}

static void pairs_are_arrays_of_two_in_resp3_and_flat_in_resp2(void **state)
{
    (void)state;
    assert_answers(answer_pairs,
                   "*4\r\n:1\r\n:2\r\n:3\r\n*1\r\n:4\r\n*4\r\n:1\r\n:2\r\n:3\r\n*1\r\n:4\r\n"
                   "*0\r\n",
                   "*2\r\n*2\r\n:1\r\n:2\r\n*2\r\n:3\r\n*1\r\n:4\r\n"
                   "*2\r\n*2\r\n:1\r\n:2\r\n*2\r\n:3\r\n*1\r\n:4\r\n*0\r\n");
}

static void answer_paired_map(struct reply *reply)
{
    for (int i = 0; i < 2; i++) {
        reply_open(reply, REPLY_PAIRED_MAP, i == 0 ? 2 : REPLY_UNSIZED);
        reply_integer(reply, 1);
        reply_empty(reply, REPLY_ARRAY);
        reply_integer(reply, 3);
        reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
        reply_integer(reply, 4);
        reply_close(reply);
        reply_close(reply);
    }
    reply_empty(reply, REPLY_PAIRED_MAP);
}

static void a_paired_map_is_a_map_in_resp3_and_arrays_of_two_in_resp2(void **state)
{
    (void)state;
#define PAIRED "*2\r\n*2\r\n:1\r\n*0\r\n*2\r\n:3\r\n*1\r\n:4\r\n"
#define MAPPED "%2\r\n:1\r\n*0\r\n:3\r\n*1\r\n:4\r\n"
    assert_answers(answer_paired_map, PAIRED PAIRED "*0\r\n", MAPPED MAPPED "%0\r\n");
#undef PAIRED
#undef MAPPED
}

static void counts_unknown_at_open_are_filled_in_at_close(void **state)
{
    (void)state;
#define TWELVE ":0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n"
    assert_answers(answer_unsized,
                   ":7\r\n*15\r\n$1\r\na\r\n*2\r\n$1\r\nk\r\n*2\r\n:1\r\n:2\r\n*0\r\n" TWELVE,
                   ":7\r\n*15\r\n$1\r\na\r\n%1\r\n$1\r\nk\r\n~2\r\n:1\r\n:2\r\n~0\r\n" TWELVE);
#undef TWELVE
}

static void answer_attribute(struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
    reply_open(reply, REPLY_ATTRIBUTE, 1);
    reply_bulk_string(reply, "ttl");
    reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
    reply_integer(reply, 90);
    reply_close(reply);
    reply_close(reply);
    reply_integer(reply, 5);
    reply_close(reply);
}

static void attributes_are_left_out_of_resp2(void **state)
{
    (void)state;
    assert_answers(answer_attribute, "*1\r\n:5\r\n",
                   "*1\r\n|1\r\n$3\r\nttl\r\n*1\r\n:90\r\n:5\r\n");
}

static void a_discarding_writer_counts_errors_alone(void **state)
{
    (void)state;
    struct fixture fixture;
    struct reply *reply = start(&fixture, 3);
    fixture.writer.discards = true;
    answer_unsized(reply);
    answer_attribute(reply);
    answer_scalars(reply);
    reply_error(reply, "NOAUTH no");
    resp_writer_raw(&fixture.writer, BYTES_LITERAL("+raw\r\n"));
    assert_int_equal(reply->errors, 1);
    assert_string_equal(reply->error_code, "NOAUTH");
    assert_int_equal(fixture.output.size, 0);
    assert_written(&fixture, "");
}

static void raw_bytes_count_as_one_element(void **state)
{
    (void)state;
    struct fixture fixture;
    struct reply *reply = start(&fixture, 2);
    reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
    resp_writer_raw(&fixture.writer, BYTES_LITERAL("*2\r\n:1\r\n:2\r\n"));
    reply_close(reply);
    assert_written(&fixture, "*1\r\n*2\r\n:1\r\n:2\r\n");
}

static void aggregates_nest_without_a_limit(void **state)
{
    (void)state;
    struct fixture fixture;
    struct reply *reply = start(&fixture, 2);
    struct buffer expected = {0};
    for (int i = 0; i < 500; i++) {
        reply_open(reply, REPLY_ARRAY, i % 2 ? REPLY_UNSIZED : 1);
        buffer_append_string(&expected, "*1\r\n");
    }
    reply_ok(reply);
    buffer_append(&expected, "+OK\r\n", 6);
    for (int i = 0; i < 500; i++)
        reply_close(reply);
    assert_written(&fixture, expected.data);
    buffer_clear(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_look_the_same_in_both_protocols),
        cmocka_unit_test(nulls_and_booleans_are_folded_for_resp2),
        cmocka_unit_test(doubles_and_big_numbers_are_bulks_in_resp2),
        cmocka_unit_test(the_double_style_is_the_writers),
        cmocka_unit_test(verbatim_strings_tell_their_format_in_resp3),
        cmocka_unit_test(errors_are_one_line),
        cmocka_unit_test(aggregates_are_arrays_in_resp2),
        cmocka_unit_test(a_paired_map_is_a_map_in_resp3_and_arrays_of_two_in_resp2),
        cmocka_unit_test(counts_unknown_at_open_are_filled_in_at_close),
        cmocka_unit_test(pairs_are_arrays_of_two_in_resp3_and_flat_in_resp2),
        cmocka_unit_test(attributes_are_left_out_of_resp2),
        cmocka_unit_test(a_discarding_writer_counts_errors_alone),
        cmocka_unit_test(raw_bytes_count_as_one_element),
        cmocka_unit_test(aggregates_nest_without_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
