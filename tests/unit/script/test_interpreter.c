/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "script/interpreter.h"
#include "support/server_fixture.h"

static void open_server(struct server_fixture *server)
{
    server_fixture_open(server, NULL);
}

static void a_script_gets_keys_and_arguments(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "EVAL \"return {KEYS[1], ARGV[1], #KEYS, #ARGV}\" 1 k a b",
                 "*4\r\n$1\r\nk\r\n$1\r\na\r\n:1\r\n:2\r\n");
    expect_reply(&server, "EVAL \"return {#KEYS, #ARGV}\" 0", "*2\r\n:0\r\n:0\r\n");
    server_fixture_close(&server);
}

static void a_loaded_script_runs_by_its_sum_in_either_case(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "SCRIPT LOAD \"return 1\"",
                 "$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n");
    expect_reply(&server, "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0", ":1\r\n");
    expect_reply(&server, "EVALSHA E0E1F9FABFC9D4800C877A703B823AC0578FF8DB 0", ":1\r\n");
    expect_reply(&server, "SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db x",
                 "*2\r\n:1\r\n:0\r\n");
    server_fixture_close(&server);
}

static void an_evaluated_script_is_cached_once(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "EVAL \"return 1\" 0", ":1\r\n");
    expect_reply(&server, "EVAL \"return 1\" 0", ":1\r\n");
    expect_reply(&server, "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0", ":1\r\n");
    assert_int_equal(interpreter_script_count(server.engine->interpreter), 1);
    server_fixture_close(&server);
}

static void a_flush_forgets_scripts_and_frees_the_state(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    assert_int_equal(interpreter_vm_memory(server.engine->interpreter), 0);
    expect_reply(&server, "EVAL \"return 1\" 0", ":1\r\n");
    assert_true(interpreter_vm_memory(server.engine->interpreter) > 0);
    expect_reply(&server, "SCRIPT FLUSH", "+OK\r\n");
    assert_int_equal(interpreter_vm_memory(server.engine->interpreter), 0);
    expect_reply(&server, "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0",
                 "-NOSCRIPT No matching script. Please use EVAL.\r\n");
    expect_reply(&server, "EVAL \"return 2\" 0", ":2\r\n");
    server_fixture_close(&server);
}

static void expect_cached(struct server_fixture *server, const char *script, bool is_cached)
{
    char sha[DIGEST_SHA1_HEX_SIZE + 1];
    digest_sha1_hex(bytes_of_string(script), sha);
    struct bytes name = bytes_of(sha, DIGEST_SHA1_HEX_SIZE);
    assert_int_equal(interpreter_exists(server->engine->interpreter, name), is_cached);
}

static void eval_numbers(struct server_fixture *server, int first, int last)
{
    for (int i = first; i <= last; i++) {
        char line[60];
        snprintf(line, sizeof line, "EVAL \"return %d\" 0", i);
        run_command(server->session, line);
    }
}

static void the_scripts_of_eval_make_room_for_one_another(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *const[]){"emulate", "7.4", NULL});
    run_command(server.session, "SCRIPT LOAD \"return 'kept'\"");
    eval_numbers(&server, 1, 500);
    assert_int_equal(interpreter_script_count(server.engine->interpreter), 501);
    expect_reply(&server, "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0", ":1\r\n");
    run_command(server.session, "SCRIPT LOAD \"return 2\""); /* out of the list */
    run_command(server.session, "EVAL \"return 3\" 0");
    eval_numbers(&server, 501, 503);
    assert_int_equal(interpreter_script_count(server.engine->interpreter), 502);
    assert_int_equal(server.engine->stats.evicted_scripts, 2);
    expect_cached(&server, "return 'kept'", true);
    expect_cached(&server, "return 1", true);
    expect_cached(&server, "return 2", true);
    expect_cached(&server, "return 3", true);
    expect_cached(&server, "return 4", false);
    expect_cached(&server, "return 5", false);
    expect_cached(&server, "return 6", true);
    expect_reply(&server, "EVAL \"return 4\" 0", ":4\r\n");
    eval_numbers(&server, 1000, 3000);
    assert_int_equal(interpreter_script_count(server.engine->interpreter), 502);
    expect_reply(&server, "EVAL \"return 3\" 0", ":3\r\n");
    expect_reply(&server, "SCRIPT FLUSH", "+OK\r\n");
    eval_numbers(&server, 1, 10);
    assert_int_equal(interpreter_script_count(server.engine->interpreter), 10);
    server_fixture_close(&server);
}

