/* SPDX-License-Identifier: MIT */
#include "reply/checking_reply.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "resp/resp_writer.h"

typedef void answer_function(struct reply *reply);

/* What `answer` writes through a checking reply. */
static void assert_passes(answer_function *answer, const char *expected)
{
    struct buffer output = {0};
    struct resp_writer writer;
    resp_writer_init(&writer, &output, 3, NUMBER_DOUBLE_SHORTEST);
    struct checking_reply checking;
    checking_reply_init(&checking, &writer.reply);
    answer(&checking.reply);
    assert_true(checking.reply.errors == writer.reply.errors);
    checking_reply_finish(&checking);
    buffer_append_byte(&output, '\0');
    assert_string_equal(output.data, expected);
    resp_writer_clear(&writer);
    buffer_clear(&output);
}

/* In a process of its own, `answer` ends it by a failed CHECK. */
static void assert_caught(answer_function *answer)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        close(STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        struct buffer output = {0};
        struct resp_writer writer;
        resp_writer_init(&writer, &output, 3, NUMBER_DOUBLE_SHORTEST);
        struct checking_reply checking;
        checking_reply_init(&checking, &writer.reply);
        answer(&checking.reply);
        checking_reply_finish(&checking);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void answer_every_kind(struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, 10);
    reply_null(reply);
    reply_null_array(reply);
    reply_boolean(reply, true);
    reply_integer(reply, -3);
    reply_real(reply, 0.5);
    reply_big_number(reply, BYTES_LITERAL("-12"));
    reply_bulk(reply, (struct bytes){0});
    reply_verbatim(reply, "txt", BYTES_LITERAL("v"));
    reply_ok(reply);
    reply_error(reply, "ERR e");
    reply_close(reply);
}

static void answer_map(struct reply *reply)
{
    reply_open(reply, REPLY_MAP, REPLY_UNSIZED);
    reply_bulk_string(reply, "a");
    reply_empty(reply, REPLY_SET);
    reply_close(reply);
}

static void answer_attribute_and_value(struct reply *reply)
{
    reply_open(reply, REPLY_ATTRIBUTE, 1);
    reply_ok(reply);
    reply_ok(reply);
    reply_close(reply);
    reply_ok(reply);
}

static void answer_pushes(struct reply *reply)
{
    for (int i = 0; i < 2; i++) {
        reply_open(reply, REPLY_PUSH, 1);
        reply_ok(reply);
        reply_close(reply);
    }
}

static void answer_push_and_value(struct reply *reply)
{
    reply_ok(reply);
    answer_pushes(reply);
}

static void whole_values_pass_unchanged(void **state)
{
    (void)state;
    assert_passes(reply_ok, "+OK\r\n");
    assert_passes(answer_every_kind, "*10\r\n_\r\n_\r\n#t\r\n:-3\r\n,0.5\r\n(-12\r\n$0\r\n\r\n"
                                     "=5\r\ntxt:v\r\n+OK\r\n-ERR e\r\n");
    assert_passes(answer_map, "%1\r\n$1\r\na\r\n~0\r\n");
    assert_passes(answer_attribute_and_value, "|1\r\n+OK\r\n+OK\r\n+OK\r\n");
    assert_passes(answer_pushes, ">1\r\n+OK\r\n>1\r\n+OK\r\n");
    assert_passes(answer_push_and_value, "+OK\r\n>1\r\n+OK\r\n>1\r\n+OK\r\n");
}

static void answer_nothing(struct reply *reply)
{
    (void)reply;
}

static void answer_twice(struct reply *reply)
{
    reply_ok(reply);
    reply_ok(reply);
}

static void answer_without_close(struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, 0);
}

static void answer_close_alone(struct reply *reply)
{
    reply_ok(reply);
    reply_close(reply);
}

static void answer_too_few(struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, 2);
    reply_ok(reply);
    reply_close(reply);
}

static void answer_too_many(struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, 1);
    reply_ok(reply);
    reply_ok(reply);
    reply_close(reply);
}

static void answer_half_a_pair(struct reply *reply)
{
    reply_open(reply, REPLY_MAP, REPLY_UNSIZED);
    reply_ok(reply);
    reply_close(reply);
}

static void answer_attribute_alone(struct reply *reply)
{
    reply_ok(reply);
    reply_empty(reply, REPLY_ATTRIBUTE);
}

static void answer_two_lines(struct reply *reply)
{
    reply_simple(reply, "a\r\nb");
}

static void answer_bad_digits(struct reply *reply)
{
    reply_big_number(reply, BYTES_LITERAL("12x"));
}

static void answers_that_are_not_one_value_are_caught(void **state)
{
    (void)state;
    assert_caught(answer_nothing);
    assert_caught(answer_twice);
    assert_caught(answer_without_close);
    assert_caught(answer_close_alone);
    assert_caught(answer_attribute_alone);
}

static void counts_that_are_not_kept_are_caught(void **state)
{
    (void)state;
    assert_caught(answer_too_few);
    assert_caught(answer_too_many);
    assert_caught(answer_half_a_pair);
}

static void text_that_would_break_a_line_is_caught(void **state)
{
    (void)state;
    assert_caught(answer_two_lines);
    assert_caught(answer_bad_digits);
}

static void it_serves_many_commands(void **state)
{
    (void)state;
    struct buffer output = {0};
    struct resp_writer writer;
    resp_writer_init(&writer, &output, 2, NUMBER_DOUBLE_SHORTEST);
    struct checking_reply checking;
    checking_reply_init(&checking, &writer.reply);
    for (int i = 0; i < 3; i++) {
        answer_map(&checking.reply);
        checking_reply_finish(&checking);
    }
    reply_open(&checking.reply, REPLY_ARRAY, 3);
    checking_reply_clear(&checking);
    resp_writer_clear(&writer);
    buffer_clear(&output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_values_pass_unchanged),
        cmocka_unit_test(answers_that_are_not_one_value_are_caught),
        cmocka_unit_test(counts_that_are_not_kept_are_caught),
        cmocka_unit_test(text_that_would_break_a_line_is_caught),
        cmocka_unit_test(it_serves_many_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
