/* SPDX-License-Identifier: MIT */
/* Scripts that take long: others are served, and the script can be ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "script/interpreter.h"
#include "support/script_fixture.h"

static void kill_script(void *context)
{
    struct engine *engine = context;
    assert_true(interpreter_is_busy(engine));
    assert_int_equal(interpreter_kill(engine, INTERPRETER_SCRIPTS), INTERPRETER_KILLED);
}

static struct server_fixture *open_slow_server(struct server_fixture *server,
                                               void (*busy_turn)(void *context))
{
    server_fixture_open(server, (const char *const[]){"busy-reply-threshold", "1", NULL});
    server->engine->host.context = server->engine;
    server->engine->host.busy_turn = busy_turn;
    return server;
}

static void a_killed_script_ends_wherever_it_is(void **state)
{
    static const char *const scripts[] = {
        "while true do end",
        "while true do\npcall(function()\nwhile true do end\nend)\nend",
        "while true do pcall(function() while true do end end) end",
        "while true do pcall(pcall, pcall, function() while true do end end) end",
        "while true do xpcall(function() while true do end end, function(e) return e end) end",
        "while true do xpcall(function() while true do end end, function() while true do end end) "
        "end",
        "local function f() pcall(f) f() end f()",
        "local function f() return load(f) end f()\nreturn 1",
        "coroutine.wrap(function() while true do redis.call('ping') end end)()",
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
        "local c = coroutine.create(function() while true do pcall(coroutine.yield) end end) "
        "while true do pcall(coroutine.resume, c) end",
        "local c = {} for i = 1, 50 do c[i] = coroutine.create(function() while true do "
        "pcall(function() while true do if i == 25 then while true do end end "
        "coroutine.resume(c[i + 1]) end end) end end) end while true do "
        "pcall(coroutine.resume, c[1]) end",
        "coroutine.wrap(function() coroutine.wrap(function() while true do pcall(function() while "
        "true do end end) end end)() end)()",
        "(('x'):rep(1e6)):gsub('x', function() while true do end end)",
        "table.sort({1, 2, 3}, function() while true do end end)",
        "load(function() while true do end end)\nreturn 1",
        "setmetatable({}, {__newindex = function() while true do end end}).x = 1",
        "while true do redis.pcall('nosuch') end",
        "repeat local ok = pcall(error) until false",
        "local function f(...) return f(1, ...) end return f()",
        "while true do local s = ('x'):rep(1e6) end",
    };
    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        struct server_fixture server;
        open_slow_server(&server, kill_script);
        const char *reply = script_fixture_eval(&server, scripts[i]);
        if (!strstr(reply, "-ERR Script killed by user with SCRIPT KILL... script: "))
            fail_msg("%s: %.300s", scripts[i], reply);
        expect_reply(&server, "EVAL \"return 1\" 0", ":1\r\n");
        server_fixture_close(&server);
    }
}

static void refuse_to_kill(void *context)
{
    struct engine *engine = context;
    assert_int_equal(interpreter_kill(engine, INTERPRETER_SCRIPTS), INTERPRETER_UNKILLABLE);
}

static void a_script_that_wrote_cannot_be_killed(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *const[]){"busy-reply-threshold", "1", NULL});
    server.engine->host.context = server.engine;
    server.engine->host.busy_turn = refuse_to_kill;
    expect_reply(&server,
                 "EVAL \"redis.call('set', 'k', 'v') for i = 1, 1e7 do end return 'done'\" 0",
                 "$4\r\ndone\r\n");
    server_fixture_close(&server);
}

static void run_another(void *context)
{
    struct session *other = context;
    expect_session_reply(other, "EVAL \"return 1\" 0",
                         "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or "
                         "SHUTDOWN NOSAVE.\r\n");
}

static void no_second_script_starts_within_a_slow_one(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *const[]){"busy-reply-threshold", "1", NULL});
    struct session *other = server_fixture_session(&server);
    server.engine->host.context = other;
    server.engine->host.busy_turn = run_another;
    expect_reply(&server, "EVAL \"for i = 1, 1e7 do end return 'done'\" 0", "$4\r\ndone\r\n");
    session_free(other);
    server_fixture_close(&server);
}

struct visit {
    struct server_fixture *server;
    struct session *other;
    int64_t start_us;
};

static void visit_later(void *context)
{
    struct visit *visit = context;
    virtual_clock_advance(&visit->server->clock, 5000);
    expect_session_reply(visit->other, "AUTH x y",
                         "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    assert_int_equal(visit->other->active_us, clock_now_us(&visit->server->clock.clock));
    assert_true(visit->other->active_us >= visit->start_us + 5000000);
}

static void others_see_time_pass_and_the_script_does_not(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *const[]){"busy-reply-threshold", "1", NULL});
    struct visit visit = {&server, server_fixture_session(&server),
                          clock_now_us(&server.clock.clock)};
    server.engine->host.context = &visit;
    server.engine->host.busy_turn = visit_later;
    expect_reply(&server, "SET soon v PX 100", "+OK\r\n");
    expect_true(&server, "(function() local t = redis.call('time') for i = 1, 1e7 do end "
                         "local u = redis.call('time') return t[1] == u[1] and t[2] == u[2] and "
                         "redis.call('get', 'soon') == 'v' and redis.call('pttl', 'soon') == 100 "
                         "end)()");
    expect_reply(&server, "GET soon", "$-1\r\n");
    assert_true(clock_now_us(&server.clock.clock) >= visit.start_us + 5000000);
    session_free(visit.other);
    server_fixture_close(&server);
}

static void stop_server(void *context)
{
    ((struct engine *)context)->is_stopping = true;
}

static void a_script_ends_with_the_server(void **state)
{
    struct server_fixture server;
    (void)state;
    open_slow_server(&server, stop_server);
    const char *reply =
        script_fixture_eval(&server, "redis.call('set', 'k', 1) while true do pcall(function() "
                                     "while true do end end) end");
    assert_non_null(strstr(reply, "-ERR Script killed by user"));
    server_fixture_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_script_ends_wherever_it_is),
        cmocka_unit_test(a_script_that_wrote_cannot_be_killed),
        cmocka_unit_test(no_second_script_starts_within_a_slow_one),
        cmocka_unit_test(others_see_time_pass_and_the_script_does_not),
        cmocka_unit_test(a_script_ends_with_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
