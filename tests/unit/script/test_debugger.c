/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "engine/blocking.h"
#include "resp/request_parser.h"
#include "script/debugger.h"
#include "support/server_fixture.h"

/* A client that types lines, and what it was sent. The stream ends behind the last line. */
struct typist {
    const char *const *lines; /* ends with NULL */
    struct buffer said;
    struct session *other; /* its request comes while the first line is waited for */
    const char *others_line;
    bool stops_server;
};

struct fixture {
    struct server_fixture server;
    struct session *session; /* has a stream */
    struct typist typist;
};

static void ignore(struct session *session)
{
    (void)session;
}

static const struct session_transport transport = {
    .converses = true, .unblocked = ignore, .output_ready = ignore, .close_requested = ignore};

static void type_line(const char *line, struct buffer *input)
{
    struct request request = {0};
    CHECK(request_split_line(bytes_of_string(line), &request));
    buffer_append_format(input, "*%d\r\n", request.argc);
    for (int i = 0; i < request.argc; i++)
        buffer_append_format(input, "$%zu\r\n%.*s\r\n", request.argv[i].size,
                             BYTES_PRINT(request.argv[i]));
    request_clear(&request);
}

static bool converse(void *context, struct session *session, struct bytes output,
                     struct buffer *input, bool waits)
{
    struct typist *typist = context;
    (void)session;
    buffer_append_bytes(&typist->said, output);
    if (!waits)
        return true;
    if (typist->others_line)
        run_command(typist->other, typist->others_line);
    typist->others_line = NULL;
    if (typist->stops_server)
        session->engine->is_stopping = true;
    if (!*typist->lines)
        return false;
    type_line(*typist->lines++, input);
    return true;
}

static void open_fixture(struct fixture *fixture)
{
    *fixture = (struct fixture){0};
    server_fixture_open(&fixture->server, NULL);
    fixture->server.engine->host.converse = converse;
    fixture->server.engine->host.context = &fixture->typist;
    fixture->session = session_new(fixture->server.engine, &transport, NULL);
}

static void close_fixture(struct fixture *fixture)
{
    buffer_clear(&fixture->typist.said);
    session_free(fixture->session);
    server_fixture_close(&fixture->server);
}

