/* SPDX-License-Identifier: MIT */
#include "script/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "script/coverage.h"
#include "script/library_dump.h"
#include "script/script_trace.h"
#include "support/server_fixture.h"

#define LOAD "FUNCTION LOAD \"#!lua name="

static void open_server(struct server_fixture *server)
{
    server_fixture_open(server, NULL);
}

static void open_impatient_server(struct server_fixture *server)
{
    server_fixture_open(server, (const char *const[]){"busy-reply-threshold", "1", NULL});
    server->engine->host.context = server->engine;
}

static void a_function_gets_keys_and_arguments(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server,
                 LOAD "l\\nredis.register_function('f', function(k, a) return {k[1], a[1], #k, #a} "
                      "end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server, "FCALL f 1 k a b", "*4\r\n$1\r\nk\r\n$1\r\na\r\n:1\r\n:2\r\n");
    server_fixture_close(&server);
}

static void names_of_functions_ignore_case_and_those_of_libraries_do_not(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, LOAD "l\\nredis.register_function('f', function() return 1 end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server, "FCALL F 0", ":1\r\n");
    expect_reply(&server, LOAD "L\\nredis.register_function('F', function() return 2 end)\"",
                 "-ERR Function F already exists\r\n");
    expect_reply(&server, LOAD "L\\nredis.register_function('G', function() return 2 end)\"",
                 "$1\r\nL\r\n");
    expect_reply(&server, "FUNCTION DELETE L", "+OK\r\n");
    expect_reply(&server, "FCALL f 0", ":1\r\n");
    server_fixture_close(&server);
}

static void of_two_names_that_differ_in_case_the_first_is_called(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server,
                 LOAD "l\\nredis.register_function('f', function() return 1 end) "
                      "redis.register_function('F', function() return 2 end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server, "FCALL F 0", ":1\r\n");
    assert_int_equal(library_function_count(server.engine->interpreter), 2);
    expect_reply(&server, "FUNCTION DELETE l", "+OK\r\n");
    expect_reply(&server, "FCALL f 0", "-ERR Function not found\r\n");
    assert_int_equal(library_function_count(server.engine->interpreter), 0);
    server_fixture_close(&server);
}

static void a_library_that_fails_leaves_all_as_it_was(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, LOAD "l\\nredis.register_function('f', function() return 1 end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server,
                 "FUNCTION LOAD REPLACE \"#!lua name=l\\nredis.register_function('g', "
                 "function() end) nosuch()\"",
                 "-ERR Error registering functions: ERR user_function:2: Script attempted to "
                 "access nonexistent global variable 'nosuch'\r\n");
    expect_reply(&server, "FCALL g 0", "-ERR Function not found\r\n");
    expect_reply(&server, "FCALL f 0", ":1\r\n");
    assert_int_equal(library_count(server.engine->interpreter), 1);
    server_fixture_close(&server);
}

static void the_globals_of_loading_are_gone_when_it_failed(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server,
                 LOAD "l\\nredis.register_function('f', function() return type(string) "
                      "end)\"",
                 "$1\r\nl\r\n");
    run_command(server.session, LOAD "m\\nnosuch()\"");
    run_command(server.session, LOAD "m\\nreturn (\"");
    expect_reply(&server, "FCALL f 0", "$5\r\ntable\r\n");
    server_fixture_close(&server);
}

static void scripts_and_functions_have_globals_of_their_own(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, "EVAL \"cjson.encode_sparse_array(true) return 1\" 1 k", ":1\r\n");
    expect_reply(&server,
                 LOAD "l\\nredis.register_function('f', function() return pcall(cjson.encode, "
                      "{[100] = 1}) end) redis.register_function('k', function() return KEYS "
                      "end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server, "FCALL f 0", "$-1\r\n");
    expect_reply(&server, "FCALL k 1 a",
                 "-ERR user_function:2: Script attempted to access nonexistent global variable "
                 "'KEYS' script: k, on @user_function:2.\r\n");
    server_fixture_close(&server);
}

