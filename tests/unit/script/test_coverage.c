/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "script/coverage.h"
#include "script/interpreter.h"
#include "support/server_fixture.h"

static void open_server(struct server_fixture *server)
{
    static const char *const options[] = {"script-coverage", "unused.info", NULL};
    server_fixture_open(server, options);
}

static struct coverage *coverage_of(const struct server_fixture *server)
{
    return interpreter_coverage(server->engine->interpreter);
}

static const struct coverage_unit *first_unit(const struct server_fixture *server)
{
    assert_true(coverage_count(coverage_of(server)) > 0);
    return coverage_unit(coverage_of(server), 0);
}

static void without_the_option_nothing_is_counted(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    assert_null(coverage_of(&server));
    expect_reply(&server, "EVAL \"return 1\" 0", ":1\r\n");
    expect_reply(&server, "MOCK COVERAGE REPORT",
                 "-ERR MOCK COVERAGE needs a server that was started with --script-coverage "
                 "PATH\r\n");
    server_fixture_close(&server);
}

static void lines_are_counted(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server,
                 "EVAL \"local n = 0\nfor i = 1, 3 do\n  n = n + i\nend\nif n > 10 then\n  n = 0"
                 "\nend\nreturn n\" 0",
                 ":6\r\n");
    const struct coverage_unit *unit = first_unit(&server);
    assert_int_equal(unit->hits[1], 1);
    assert_int_equal(unit->hits[3], 3);
    assert_true(unit->has_code[6]);
    assert_int_equal(unit->hits[6], 0);
    assert_int_equal(unit->hits[8], 1);
    assert_int_equal(coverage_summary(unit).lines, 6);
    assert_int_equal(coverage_summary(unit).hit, 5);
    server_fixture_close(&server);
}

static void calls_of_functions_are_counted(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server,
                 "EVAL \"local function f(n)\n  return n\nend\nlocal function g()\nend\n"
                 "f(1)\nf(2)\nreturn f(3)\" 0",
                 ":3\r\n");
    const struct coverage_unit *unit = first_unit(&server);
    assert_int_equal(unit->function_count, 2);
    assert_string_equal(unit->functions[0].name, "f");
    assert_int_equal(unit->functions[0].calls, 3);
    assert_int_equal(unit->functions[1].calls, 0);
    server_fixture_close(&server);
}

static void coroutines_are_counted(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server,
                 "EVAL \"local step = coroutine.wrap(function()\n  coroutine.yield(1)\n  return 2\n"
                 "end)\nstep()\nreturn step()\" 0",
                 ":2\r\n");
    assert_int_equal(first_unit(&server)->hits[3], 1);
    server_fixture_close(&server);
}

static void code_that_the_script_loads_is_not_its_own(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "EVAL \"local f = loadstring(ARGV[1])\n\nreturn f()\" 0 '\nreturn 4'",
                 ":4\r\n");
    assert_int_equal(first_unit(&server)->hits[2], 0);
    server_fixture_close(&server);
}

static void counts_survive_a_flush_and_a_reset_of_the_server(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "EVAL \"return 1\" 0", ":1\r\n");
    expect_reply(&server, "SCRIPT FLUSH", "+OK\r\n");
    expect_reply(&server, "EVAL \"return 1\" 0", ":1\r\n");
    expect_reply(&server, "MOCK RESET", "+OK\r\n");
    expect_reply(&server, "EVAL \"return 1\" 0", ":1\r\n");
    assert_int_equal(coverage_count(coverage_of(&server)), 1);
    assert_int_equal(first_unit(&server)->hits[1], 3);
    server_fixture_close(&server);
}

static void a_killed_script_does_not_end_the_counting(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    run_command(server.session, "CONFIG SET script-checks error");
    run_command(server.session, "EVAL \"redis.call('GET', 'undeclared')\" 0");
    expect_reply(&server, "EVAL \"local x = 1\nreturn x\" 0", ":1\r\n");
    assert_int_equal(coverage_unit(coverage_of(&server), 1)->hits[2], 1);
    server_fixture_close(&server);
}

static void the_report_names_lines_that_did_not_run(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    run_command(server.session, "EVAL \"if ARGV[1] then\n  return 1\nend\" 0");
    expect_reply(&server, "MOCK COVERAGE REPORT",
                 "*4\r\n$7\r\nscripts\r\n*1\r\n*12\r\n"
                 "$3\r\nsha\r\n$40\r\n6b2f85d346ca2dea7e71c69e34744956430c8901\r\n"
                 "$6\r\nsource\r\n$-1\r\n$5\r\nlines\r\n:3\r\n$3\r\nhit\r\n:2\r\n"
                 "$7\r\npercent\r\n$4\r\n66.6\r\n$9\r\nuncovered\r\n*1\r\n:2\r\n"
                 "$5\r\ntotal\r\n*6\r\n$5\r\nlines\r\n:3\r\n$3\r\nhit\r\n:2\r\n"
                 "$7\r\npercent\r\n$4\r\n66.6\r\n");
    server_fixture_close(&server);
}

static void a_reset_counts_from_the_start(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "EVAL \"return 1\" 0", ":1\r\n");
    expect_reply(&server, "MOCK COVERAGE RESET", "+OK\r\n");
    assert_int_equal(coverage_total(coverage_of(&server)).hit, 0);
    assert_int_equal(coverage_total(coverage_of(&server)).lines, 1);
    expect_reply(&server, "EVAL \"return 1\" 0", ":1\r\n");
    assert_int_equal(coverage_total(coverage_of(&server)).hit, 1);
    server_fixture_close(&server);
}

static void wrong_options_are_refused(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "MOCK COVERAGE SHOW",
                 "-ERR MOCK COVERAGE has no option 'SHOW'. It takes REPORT, RESET or WRITE "
                 "[path]\r\n");
    expect_reply(&server, "MOCK COVERAGE RESET now",
                 "-ERR wrong number of arguments for 'mock|coverage' option RESET. It takes "
                 "REPORT, RESET or WRITE [path]\r\n");
    server_fixture_close(&server);
}

static void percents_are_rounded_down(void **state)
{
    (void)state;
    assert_int_equal(coverage_permille((struct coverage_summary){.lines = 3, .hit = 2}), 666);
    assert_int_equal(coverage_permille((struct coverage_summary){.lines = 9999, .hit = 9998}), 999);
    assert_int_equal(coverage_permille((struct coverage_summary){.lines = 2, .hit = 2}), 1000);
    assert_int_equal(coverage_permille((struct coverage_summary){0}), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_option_nothing_is_counted),
        cmocka_unit_test(lines_are_counted),
        cmocka_unit_test(calls_of_functions_are_counted),
        cmocka_unit_test(coroutines_are_counted),
        cmocka_unit_test(code_that_the_script_loads_is_not_its_own),
        cmocka_unit_test(counts_survive_a_flush_and_a_reset_of_the_server),
        cmocka_unit_test(a_killed_script_does_not_end_the_counting),
        cmocka_unit_test(the_report_names_lines_that_did_not_run),
        cmocka_unit_test(a_reset_counts_from_the_start),
        cmocka_unit_test(wrong_options_are_refused),
        cmocka_unit_test(percents_are_rounded_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
