/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "script/script_checks.h"
#include "support/server_fixture.h"

static void open_strict(struct server_fixture *server)
{
    static const char *const options[] = {"script-checks", "error", NULL};
    server_fixture_open(server, options);
}

static void assert_answer_holds(struct server_fixture *server, const char *line, const char *part)
{
    const char *answer = run_command(server->session, line);
    if (!strstr(answer, part))
        fail_msg("%s\nanswers %snot with %s", line, answer, part);
}

static uint64_t count(const struct server_fixture *server, enum script_check check)
{
    return server->engine->stats.script_checks[check];
}

static void a_declared_key_may_be_touched(void **state)
{
    struct server_fixture server;
    (void)state;
    open_strict(&server);
    expect_reply(&server, "EVAL \"return redis.call('SET', KEYS[1], ARGV[1])\" 1 k v", "+OK\r\n");
    expect_reply(&server, "EVAL \"return redis.call('PING')\" 0", "+PONG\r\n");
    server_fixture_close(&server);
}

static void an_undeclared_key_is_named_with_command_and_line(void **state)
{
    struct server_fixture server;
    (void)state;
    open_strict(&server);
    assert_answer_holds(&server, "EVAL \"local x = 1\nreturn redis.call('GET', 'other')\" 1 k",
                        "-ERR script-checks: get touches the key \"other\", which is not in KEYS "
                        "script: ");
    assert_answer_holds(&server, "EVAL \"local x = 1\nreturn redis.call('GET', 'other')\" 1 k",
                        ", on @user_script:2.\r\n");
    assert_int_equal(count(&server, SCRIPT_CHECK_UNDECLARED_KEY), 2);
    server_fixture_close(&server);
}

static void keys_that_only_the_arguments_tell_are_found(void **state)
{
    struct server_fixture server;
    (void)state;
    open_strict(&server);
    assert_answer_holds(&server, "EVAL \"return redis.call('SORT', 'a', 'STORE', 'b')\" 1 a",
                        "sort touches the key \"b\"");
    assert_answer_holds(&server, "EVAL \"return redis.call('ZUNION', 2, 'a', 'b')\" 1 a",
                        "zunion touches the key \"b\"");
    server_fixture_close(&server);
}

static void the_command_does_not_run(void **state)
{
    struct server_fixture server;
    (void)state;
    open_strict(&server);
    run_command(server.session, "EVAL \"return redis.call('SET', 'k', 'v')\" 0");
    expect_reply(&server, "EXISTS k", ":0\r\n");
    server_fixture_close(&server);
}

static void no_pcall_keeps_a_script_that_failed(void **state)
{
    struct server_fixture server;
    (void)state;
    open_strict(&server);
    assert_answer_holds(&server, "EVAL \"redis.pcall('GET', 'b') return 1\" 0", "-ERR script-c");
    assert_answer_holds(&server, "EVAL \"return {pcall(redis.call, 'GET', 'b')}\" 0",
                        "-ERR script-c");
    assert_answer_holds(&server,
                        "EVAL \"pcall(redis.call, 'GET', 'b') pcall(redis.call, 'SET', 'a', 1)\" "
                        "1 a",
                        "-ERR script-c");
    assert_answer_holds(&server,
                        "EVAL \"coroutine.resume(coroutine.create(function() redis.call('GET', "
                        "'b') end))\nreturn redis.call('SET', 'a', 1)\" 1 a",
                        "-ERR script-c");
    expect_reply(&server, "EXISTS a", ":0\r\n");
    expect_reply(&server, "EVAL \"return 1\" 0", ":1\r\n");
    server_fixture_close(&server);
}

static void keys_of_two_hash_slots_are_found_at_the_declaration(void **state)
{
    struct server_fixture server;
    (void)state;
    open_strict(&server);
    assert_answer_holds(&server, "EVAL \"return 1\" 2 a b",
                        "-ERR script-checks: eval declares the key \"b\" of hash slot 3300, but "
                        "also \"a\" of hash slot 15495");
    expect_reply(&server, "EVAL \"return 1\" 2 a {a}b", ":1\r\n");
    expect_reply(&server, "EVAL \"return 1\" 2 {x}a {x}b", ":1\r\n");
    assert_answer_holds(&server, "EVAL \"return 1\" 2 {}a {}b", "of hash slot");
    server_fixture_close(&server);
}

static void keys_of_two_hash_slots_are_found_at_the_call(void **state)
{
    struct server_fixture server;
    (void)state;
    open_strict(&server);
    run_command(server.session, "CONFIG SET script-checks warn");
    expect_reply(&server, "EVAL \"redis.call('GET', 'b') return 1\" 1 a", ":1\r\n");
    assert_int_equal(count(&server, SCRIPT_CHECK_CROSS_SLOT), 1);
    server_fixture_close(&server);
}