static void scripts_and_functions_share_random_numbers(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server,
                 LOAD "l\\nredis.register_function('f', function() return "
                      "tostring(math.random()) end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server, "EVAL \"math.randomseed(42) return 1\" 0", ":1\r\n");
    expect_reply(&server, "FCALL f 0", "$16\r\n0.74452500033403\r\n");
    server_fixture_close(&server);
}

static void a_script_flush_leaves_libraries_alone(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, LOAD "l\\nredis.register_function('f', function() return 1 end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server, "EVAL \"return 1\" 0", ":1\r\n");
    expect_reply(&server, "SCRIPT FLUSH", "+OK\r\n");
    expect_reply(&server, "FLUSHALL", "+OK\r\n");
    expect_reply(&server, "FCALL f 0", ":1\r\n");
    server_fixture_close(&server);
}

static void a_flush_forgets_libraries_and_frees_their_state(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    assert_int_equal(library_vm_memory(server.engine->interpreter), 0);
    expect_reply(&server, LOAD "l\\nredis.register_function('f', function() return 1 end)\"",
                 "$1\r\nl\r\n");
    assert_true(library_vm_memory(server.engine->interpreter) > 0);
    expect_reply(&server, "FUNCTION FLUSH", "+OK\r\n");
    assert_int_equal(library_vm_memory(server.engine->interpreter), 0);
    assert_null(library_first(server.engine->interpreter));
    expect_reply(&server, LOAD "l\\nredis.register_function('f', function() return 2 end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server, "FCALL f 0", ":2\r\n");
    server_fixture_close(&server);
}

static void a_reset_forgets_libraries(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, LOAD "l\\nredis.register_function('f', function() return 1 end)\"",
                 "$1\r\nl\r\n");
    interpreter_reset(server.engine->interpreter);
    expect_reply(&server, "FCALL f 0", "-ERR Function not found\r\n");
    server_fixture_close(&server);
}

static void libraries_come_in_the_order_of_their_loading(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    for (char name = 'e'; name >= 'a'; name--) {
        char line[128];
        snprintf(line, sizeof line, LOAD "%c\\nredis.register_function('%c', function() end)\"",
                 name, name);
        run_command(server.session, line);
    }
    const struct library *library = library_first(server.engine->interpreter);
    for (char name = 'e'; name >= 'a'; name--, library = library_next(library)) {
        assert_non_null(library);
        assert_memory_equal(library_name(library).data, &name, 1);
        assert_int_equal(library_size(library), 1);
        struct bytes function = library_function_name(library_function(library, 0));
        assert_memory_equal(function.data, &name, 1);
        assert_memory_equal(library_code(library).data, "#!lua name=", 11);
    }
    assert_null(library);
    server_fixture_close(&server);
}

static void callbacks_of_deleted_libraries_are_collected(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    const char *load = "FUNCTION LOAD REPLACE \"#!lua name=l\\nlocal s = ('x'):rep(100000) "
                       "redis.register_function('f', function() return #s end)\"";
    for (int i = 0; i < 1000; i++)
        expect_reply(&server, load, "$1\r\nl\r\n");
    expect_reply(&server, "FCALL f 0", ":100000\r\n");
    assert_true(library_vm_memory(server.engine->interpreter) < (size_t)16 << 20);
    server_fixture_close(&server);
}

static void a_library_that_takes_too_much_memory_is_refused(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    const char *reply = run_command(server.session, LOAD
                                    "l\\nlocal d = ('x'):rep(1e7) for i = 1, 1e5 do "
                                    "redis.register_function{function_name = 'f' .. i, callback = "
                                    "function() end, description = d} end\"");
    assert_true(strstr(reply, "not enough memory") || strstr(reply, "timeout")); /* if slow */
    expect_reply(&server, LOAD "l\\nredis.register_function('f', function() return 1 end)\"",
                 "$1\r\nl\r\n");
    server_fixture_close(&server);
}