static void before_7_4_all_scripts_stay(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server); /* 7.2 */
    eval_numbers(&server, 1, 1000);
    assert_int_equal(interpreter_script_count(server.engine->interpreter), 1000);
    server_fixture_close(&server);
}

static void a_script_that_does_not_compile_is_not_cached(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "SCRIPT LOAD \"return (\"",
                 "-ERR Error compiling script (new function): user_script:1: unexpected symbol "
                 "near '<eof>'\r\n");
    assert_int_equal(interpreter_script_count(server.engine->interpreter), 0);
    server_fixture_close(&server);
}

static void wrong_key_counts_are_refused(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "EVAL \"return 1\" x",
                 "-ERR value is not an integer or out of range\r\n");
    expect_reply(&server, "EVAL \"return 1\" -1", "-ERR Number of keys can't be negative\r\n");
    expect_reply(&server, "EVAL \"return 1\" 2 k",
                 "-ERR Number of keys can't be greater than number of args\r\n");
    server_fixture_close(&server);
}

static void an_error_names_the_script_and_its_line(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "EVAL \"\\n\\nerror('boom')\" 0",
                 "-ERR user_script:3: boom script: "
                 "5d281ae492bac8794e282be2db21b8c24cd536a5, on @user_script:3.\r\n");
    expect_reply(
        &server, "EVAL \"error({err = 'MY own'})\" 0",
        "-MY own script: d9985da68482da8fa8612170a35e52c2402bcd19, on @user_script:1.\r\n");
    server_fixture_close(&server);
}

static void a_failed_call_raises_and_pcall_returns_the_error(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "SET k abc", "+OK\r\n");
    expect_reply(&server, "EVAL \"return redis.pcall('incr', 'k')\" 0",
                 "-ERR value is not an integer or out of range\r\n");
    expect_reply(&server, "EVAL \"return pcall(redis.call, 'incr', 'k') == false\" 0", ":1\r\n");
    const char *reply = run_command(server.session, "EVAL \"redis.call('incr', 'k')\" 0");
    assert_non_null(strstr(reply, "-ERR value is not an integer or out of range script: "));
    server_fixture_close(&server);
}

static void the_callers_database_is_where_a_script_starts_and_stays(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "SELECT 3", "+OK\r\n");
    expect_reply(&server, "SET k three", "+OK\r\n");
    expect_reply(&server, "EVAL \"return redis.call('get', 'k')\" 0", "$5\r\nthree\r\n");
    expect_reply(&server, "EVAL \"redis.call('select', 5) redis.call('set', 'k', 'five')\" 0",
                 "$-1\r\n");
    expect_reply(&server, "GET k", "$5\r\nthree\r\n");
    server_fixture_close(&server);
}

static void setresp_lasts_for_one_run(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "EVAL \"redis.setresp(3) return type(redis.call('get', 'k'))\" 0",
                 "$3\r\nnil\r\n");
    expect_reply(&server, "EVAL \"return type(redis.call('get', 'k'))\" 0", "$7\r\nboolean\r\n");
    server_fixture_close(&server);
}

static void a_read_only_run_refuses_writes(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "EVAL_RO \"return redis.pcall('set', 'k', 'v')\" 0",
                 "-ERR Write commands are not allowed from read-only scripts.\r\n");
    expect_reply(&server, "EVAL \"#!lua flags=no-writes\\nreturn redis.pcall('set', 'k', 'v')\" 0",
                 "-ERR Write commands are not allowed from read-only scripts.\r\n");
    expect_reply(&server, "EVAL_RO \"#!lua\\nreturn 1\" 0",
                 "-ERR Can not execute a script with write flag using *_ro command.\r\n");
    expect_reply(&server, "EXISTS k", ":0\r\n");
    server_fixture_close(&server);
}