static void a_script_that_says_so_may_cross_slots(void **state)
{
    struct server_fixture server;
    (void)state;
    open_strict(&server);
    expect_reply(&server, "EVAL \"#!lua flags=allow-cross-slot-keys\nreturn 1\" 2 a b", ":1\r\n");
    server_fixture_close(&server);
}

static void a_global_that_pcall_hides_is_found(void **state)
{
    struct server_fixture server;
    (void)state;
    open_strict(&server);
    assert_answer_holds(&server, "EVAL \"pcall(function() x = 1 end)\nreturn 1\" 0",
                        "-ERR script-checks: eval writes the global \"x\" script: ");
    assert_answer_holds(&server, "EVAL \"return {pcall(rawset, _G, 'y', 1)}\" 0",
                        "writes the global \"y\"");
    assert_answer_holds(&server, "EVAL \"return {pcall(setmetatable, _G, {})}\" 0",
                        "writes the global \"_G\"");
    assert_int_equal(count(&server, SCRIPT_CHECK_GLOBAL), 3);
    expect_reply(&server, "EVAL \"local t = {} t.x = 1 rawset(t, 'y', 2) return t.y\" 0", ":2\r\n");
    server_fixture_close(&server);
}

static void before_7_0_a_random_read_forbids_writes_where_scripts_are_replicated(void **state)
{
    static const char *const options[] = {
        "emulate", "6.2", "lua-replicate-commands", "no", "script-checks", "error", NULL};
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, options);
    assert_answer_holds(&server, "EVAL \"redis.call('TIME') redis.call('SET', KEYS[1], 1)\" 1 a",
                        "-ERR script-checks: set writes the key \"a\" after time,");
    expect_reply(&server,
                 "EVAL \"redis.replicate_commands() redis.call('TIME') return "
                 "redis.call('SET', KEYS[1], 1)\" 1 a",
                 "+OK\r\n");
    run_command(server.session, "CONFIG SET lua-replicate-commands yes");
    expect_reply(&server, "EVAL \"redis.call('TIME') return redis.call('SET', KEYS[1], 1)\" 1 a",
                 "+OK\r\n");
    server_fixture_close(&server);
}

static void from_7_0_on_a_random_read_forbids_nothing(void **state)
{
    struct server_fixture server;
    (void)state;
    open_strict(&server);
    expect_reply(&server, "CONFIG GET lua-replicate-commands", "*0\r\n");
    expect_reply(&server, "EVAL \"redis.call('TIME') return redis.call('SET', KEYS[1], 1)\" 1 a",
                 "+OK\r\n");
    server_fixture_close(&server);
}

static void switched_off_nothing_is_looked_at(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    expect_reply(&server, "EVAL \"return redis.call('SET', 'k', 'v')\" 0", "+OK\r\n");
    expect_reply(&server, "EVAL \"pcall(function() x = 1 end) return 1\" 0", ":1\r\n");
    assert_int_equal(count(&server, SCRIPT_CHECK_UNDECLARED_KEY), 0);
    assert_int_equal(count(&server, SCRIPT_CHECK_GLOBAL), 0);
    server_fixture_close(&server);
}

static void info_tells_the_counts_when_asked(void **state)
{
    struct server_fixture server;
    (void)state;
    open_strict(&server);
    run_command(server.session, "EVAL \"redis.call('GET', 'b')\" 0");
    assert_answer_holds(&server, "INFO scripts",
                        "# Scripts\r\nscript_checks:error\r\nscript_checks_undeclared_keys:1\r\n");
    assert_answer_holds(&server, "INFO everything", "# Scripts\r\n");
    assert_null(strstr(run_command(server.session, "INFO all"), "# Scripts\r\n"));
    run_command(server.session, "CONFIG RESETSTAT");
    assert_answer_holds(&server, "INFO scripts", "script_checks_undeclared_keys:0\r\n");
    server_fixture_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_declared_key_may_be_touched),
        cmocka_unit_test(an_undeclared_key_is_named_with_command_and_line),
        cmocka_unit_test(keys_that_only_the_arguments_tell_are_found),
        cmocka_unit_test(the_command_does_not_run),
        cmocka_unit_test(no_pcall_keeps_a_script_that_failed),
        cmocka_unit_test(keys_of_two_hash_slots_are_found_at_the_declaration),
        cmocka_unit_test(keys_of_two_hash_slots_are_found_at_the_call),
        cmocka_unit_test(a_script_that_says_so_may_cross_slots),
        cmocka_unit_test(a_global_that_pcall_hides_is_found),
        cmocka_unit_test(before_7_0_a_random_read_forbids_writes_where_scripts_are_replicated),
        cmocka_unit_test(from_7_0_on_a_random_read_forbids_nothing),
        cmocka_unit_test(switched_off_nothing_is_looked_at),
        cmocka_unit_test(info_tells_the_counts_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