static void a_library_that_loads_for_too_long_is_ended(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server, LOAD "l\\nwhile true do end\"",
                 "-ERR Error registering functions: ERR FUNCTION LOAD timeout\r\n");
    expect_reply(&server, LOAD "l\\nredis.register_function('f', function() return 1 end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server, "FCALL f 0", ":1\r\n");
    server_fixture_close(&server);
}

/* --- busy --- */

static void kill_function(void *context)
{
    struct engine *engine = context;
    assert_true(interpreter_is_busy(engine));
    assert_int_equal(interpreter_kill(engine, INTERPRETER_SCRIPTS), INTERPRETER_OTHER_KIND);
    assert_int_equal(interpreter_kill(engine, INTERPRETER_FUNCTIONS), INTERPRETER_KILLED);
}

static void expect_killed(struct server_fixture *server, const char *body)
{
    char line[512];
    snprintf(line, sizeof line,
             "FUNCTION LOAD REPLACE \"#!lua name=l\\nredis.register_function('f', function()\\n"
             "%s\\nend) redis.register_function('g', function() return 1 end)\"",
             body);
    expect_reply(server, line, "$1\r\nl\r\n");
    const char *killed = "-ERR Script killed by user with SCRIPT KILL... script: f, on ";
    const char *reply = run_command(server->session, "FCALL f 0");
    assert_ptr_equal(strstr(reply, killed), reply);
    expect_reply(server, "FCALL g 0", ":1\r\n");
}

static void a_killed_function_ends_whatever_it_is_in(void **state)
{
    struct server_fixture server;
    (void)state;
    open_impatient_server(&server);
    server.engine->host.busy_turn = kill_function;
    expect_killed(&server, "while true do end");
    expect_killed(&server, "while true do\\npcall(function()\\nwhile true do end\\nend)\\nend");
    expect_killed(&server, "coroutine.wrap(function() while true do redis.call('ping') end end)()");
    expect_killed(&server, "while true do\\nlocal c = coroutine.create(function()\\n"
                           "while true do end\\nend)\\ncoroutine.resume(c)\\nend");
    expect_killed(&server, "xpcall(function()\\nwhile true do end\\nend, function()\\n"
                           "while true do end\\nend)\\nwhile true do end");
    server_fixture_close(&server);
}

static void kill_script_only(void *context)
{
    struct engine *engine = context;
    assert_int_equal(interpreter_kill(engine, INTERPRETER_FUNCTIONS), INTERPRETER_OTHER_KIND);
    assert_int_equal(interpreter_kill(engine, INTERPRETER_SCRIPTS), INTERPRETER_KILLED);
}

static void a_script_is_not_for_function_kill(void **state)
{
    struct server_fixture server;
    (void)state;
    open_impatient_server(&server);
    server.engine->host.busy_turn = kill_script_only;
    const char *killed = "-ERR Script killed by user with SCRIPT KILL... script: ";
    const char *reply = run_command(server.session, "EVAL \"while true do end\" 0");
    assert_ptr_equal(strstr(reply, killed), reply);
    server_fixture_close(&server);
}

static void refuse_to_kill(void *context)
{
    struct engine *engine = context;
    struct interpreter_run_facts facts;
    assert_int_equal(interpreter_kill(engine, INTERPRETER_FUNCTIONS), INTERPRETER_UNKILLABLE);
    assert_int_equal(interpreter_kill(engine, INTERPRETER_SCRIPTS), INTERPRETER_UNKILLABLE);
    assert_true(interpreter_describe_run(engine, &facts));
    assert_int_equal(facts.kind, INTERPRETER_FUNCTIONS);
    assert_string_equal(facts.name, "f");
    assert_int_equal(facts.call->argc, 4);
    assert_true(facts.duration_ms >= 1);
}