static void a_script_does_not_begin_to_write_when_memory_is_full(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *const[]){"maxmemory", "1", NULL});
    const char *reply =
        run_command(server.session, "EVAL \"return redis.call('set', 'k', 'v')\" 0");
    const char *refused = "-OOM command not allowed when used memory > 'maxmemory'.";
    assert_ptr_equal(strstr(reply, refused), reply);
    expect_reply(&server, "EVAL \"redis.call('del', 'k') return redis.call('set', 'k', 'v')\" 0",
                 "+OK\r\n");
    expect_reply(&server, "EVAL \"return redis.call('get', 'k')\" 0", "$1\r\nv\r\n");
    reply = run_command(server.session, "EVAL \"#!lua\nreturn 1\" 0");
    assert_ptr_equal(strstr(reply, refused), reply);
    expect_reply(&server, "EVAL \"#!lua flags=allow-oom\nreturn redis.call('set', 'k', 'w')\" 0",
                 "+OK\r\n");
    expect_reply(&server, "EVAL \"#!lua flags=no-writes\nreturn 1\" 0", ":1\r\n");
    server_fixture_close(&server);
}

static void a_bad_shebang_is_refused(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "EVAL \"#!python\\nreturn 1\" 0",
                 "-ERR Unexpected engine in script shebang: #!python\r\n");
    expect_reply(&server, "EVAL \"#!lua flags=foo\\nreturn 1\" 0",
                 "-ERR Unexpected flag in script shebang: foo\r\n");
    expect_reply(&server, "EVAL \"#!lua name=x\\nreturn 1\" 0",
                 "-ERR Unknown lua shebang option: name=x\r\n");
    expect_reply(&server, "EVAL \"#!lua flags=no-writes \\\"x\\nreturn 1\" 0",
                 "-ERR Invalid engine in script shebang\r\n");
    expect_reply(&server, "EVAL \"#!lua\" 0", "-ERR Invalid script shebang\r\n");
    server_fixture_close(&server);
}

static void numbers_become_arguments_as_in_the_emulated_version(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *const[]){"emulate", "7.0", NULL});
    expect_reply(&server, "EVAL \"redis.call('set', 'k', 1e17) return redis.call('get', 'k')\" 0",
                 "$5\r\n1e+17\r\n");
    expect_reply(&server, "EVAL \"redis.call('set', 'k', 0.1) return redis.call('get', 'k')\" 0",
                 "$19\r\n0.10000000000000001\r\n");
    expect_reply(&server, "EVAL \"redis.call('set', 'k', -0) return redis.call('get', 'k')\" 0",
                 "$2\r\n-0\r\n");
    server_fixture_close(&server);
    server_fixture_open(&server, (const char *const[]){"emulate", "7.2", NULL});
    expect_reply(&server, "EVAL \"redis.call('set', 'k', 0.1) return redis.call('get', 'k')\" 0",
                 "$3\r\n0.1\r\n");
    expect_reply(&server, "EVAL \"redis.call('set', 'k', 2^51) return redis.call('get', 'k')\" 0",
                 "$16\r\n2251799813685248\r\n");
    server_fixture_close(&server);
}

static void thousands_of_arguments_reach_the_command(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server,
                 "EVAL \"local t = {} for i = 1, 7990 do t[i] = 'x' end "
                 "redis.call('set', 'x', 1) return redis.call('exists', unpack(t))\" 0",
                 ":7990\r\n");
    expect_reply(&server,
                 "EVAL \"local t = {} for i = 1, 3000 do t[i] = i end "
                 "return #redis.call('mget', unpack(t))\" 0",
                 ":3000\r\n");
    server_fixture_close(&server);
}

static void a_reply_nested_too_deeply_ends_in_an_error(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    const char *reply = run_command(
        server.session, "EVAL \"local t = {} for i = 1, 9000 do t = {t} end return t\" 0");
    assert_int_equal(strlen(reply), 7995 * 4 + strlen("-ERR reached lua stack limit\r\n"));
    server_fixture_close(&server);
}

