/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "script/interpreter.h"
#include "script/script_trace.h"
#include "support/server_fixture.h"

static void open_traced(struct server_fixture *server)
{
    server_fixture_open(server, NULL);
    expect_reply(server, "MOCK TRACE ON", "+OK\r\n");
}

static const struct list *entries(const struct server_fixture *server)
{
    return script_trace_entries(server->engine->interpreter);
}

static const struct script_trace_entry *last_entry(const struct server_fixture *server)
{
    assert_true(list_count(entries(server)) > 0);
    return LIST_ENTRY(list_last(entries(server)), struct script_trace_entry, node);
}

static void assert_reply(const struct server_fixture *server, const char *expected)
{
    struct bytes reply = buffer_bytes(&last_entry(server)->reply);
    if (!bytes_equal_string(reply, expected))
        fail_msg("the reply is shown as %.*s, not as %s", BYTES_PRINT(reply), expected);
}

static void a_call_is_told_with_line_arguments_reply_and_keys(void **state)
{
    struct server_fixture server;
    (void)state;
    open_traced(&server);
    run_command(server.session, "EVAL \"local x = 1\nreturn redis.call('SET', KEYS[1], 7)\" 1 k");
    expect_reply(&server, "MOCK TRACE GET",
                 "*1\r\n*10\r\n$6\r\nscript\r\n$40\r\n2c3069a0a65898909bde9e992109e963a2477490\r\n"
                 "$4\r\nline\r\n:2\r\n$7\r\ncommand\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n7\r\n"
                 "$5\r\nreply\r\n$3\r\n+OK\r\n$7\r\nchanged\r\n*1\r\n$1\r\nk\r\n");
    server_fixture_close(&server);
}

static void replies_are_shown_as_the_script_sees_them(void **state)
{
    struct server_fixture server;
    (void)state;
    open_traced(&server);
    run_command(server.session, "EVAL \"redis.call('GET', 'none')\" 0");
    assert_reply(&server, "null");
    run_command(server.session, "EVAL \"redis.call('INCR', 'n')\" 0");
    assert_reply(&server, "1");
    run_command(server.session, "EVAL \"redis.call('ECHO', 'a\\\"b')\" 0");
    assert_reply(&server, "\"a\\\"b\"");
    run_command(server.session, "EVAL \"redis.call('MGET', 'n', 'none', 'n')\" 0");
    assert_reply(&server, "[\"1\", null, \"1\"]");
    run_command(server.session, "EVAL \"redis.pcall('LPUSH', 'n', 'x')\" 0");
    assert_reply(&server, "-WRONGTYPE Operation against a key holding the wrong kind of value");
    run_command(server.session, "EVAL \"redis.pcall('NOSUCH')\" 0");
    assert_reply(&server, "-ERR Unknown Redis command called from script");
    run_command(server.session, "EVAL \"redis.call('KEYS', 'none*')\" 0");
    assert_reply(&server, "[]");
    server_fixture_close(&server);
}

static void values_of_resp3_are_shown(void **state)
{
    struct server_fixture server;
    (void)state;
    open_traced(&server);
    run_command(server.session, "HSET h f 1");
    run_command(server.session, "SADD s m");
    run_command(server.session, "ZADD z 1.5 m");
    run_command(server.session, "EVAL \"redis.setresp(3) redis.call('HGETALL', 'h')\" 0");
    assert_reply(&server, "{\"f\": \"1\"}");
    run_command(server.session, "EVAL \"redis.setresp(3) redis.call('SMEMBERS', 's')\" 0");
    assert_reply(&server, "{\"m\"}");
    run_command(server.session, "EVAL \"redis.setresp(3) redis.call('ZSCORE', 'z', 'm')\" 0");
    assert_reply(&server, "1.5");
    run_command(server.session, "EVAL \"redis.setresp(3) redis.call('MGET', 'none', 'none')\" 0");
    assert_reply(&server, "[]");
    server_fixture_close(&server);
}

static void each_changed_key_is_named_once(void **state)
{
    struct server_fixture server;
    (void)state;
    open_traced(&server);
    run_command(server.session, "EVAL \"redis.call('MSET', 'a', 1, 'b', 2, 'a', 3)\" 0");
    assert_int_equal(list_count(&last_entry(&server)->changed), 2);
    run_command(server.session, "EVAL \"redis.call('GET', 'a')\" 0");
    assert_int_equal(list_count(&last_entry(&server)->changed), 0);
    server_fixture_close(&server);
}

