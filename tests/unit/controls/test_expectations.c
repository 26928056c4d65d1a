/* SPDX-License-Identifier: MIT */
#include "controls/expectations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "controls/controls.h"
#include "support/server_fixture.h"

static void expect_command(struct server_fixture *server, const char *words)
{
    struct buffer line = {0};
    buffer_append_format(&line, "MOCK EXPECT %s", words);
    buffer_append_byte(&line, '\0');
    expect_reply(server, line.data, "+OK\r\n");
    buffer_clear(&line);
}

static size_t unmet(struct server_fixture *server)
{
    return expectations_unmet(&server->engine->controls->expectations);
}

static void one_that_came_is_met(void **state)
{
    struct server_fixture *server = *state;
    expect_command(server, "locked COMMAND set ARGS lock:* * NX");
    assert_int_equal(unmet(server), 1);
    run_command(server->session, "SET lock:1 me NX");
    assert_int_equal(unmet(server), 0);
    expect_reply(server, "MOCK VERIFY", "*0\r\n");
}

static void what_came_instead_is_shown(void **state)
{
    struct server_fixture *server = *state;
    expect_command(server, "locked COMMAND set ARGS lock:* * NX");
    run_command(server->session, "SET lock:1 \"a b\"");
    expect_reply(server, "MOCK VERIFY",
                 "*1\r\n*8\r\n$4\r\nname\r\n$6\r\nlocked\r\n$8\r\nexpected\r\n$13\r\nat least once"
                 "\r\n$4\r\ncame\r\n:0\r\n$7\r\ninstead\r\n*1\r\n$20\r\n"
                 "\"SET\" \"lock:1\" \"a b\"\r\n");
}

static void counts_are_exact_or_bounds(void **state)
{
    struct server_fixture *server = *state;
    expect_command(server, "twice COMMAND get TIMES 2");
    expect_command(server, "some COMMAND get MIN 1 MAX 2");
    expect_command(server, "never COMMAND del MAX 0");
    assert_int_equal(unmet(server), 2);
    run_command(server->session, "GET k");
    run_command(server->session, "GET k");
    assert_int_equal(unmet(server), 0);
    run_command(server->session, "GET k");
    run_command(server->session, "DEL k");
    assert_int_equal(unmet(server), 3);
    const char *reply = run_command(server->session, "MOCK VERIFY");
    assert_non_null(strstr(reply, "2 times"));
    assert_non_null(strstr(reply, "1 to 2 times"));
    assert_non_null(strstr(reply, "never"));
    assert_non_null(strstr(reply, "too many: \"DEL\" \"k\""));
}

static void arguments_are_counted_unless_the_end_is_open(void **state)
{
    struct server_fixture *server = *state;
    expect_command(server, "exact COMMAND set ARGS k v");
    expect_command(server, "open COMMAND set ARGS k ...");
    expect_command(server, "none COMMAND ping ARGS");
    run_command(server->session, "SET k v EX 5");
    run_command(server->session, "PING");
    assert_int_equal(unmet(server), 1);
    run_command(server->session, "SET k v");
    assert_int_equal(unmet(server), 0);
    expect_command(server, "sub COMMAND client|setname ARGS me");
    run_command(server->session, "CLIENT SETNAME me");
    assert_int_equal(unmet(server), 0);
}

static void order_may_be_asked_for(void **state)
{
    struct server_fixture *server = *state;
    expect_command(server, "lock COMMAND set");
    expect_command(server, "unlock COMMAND del AFTER lock");
    run_command(server->session, "DEL k");
    run_command(server->session, "SET k v");
    run_command(server->session, "DEL k");
    assert_non_null(
        strstr(run_command(server->session, "MOCK VERIFY"), "too early: \"DEL\" \"k\""));
    expect_command(server, "lock COMMAND set");
    expect_command(server, "unlock COMMAND del AFTER lock");
    run_command(server->session, "SET k v");
    run_command(server->session, "DEL k");
    expect_reply(server, "MOCK VERIFY", "*0\r\n");
}

static void verify_clear_forgets_all(void **state)
{
    struct server_fixture *server = *state;
    expect_command(server, "e COMMAND set");
    assert_int_equal(run_command(server->session, "MOCK VERIFY CLEAR")[1], '1');
    expect_reply(server, "MOCK VERIFY", "*0\r\n");
    assert_true(list_is_empty(&server->engine->observers));
}

static void bad_words_are_told_with_what_would_be_right(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MOCK EXPECT e TIMES some",
                 "-ERR MOCK EXPECT: TIMES takes a count, not 'some'\r\n");
    expect_reply(server, "MOCK EXPECT e MIN 3 MAX 2", "-ERR MOCK EXPECT: MIN is above MAX\r\n");
    expect_reply(server, "MOCK EXPECT e AFTER f",
                 "-ERR MOCK EXPECT: AFTER names no other expectation, 'f'\r\n");
    assert_non_null(strstr(run_command(server->session, "MOCK EXPECT e SKIP 1"),
                           "-ERR MOCK EXPECT has no option 'SKIP'. It takes COMMAND glob"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(one_that_came_is_met, NULL),
        SERVER_TEST(what_came_instead_is_shown, NULL),
        SERVER_TEST(counts_are_exact_or_bounds, NULL),
        SERVER_TEST(arguments_are_counted_unless_the_end_is_open, NULL),
        SERVER_TEST(order_may_be_asked_for, NULL),
        SERVER_TEST(verify_clear_forgets_all, NULL),
        SERVER_TEST(bad_words_are_told_with_what_would_be_right, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