static void errors_count_once_whoever_passes_them_on(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "SET k abc", "+OK\r\n");
    uint64_t before = server.engine->stats.error_replies;
    run_command(server.session, "EVAL \"redis.call('incr', 'k')\" 0");
    assert_int_equal(server.engine->stats.error_replies - before, 1);
    run_command(server.session, "EVAL \"return redis.pcall('incr', 'k')\" 0");
    assert_int_equal(server.engine->stats.error_replies - before, 2);
    run_command(server.session, "EVAL \"redis.pcall('incr', 'k') error('own')\" 0");
    assert_int_equal(server.engine->stats.error_replies - before, 4);
    run_command(server.session, "EVAL \"redis.pcall('nosuch')\" 0");
    assert_int_equal(server.engine->stats.error_replies - before, 5);
    server_fixture_close(&server);
}

static void random_numbers_are_those_of_redis(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "EVAL \"return tostring(math.random())\" 0",
                 "$16\r\n0.39646477363839\r\n");
    expect_reply(&server, "EVAL \"math.randomseed(42) return tostring(math.random())\" 0",
                 "$16\r\n0.74452500033403\r\n");
    interpreter_reset(server.engine->interpreter);
    expect_reply(&server, "EVAL \"return tostring(math.random())\" 0",
                 "$16\r\n0.39646477363839\r\n");
    server_fixture_close(&server);
}

static void two_engines_have_scripts_of_their_own(void **state)
{
    struct server_fixture one;
    struct server_fixture two;
    (void)state;
    open_server(&one);
    open_server(&two);
    expect_reply(&one, "SCRIPT LOAD \"return 1\"",
                 "$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n");
    expect_reply(&two, "SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "*1\r\n:0\r\n");
    expect_reply(&one, "EVAL \"return redis.call('set', 'k', 'v')\" 0", "+OK\r\n");
    expect_reply(&two, "EVAL \"return redis.call('get', 'k')\" 0", "$-1\r\n");
    server_fixture_close(&one);
    server_fixture_close(&two);
}

static void garbage_is_collected_between_runs(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    for (int i = 0; i < 3000; i++)
        run_command(server.session,
                    "EVAL \"collectgarbage('stop') return #('x'):rep(10000 + #ARGV)\" 0 a");
    assert_true(interpreter_vm_memory(server.engine->interpreter) < (size_t)16 << 20);
    server_fixture_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_script_gets_keys_and_arguments),
        cmocka_unit_test(a_loaded_script_runs_by_its_sum_in_either_case),
        cmocka_unit_test(an_evaluated_script_is_cached_once),
        cmocka_unit_test(a_flush_forgets_scripts_and_frees_the_state),
        cmocka_unit_test(the_scripts_of_eval_make_room_for_one_another),
        cmocka_unit_test(before_7_4_all_scripts_stay),
        cmocka_unit_test(a_script_that_does_not_compile_is_not_cached),
        cmocka_unit_test(wrong_key_counts_are_refused),
        cmocka_unit_test(an_error_names_the_script_and_its_line),
        cmocka_unit_test(a_failed_call_raises_and_pcall_returns_the_error),
        cmocka_unit_test(the_callers_database_is_where_a_script_starts_and_stays),
        cmocka_unit_test(setresp_lasts_for_one_run),
        cmocka_unit_test(a_read_only_run_refuses_writes),
        cmocka_unit_test(a_script_does_not_begin_to_write_when_memory_is_full),
        cmocka_unit_test(a_bad_shebang_is_refused),
        cmocka_unit_test(numbers_become_arguments_as_in_the_emulated_version),
        cmocka_unit_test(thousands_of_arguments_reach_the_command),
        cmocka_unit_test(a_reply_nested_too_deeply_ends_in_an_error),
        cmocka_unit_test(errors_count_once_whoever_passes_them_on),
        cmocka_unit_test(random_numbers_are_those_of_redis),
        cmocka_unit_test(two_engines_have_scripts_of_their_own),
        cmocka_unit_test(garbage_is_collected_between_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
