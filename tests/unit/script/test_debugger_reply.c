/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "script/debugger_reply.h"

/* Answers through a noting reply, and gives what is shown; both replies must have got the same. */
static void expect_shown(void (*answer)(struct reply *), int protocol, const char *expected)
{
    struct buffer output = {0}, shown = {0};
    struct resp_writer writer;
    struct debugger_reply noted;
    resp_writer_init(&writer, &output, protocol, NUMBER_DOUBLE_SHORTEST);
    answer(debugger_reply_begin(&noted, &writer.reply, protocol, NUMBER_DOUBLE_SHORTEST));
    struct bytes encoded = debugger_reply_end(&noted);
    assert_true(bytes_equal(encoded, buffer_bytes(&output)));
    debugger_reply_show(encoded, &shown);
    buffer_append_byte(&shown, '\0');
    assert_string_equal(shown.data, expected);
    debugger_reply_clear(&noted);
    resp_writer_clear(&writer);
    buffer_clear(&output);
    buffer_clear(&shown);
}

static void answer_all(struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
    reply_integer(reply, -5);
    reply_bulk(reply, BYTES_LITERAL("a\r\nb"));
    reply_simple(reply, "OK");
    reply_error(reply, "ERR x");
    reply_null(reply);
    reply_null_array(reply);
    reply_boolean(reply, true);
    reply_real(reply, 1.5);
    reply_decimal(reply, BYTES_LITERAL("0.25"));
    reply_verbatim(reply, "txt", BYTES_LITERAL("t"));
    reply_big_number(reply, BYTES_LITERAL("99"));
    reply_close(reply);
}

static void answer_aggregates(struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, 3);
    reply_open(reply, REPLY_MAP, 2);
    reply_bulk(reply, BYTES_LITERAL("a"));
    reply_integer(reply, 1);
    reply_bulk(reply, BYTES_LITERAL("b"));
    reply_empty(reply, REPLY_ARRAY);
    reply_close(reply);
    reply_open(reply, REPLY_SET, 2);
    reply_integer(reply, 1);
    reply_integer(reply, 2);
    reply_close(reply);
    reply_open(reply, REPLY_PAIRS, 1);
    reply_bulk(reply, BYTES_LITERAL("m"));
    reply_real(reply, 2);
    reply_close(reply);
    reply_close(reply);
}

static void every_type_is_shown(void **state)
{
    (void)state;
    expect_shown(answer_all, 2,
                 "[-5,\"a\\r\\nb\",\"+OK\",\"-ERR x\",NULL,NULL,1,\"1.5\",\"0.25\",\"t\",\"99\"]");
    expect_shown(answer_all, 3,
                 "[-5,\"a\\r\\nb\",\"+OK\",\"-ERR x\",(null),(null),#true,(double) 1.5,(double) "
                 "0.25,,]");
}

static void aggregates_are_shown_by_their_type(void **state)
{
    (void)state;
    expect_shown(answer_aggregates, 2, "[[\"a\",1,\"b\",[]],[1,2],[\"m\",\"2\"]]");
    expect_shown(answer_aggregates, 3, "[{\"a\" => 1,\"b\" => []},~(1,2),[[\"m\",(double) 2]]]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_shown),
        cmocka_unit_test(aggregates_are_shown_by_their_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