static void a_function_that_wrote_cannot_be_killed(void **state)
{
    struct server_fixture server;
    (void)state;
    open_impatient_server(&server);
    server.engine->host.busy_turn = refuse_to_kill;
    expect_reply(&server,
                 LOAD "l\\nredis.register_function('f', function() redis.call('set', 'k', 'v') "
                      "for i = 1, 1e7 do end return 'done' end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server, "FCALL f 1 k", "$4\r\ndone\r\n");
    server_fixture_close(&server);
}

static void try_others(void *context)
{
    struct session *other = context;
    const char *busy = "-BUSY Redis is busy running a script. You can only call FUNCTION KILL or "
                       "SHUTDOWN NOSAVE.\r\n";
    expect_session_reply(other, "FCALL f 0", busy);
    expect_session_reply(other, "EVAL \"return 1\" 0", busy);
    expect_session_reply(other, "FUNCTION FLUSH", busy);
    expect_session_reply(other, "SCRIPT FLUSH", busy);
    expect_session_reply(other, "SCRIPT KILL", busy);
}

static void nothing_else_starts_within_a_slow_function(void **state)
{
    struct server_fixture server;
    (void)state;
    open_impatient_server(&server);
    struct session *other = server_fixture_session(&server);
    server.engine->host.context = other;
    server.engine->host.busy_turn = try_others;
    expect_reply(&server,
                 LOAD "l\\nredis.register_function('f', function() for i = 1, 1e7 do end return "
                      "'done' end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server, "FCALL f 0", "$4\r\ndone\r\n");
    session_free(other);
    server_fixture_close(&server);
}

/* --- dump --- */

struct sink {
    struct reply reply;
    char error[256];
};

static void keep_error(struct reply *reply, struct bytes text)
{
    struct sink *sink = (struct sink *)reply;
    snprintf(sink->error, sizeof sink->error, "%.*s", BYTES_PRINT(text));
}

static const struct reply_class sink_class = {.error = keep_error};

static void load_two(struct server_fixture *server)
{
    expect_reply(server, LOAD "a\\nredis.register_function('f', function() return 1 end)\"",
                 "$1\r\na\r\n");
    expect_reply(server,
                 LOAD "b\\n-- aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\n"
                      "redis.register_function('g', function() return 2 end)\"",
                 "$1\r\nb\r\n");
}

static void a_dump_restores_what_was_there(void **state)
{
    struct server_fixture server;
    struct sink sink = {.reply = {.class = &sink_class}};
    struct buffer payload = {0}, again = {0};
    (void)state;
    open_server(&server);
    struct interpreter *interpreter = server.engine->interpreter;
    load_two(&server);
    library_dump(interpreter, &payload, 10, true);
    expect_reply(&server, "FUNCTION FLUSH", "+OK\r\n");
    assert_true(library_dump_restore(interpreter, buffer_bytes(&payload), 10, LIBRARY_DUMP_APPEND,
                                     &sink.reply));
    expect_reply(&server, "FCALL f 0", ":1\r\n");
    expect_reply(&server, "FCALL g 0", ":2\r\n");
    library_dump(interpreter, &again, 10, true);
    assert_true(bytes_equal(buffer_bytes(&payload), buffer_bytes(&again)));
    buffer_clear(&payload);
    buffer_clear(&again);
    server_fixture_close(&server);
}

static void a_payload_that_was_cut_or_changed_changes_nothing(void **state)
{
    struct server_fixture server;
    struct sink sink = {.reply = {.class = &sink_class}};
    struct buffer payload = {0};
    (void)state;
    open_server(&server);
    struct interpreter *interpreter = server.engine->interpreter;
    load_two(&server);
    library_dump(interpreter, &payload, 10, true);
    for (size_t size = 0; size < payload.size; size++)
        assert_false(library_dump_restore(interpreter, bytes_of(payload.data, size), 10,
                                          LIBRARY_DUMP_FLUSH, &sink.reply));
    for (size_t i = 0; i < payload.size; i++) {
        payload.data[i] ^= 1;
        assert_false(library_dump_restore(interpreter, buffer_bytes(&payload), 10,
                                          LIBRARY_DUMP_FLUSH, &sink.reply));
        payload.data[i] ^= 1;
    }
    assert_string_equal(sink.error, "ERR DUMP payload version or checksum are wrong");
    assert_int_equal(library_count(interpreter), 2);
    buffer_clear(&payload);
    server_fixture_close(&server);
}

static void a_restore_that_clashes_changes_nothing(void **state)
{
    struct server_fixture server;
    struct sink sink = {.reply = {.class = &sink_class}};
    struct buffer payload = {0};
    (void)state;
    open_server(&server);
    struct interpreter *interpreter = server.engine->interpreter;
    load_two(&server);
    library_dump(interpreter, &payload, 10, true);
    expect_reply(&server, "FUNCTION DELETE b", "+OK\r\n");
    expect_reply(&server, LOAD "c\\nredis.register_function('g', function() return 3 end)\"",
                 "$1\r\nc\r\n");
    assert_false(library_dump_restore(interpreter, buffer_bytes(&payload), 10, LIBRARY_DUMP_APPEND,
                                      &sink.reply));
    assert_string_equal(sink.error, "ERR Library a already exists");
    assert_false(library_dump_restore(interpreter, buffer_bytes(&payload), 10, LIBRARY_DUMP_REPLACE,
                                      &sink.reply));
    assert_string_equal(sink.error, "ERR Function g already exists");
    expect_reply(&server, "FCALL g 0", ":3\r\n");
    expect_reply(&server, "FCALL f 0", ":1\r\n");
    buffer_clear(&payload);
    server_fixture_close(&server);
}

/* --- what watches scripts watches functions --- */

static void a_snapshot_brings_libraries_back(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    load_two(&server);
    expect_reply(&server, "MOCK SNAPSHOT SAVE s", "+OK\r\n");
    expect_reply(&server, "FUNCTION DELETE a", "+OK\r\n");
    expect_reply(&server,
                 "FUNCTION LOAD REPLACE \"#!lua name=b\nredis.register_function('f', function() "
                 "return 5 end)\"",
                 "$1\r\nb\r\n");
    expect_reply(&server, "FCALL f 0", ":5\r\n");
    expect_reply(&server, "MOCK SNAPSHOT RESTORE s", "+OK\r\n");
    expect_reply(&server, "FCALL f 0", ":1\r\n");
    expect_reply(&server, "FCALL g 0", ":2\r\n");
    expect_reply(&server, "FUNCTION FLUSH", "+OK\r\n");
    expect_reply(&server, "MOCK SNAPSHOT RESTORE s", "+OK\r\n");
    expect_reply(&server, "FCALL g 0", ":2\r\n");
    server_fixture_close(&server);
}

static void kept_code_says_why_it_does_not_load(void **state)
{
    struct server_fixture server;
    struct buffer error = {0};
    (void)state;
    open_server(&server);
    struct interpreter *interpreter = server.engine->interpreter;
    assert_false(library_load_kept(interpreter, BYTES_LITERAL("nothing"), false, NULL));
    assert_false(library_load_kept(interpreter, BYTES_LITERAL("nothing"), false, &error));
    assert_true(bytes_equal_string(buffer_bytes(&error), "ERR Missing library metadata"));
    buffer_clear(&error);
    server_fixture_close(&server);
}

static void script_checks_name_the_function(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *const[]){"script-checks", "error", NULL});
    expect_reply(&server,
                 LOAD "l\nredis.register_function('f', function(k) return redis.call('get', 'x') "
                      "end) redis.register_function('s', function(k) return 1 end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server, "FCALL f 1 x", "$-1\r\n");
    expect_reply(
        &server, "FCALL f 1 k",
        "-ERR script-checks: get touches the key \"x\", which is not in KEYS script: f, on "
        "@user_function:2.\r\n");
    const char *reply = run_command(server.session, "FCALL s 2 a b");
    assert_non_null(strstr(reply, "-ERR script-checks: fcall declares the key"));
    expect_reply(&server, "FCALL s 1 a", ":1\r\n");
    server_fixture_close(&server);
}

static void a_trace_names_the_function(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server);
    expect_reply(&server,
                 LOAD "l\nredis.register_function('f', function(k) return redis.call('get', 'x') "
                      "end)\"",
                 "$1\r\nl\r\n");
    script_trace_switch(server.engine->interpreter, true);
    expect_reply(&server, "FCALL f 1 x", "$-1\r\n");
    const struct list *entries = script_trace_entries(server.engine->interpreter);
    assert_int_equal(list_count(entries), 1);
    const struct script_trace_entry *entry =
        LIST_ENTRY(list_first(entries), struct script_trace_entry, node);
    assert_string_equal(entry->name, "f");
    assert_int_equal(entry->line, 2);
    server_fixture_close(&server);
}

