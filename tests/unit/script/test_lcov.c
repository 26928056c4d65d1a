/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "script/coverage.h"
#include "script/interpreter.h"
#include "script/lcov.h"
#include "support/server_fixture.h"

static void open_server(struct server_fixture *server)
{
    static const char *const options[] = {"script-coverage", "unused.info", NULL};
    server_fixture_open(server, options);
    run_command(server->session, "EVAL \"local function f()\n  return 7\nend\nif KEYS[1] then\n  "
                                 "return f()\nend\" 0");
}

static void a_record_has_functions_and_lines(void **state)
{
    struct server_fixture server;
    struct buffer out = {0};
    (void)state;
    open_server(&server);
    const struct coverage *coverage = interpreter_coverage(server.engine->interpreter);
    lcov_append(&out, coverage_unit(coverage, 0), "/a/f.lua");
    buffer_append_byte(&out, '\0');
    assert_string_equal(out.data, "TN:\nSF:/a/f.lua\nFN:1,f\nFNDA:0,f\nFNF:1\nFNH:0\n"
                                  "DA:2,0\nDA:3,1\nDA:4,1\nDA:5,0\nDA:6,1\n"
                                  "LF:5\nLH:3\nend_of_record\n");
    buffer_clear(&out);
    server_fixture_close(&server);
}

static void what_cannot_be_written_is_told(void **state)
{
    struct server_fixture server;
    char error[LCOV_ERROR_SIZE];
    (void)state;
    open_server(&server);
    const struct coverage *coverage = interpreter_coverage(server.engine->interpreter);
    assert_false(lcov_write(coverage, "/nonexistent/lua.info", "", error));
    assert_string_equal(error, "cannot write /nonexistent/lua.info.scripts: No such file or "
                               "directory");
    server_fixture_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_has_functions_and_lines),
        cmocka_unit_test(what_cannot_be_written_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