/* Runs EVAL <script> 0 with these lines typed, and gives the script's own reply. */
static const char *debug(struct fixture *fixture, const char *mode, const char *script,
                         const char *const *lines)
{
    struct buffer command = {0};
    fixture->typist.lines = lines;
    fixture->typist.said.size = 0;
    buffer_append_format(&command, "SCRIPT DEBUG %s", mode);
    buffer_append_byte(&command, '\0');
    fixture->session->output.size = 0;
    assert_string_equal(run_command(fixture->session, command.data), "+OK\r\n");
    fixture->session->output.size = 0;
    struct bytes argv[] = {BYTES_LITERAL("EVAL"), bytes_of_string(script), BYTES_LITERAL("0")};
    session_execute(fixture->session, argv, 3);
    buffer_clear(&command);
    *buffer_reserve(&fixture->session->output, 1) = '\0';
    *buffer_reserve(&fixture->typist.said, 1) = '\0';
    return fixture->session->output.data;
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void it_stops_at_each_line_and_shows_calls(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    const char *reply =
        debug(&fixture, "YES", "redis.call('set', 'k', 'v')\nreturn 1", LINES("s", "s"));
    assert_string_equal(reply, ":1\r\n");
    assert_string_equal(fixture.typist.said.data,
                        "*2\r\n+* Stopped at 1, stop reason = step over\r\n"
                        "+-> 1   redis.call('set', 'k', 'v')\r\n"
                        "*4\r\n+<redis> set k v\r\n+<reply> \"+OK\"\r\n"
                        "+* Stopped at 2, stop reason = step over\r\n+-> 2   return 1\r\n"
                        "*1\r\n+<endsession>\r\n");
    assert_true(fixture.session->flags & SESSION_CLOSE_AFTER_REPLY);
    close_fixture(&fixture);
}

static void what_it_changed_is_undone_unless_it_is_in_sync_mode(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    assert_string_equal(debug(&fixture, "YES", "return redis.call('incr', 'n')", LINES("c")),
                        ":1\r\n");
    assert_false(fixture.server.engine->is_trial);
    expect_reply(&fixture.server, "EXISTS n", ":0\r\n");
    fixture.session->flags = SESSION_AUTHENTICATED;
    assert_string_equal(debug(&fixture, "SYNC", "return redis.call('incr', 'n')", LINES("c")),
                        ":1\r\n");
    expect_reply(&fixture.server, "GET n", "$1\r\n1\r\n");
    close_fixture(&fixture);
}

static void without_a_client_it_is_aborted_and_undone(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    debug(&fixture, "YES", "redis.call('incr', 'n')\nwhile true do\npcall(redis.call, 'x')\nend",
          LINES("s", "s"));
    assert_true(fixture.session->flags & SESSION_CLOSE_NOW);
    assert_null(strstr(fixture.typist.said.data, "<endsession>"));
    expect_reply(&fixture.server, "EXISTS n", ":0\r\n");
    close_fixture(&fixture);
}

static void without_a_client_it_runs_on_in_sync_mode(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    debug(&fixture, "SYNC", "local a = 1\nredis.breakpoint()\nreturn redis.call('incr', 'n')",
          LINES("b 3"));
    expect_reply(&fixture.server, "GET n", "$1\r\n1\r\n");
    close_fixture(&fixture);
}

static void requests_of_others_wait_and_come_behind(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct session *other = server_fixture_session(&fixture.server);
    fixture.typist.other = other;
    fixture.typist.others_line = "INCR n";
    debug(&fixture, "SYNC", "return redis.call('incr', 'n')", LINES("c"));
    assert_non_null(other->blocked);
    assert_int_equal(other->output.size, 0);
    blocking_resume(fixture.server.engine);
    assert_null(other->blocked);
    assert_memory_equal(other->output.data, ":2\r\n", 4);
    session_free(other);
    close_fixture(&fixture);
}

static void script_kill_is_not_held(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    fixture.typist.other = server_fixture_session(&fixture.server);
    fixture.typist.others_line = "SCRIPT KILL";
    const char *reply =
        debug(&fixture, "YES", "redis.call('incr', 'n')\nreturn 1", LINES("s", "p", "p"));
    assert_non_null(strstr(reply, "Script killed by user"));
    assert_memory_equal(fixture.typist.other->output.data, "+OK\r\n", 5);
    session_free(fixture.typist.other);
    close_fixture(&fixture);
}

static void a_server_that_stops_ends_it(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    fixture.typist.stops_server = true;
    debug(&fixture, "SYNC", "redis.call('incr', 'n')\nreturn 1", LINES("s", "s"));
    expect_reply(&fixture.server, "EXISTS n", ":0\r\n");
    close_fixture(&fixture);
}

static void an_abort_can_be_caught_as_in_redis(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    const char *reply =
        debug(&fixture, "YES", "return pcall(function()\nlocal a = 1\nend) and 1 or 2",
              LINES("b 2", "c", "a", "c"));
    assert_string_equal(reply, ":2\r\n");
    close_fixture(&fixture);
}

static void sessions_without_a_stream_are_refused(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    expect_reply(&fixture.server, "SCRIPT DEBUG YES",
                 "-ERR SCRIPT DEBUG must be called outside a pipeline\r\n");
    expect_reply(&fixture.server, "SCRIPT DEBUG NO", "+OK\r\n");
    expect_reply(&fixture.server, "EVAL \"return redis.breakpoint()\" 0", "$-1\r\n");
    expect_reply(&fixture.server, "EVAL \"return redis.debug(1)\" 0", "$-1\r\n");
    close_fixture(&fixture);
}

static void a_script_is_compiled_only_for_its_session(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    debug(&fixture, "YES", "return 1", LINES("c"));
    expect_reply(&fixture.server, "SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db",
                 "*1\r\n:0\r\n");
    expect_reply(&fixture.server, "EVAL \"return 1\" 0", ":1\r\n");
    fixture.session->flags = SESSION_AUTHENTICATED;
    debug(&fixture, "YES", "return 1", LINES("c"));
    expect_reply(&fixture.server, "SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db",
                 "*1\r\n:1\r\n");
    close_fixture(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stops_at_each_line_and_shows_calls),
        cmocka_unit_test(what_it_changed_is_undone_unless_it_is_in_sync_mode),
        cmocka_unit_test(without_a_client_it_is_aborted_and_undone),
        cmocka_unit_test(without_a_client_it_runs_on_in_sync_mode),
        cmocka_unit_test(requests_of_others_wait_and_come_behind),
        cmocka_unit_test(script_kill_is_not_held),
        cmocka_unit_test(a_server_that_stops_ends_it),
        cmocka_unit_test(an_abort_can_be_caught_as_in_redis),
        cmocka_unit_test(sessions_without_a_stream_are_refused),
        cmocka_unit_test(a_script_is_compiled_only_for_its_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