static void calls_through_pcall_and_coroutines_have_their_line(void **state)
{
    struct server_fixture server;
    (void)state;
    open_traced(&server);
    run_command(server.session, "EVAL \"\n\nreturn pcall(redis.call, 'GET', 'a')\" 0");
    assert_int_equal(last_entry(&server)->line, 3);
    run_command(server.session,
                "EVAL \"return coroutine.wrap(function()\nredis.call('GET', 'a')\nend)()\" 0");
    assert_int_equal(last_entry(&server)->line, 2);
    server_fixture_close(&server);
}

static void long_arguments_are_cut(void **state)
{
    struct server_fixture server;
    (void)state;
    open_traced(&server);
    run_command(server.session, "EVAL \"redis.call('ECHO', string.rep('x', 5000), '')\" 0");
    run_command(server.session, "EVAL \"redis.call('SET', '', string.rep('x', 5000))\" 0");
    const struct script_trace_entry *entry = last_entry(&server);
    assert_int_equal(entry->argc, 3);
    assert_int_equal(entry->argv[1].size, 0);
    assert_int_equal(entry->argv[2].size, 4096 + strlen("... (904 more bytes)"));
    server_fixture_close(&server);
}

static void old_calls_are_dropped(void **state)
{
    struct server_fixture server;
    (void)state;
    open_traced(&server);
    run_command(server.session, "EVAL \"for i = 1, 10005 do redis.call('ECHO', i) end\" 0");
    assert_int_equal(list_count(entries(&server)), SCRIPT_TRACE_LONGEST);
    assert_true(bytes_equal_string(last_entry(&server)->argv[1], "10005"));
    server_fixture_close(&server);
}

static void the_last_calls_can_be_asked_for(void **state)
{
    struct server_fixture server;
    (void)state;
    open_traced(&server);
    run_command(server.session, "EVAL \"for i = 1, 3 do redis.call('ECHO', i) end\" 0");
    assert_true(strncmp(run_command(server.session, "MOCK TRACE GET COUNT 2"), "*2\r\n", 4) == 0);
    assert_true(strncmp(run_command(server.session, "MOCK TRACE GET COUNT 9"), "*3\r\n", 4) == 0);
    expect_reply(&server, "MOCK TRACE GET COUNT 0", "*0\r\n");
    expect_reply(&server, "MOCK TRACE GET COUNT -1",
                 "-ERR MOCK TRACE GET COUNT takes a number of calls, from 0 on\r\n");
    expect_reply(&server, "MOCK TRACE GET 5", "-ERR syntax error\r\n");
    server_fixture_close(&server);
}

static void only_scripts_are_traced_and_only_while_it_is_on(void **state)
{
    struct server_fixture server;
    (void)state;
    open_traced(&server);
    run_command(server.session, "SET k v");
    expect_reply(&server, "MOCK TRACE GET", "*0\r\n");
    expect_reply(&server, "MOCK TRACE OFF", "+OK\r\n");
    run_command(server.session, "EVAL \"redis.call('GET', 'a')\" 0");
    expect_reply(&server, "MOCK TRACE GET", "*0\r\n");
    expect_reply(&server, "MOCK TRACE ON", "+OK\r\n");
    run_command(server.session, "EVAL \"redis.call('GET', 'a')\" 0");
    expect_reply(&server, "MOCK TRACE OFF", "+OK\r\n");
    assert_int_equal(list_count(entries(&server)), 1);
    expect_reply(&server, "MOCK TRACE CLEAR", "+OK\r\n");
    expect_reply(&server, "MOCK TRACE GET", "*0\r\n");
    server_fixture_close(&server);
}

static void a_reset_of_the_server_ends_it(void **state)
{
    struct server_fixture server;
    (void)state;
    open_traced(&server);
    expect_reply(&server, "MOCK RESET", "+OK\r\n");
    run_command(server.session, "EVAL \"redis.call('GET', 'a')\" 0");
    expect_reply(&server, "MOCK TRACE GET", "*0\r\n");
    assert_true(list_is_empty(&server.engine->observers));
    server_fixture_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_told_with_line_arguments_reply_and_keys),
        cmocka_unit_test(replies_are_shown_as_the_script_sees_them),
        cmocka_unit_test(values_of_resp3_are_shown),
        cmocka_unit_test(each_changed_key_is_named_once),
        cmocka_unit_test(calls_through_pcall_and_coroutines_have_their_line),
        cmocka_unit_test(long_arguments_are_cut),
        cmocka_unit_test(old_calls_are_dropped),
        cmocka_unit_test(the_last_calls_can_be_asked_for),
        cmocka_unit_test(only_scripts_are_traced_and_only_while_it_is_on),
        cmocka_unit_test(a_reset_of_the_server_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