static void coverage_has_a_unit_for_a_library(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *const[]){"script-coverage", "unused.info", NULL});
    expect_reply(&server,
                 LOAD "l\nredis.register_function('f', function(k)\nreturn 1\nend)\n"
                      "redis.register_function('g', function(k)\nreturn 2\nend)\"",
                 "$1\r\nl\r\n");
    expect_reply(&server, "FCALL f 0", ":1\r\n");
    const struct coverage *coverage = interpreter_coverage(server.engine->interpreter);
    assert_int_equal(coverage_count(coverage), 1);
    const struct coverage_unit *unit = coverage_unit(coverage, 0);
    assert_true(unit->hits[2] > 0); /* while it loaded */
    assert_int_equal(unit->hits[3], 1);
    assert_true(unit->has_code[6]);
    assert_int_equal(unit->hits[6], 0);
    server_fixture_close(&server);
}

static void two_engines_have_libraries_of_their_own(void **state)
{
    struct server_fixture one;
    struct server_fixture two;
    (void)state;
    open_server(&one);
    open_server(&two);
    expect_reply(&one, LOAD "l\\nredis.register_function('f', function() return 1 end)\"",
                 "$1\r\nl\r\n");
    expect_reply(&two, "FCALL f 0", "-ERR Function not found\r\n");
    server_fixture_close(&one);
    server_fixture_close(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_function_gets_keys_and_arguments),
        cmocka_unit_test(names_of_functions_ignore_case_and_those_of_libraries_do_not),
        cmocka_unit_test(of_two_names_that_differ_in_case_the_first_is_called),
        cmocka_unit_test(a_library_that_fails_leaves_all_as_it_was),
        cmocka_unit_test(the_globals_of_loading_are_gone_when_it_failed),
        cmocka_unit_test(scripts_and_functions_have_globals_of_their_own),
        cmocka_unit_test(scripts_and_functions_share_random_numbers),
        cmocka_unit_test(a_script_flush_leaves_libraries_alone),
        cmocka_unit_test(a_flush_forgets_libraries_and_frees_their_state),
        cmocka_unit_test(a_reset_forgets_libraries),
        cmocka_unit_test(libraries_come_in_the_order_of_their_loading),
        cmocka_unit_test(callbacks_of_deleted_libraries_are_collected),
        cmocka_unit_test(a_library_that_takes_too_much_memory_is_refused),
        cmocka_unit_test(a_library_that_loads_for_too_long_is_ended),
        cmocka_unit_test(a_killed_function_ends_whatever_it_is_in),
        cmocka_unit_test(a_script_is_not_for_function_kill),
        cmocka_unit_test(a_function_that_wrote_cannot_be_killed),
        cmocka_unit_test(nothing_else_starts_within_a_slow_function),
        cmocka_unit_test(a_dump_restores_what_was_there),
        cmocka_unit_test(a_payload_that_was_cut_or_changed_changes_nothing),
        cmocka_unit_test(a_restore_that_clashes_changes_nothing),
        cmocka_unit_test(a_snapshot_brings_libraries_back),
        cmocka_unit_test(kept_code_says_why_it_does_not_load),
        cmocka_unit_test(script_checks_name_the_function),
        cmocka_unit_test(a_trace_names_the_function),
        cmocka_unit_test(coverage_has_a_unit_for_a_library),
        cmocka_unit_test(two_engines_have_libraries_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
