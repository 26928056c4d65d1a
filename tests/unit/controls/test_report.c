/* SPDX-License-Identifier: MIT */
#include "controls/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "controls/controls.h"
#include "support/server_fixture.h"

#define LOCK_SCRIPT "EVAL \"return redis.call('set', KEYS[1], 'v', 'NX')\" 1 "

static const char *const options[] = {"report", "asked for", NULL};

/* `seed` is a command that comes before the report begins, or NULL. */
static void open_server(struct server_fixture *server, const char *seed)
{
    server_fixture_open(server, options);
    if (seed)
        run_command(server->session, seed);
    controls_start_report(server->engine->controls);
    assert_non_null(server->engine->controls->report);
}

/* The whole report; the caller frees it. The server is closed. */
static char *end_report(struct server_fixture *server, const struct report_script *script,
                        const char *suffix)
{
    char path[64], error[REPORT_ERROR_SIZE];
    snprintf(path, sizeof path, "/tmp/test_report.%d%s", (int)getpid(), suffix);
    assert_true(
        report_write(server->engine->controls->report, path, script, script ? 1 : 0, error));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t limit = 1 << 20;
    char *text = test_malloc(limit);
    text[fread(text, 1, limit - 1, file)] = '\0';
    fclose(file);
    unlink(path);
    server_fixture_close(server);
    return text;
}

static void expect_report(struct server_fixture *server, const char *const *expected)
{
    char *text = end_report(server, NULL, ".json");
    for (; *expected; expected++)
        if (!strstr(text, *expected))
            fail_msg("the report lacks %s:\n%s", *expected, text);
    test_free(text);
}

#define EXPECT_REPORT(server, ...) expect_report(server, (const char *const[]){__VA_ARGS__, NULL})

static void nobody_watches_unless_a_report_is_asked_for(void **state)
{
    struct server_fixture *server = *state;
    controls_start_report(server->engine->controls);
    assert_null(server->engine->controls->report);
    assert_true(list_is_empty(&server->engine->observers));
}

static void commands_and_their_errors_are_counted_over_resets(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server, NULL);
    run_command(server.session, "SET k v");
    run_command(server.session, "INCR k");
    expect_reply(&server, "MOCK RESET", "+OK\r\n");
    run_command(server.session, "SET k v");
    run_command(server.session, "INCR k");
    run_command(server.session, LOCK_SCRIPT "k");
    EXPECT_REPORT(&server, "{\"calls\":6,\"errors\":2,\"refused\":0,\"faults\":0,\"clients\":1}",
                  "{\"name\":\"set\",\"calls\":3,\"errors\":0,",
                  "{\"name\":\"incr\",\"calls\":2,\"errors\":2,",
                  "{\"command\":\"incr\",\"error\":\"ERR value is not an integer or out of "
                  "range\",\"count\":2}");
}

static void refusals_are_told_by_name_and_reason(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server, NULL);
    run_command(server.session, "NOSUCH");
    run_command(server.session, "NOSUCH");
    run_command(server.session, "GET");
    run_command(server.session, "EVAL \"return redis.pcall('multi')\" 0");
    EXPECT_REPORT(&server,
                  "{\"command\":\"NOSUCH\",\"error\":\"ERR unknown command 'NOSUCH', with args "
                  "beginning with: \",\"count\":2,\"unknown\":true}",
                  "{\"command\":\"get\",\"error\":\"ERR wrong number of arguments for 'get' "
                  "command\",\"count\":1,\"unknown\":false}",
                  "{\"command\":\"multi\",\"error\":\"ERR This Redis command is not allowed from "
                  "script\",\"count\":1,\"unknown\":false}");
}

static void removed_faults_are_told_with_their_hits(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server, NULL);
    run_command(server.session, "MOCK FAULT ADD full COMMAND set ERROR 'OOM no'");
    run_command(server.session, "SET k v");
    run_command(server.session, "MOCK FAULT ADD never COMMAND del CLOSE BEFORE");
    expect_reply(&server, "MOCK RESET", "+OK\r\n");
    run_command(server.session, "MOCK FAULT ADD full COMMAND set ERROR 'OOM no'");
    run_command(server.session, "SET k v");
    run_command(server.session, "MOCK EXPECT wanted COMMAND del");
    EXPECT_REPORT(
        &server,
        "{\"name\":\"full\",\"what\":\"ERROR OOM no COMMAND "
        "set\",\"seen\":2,\"hits\":2}",
        "\"unreached\":{\"faults\":[\"never\"],\"gates\":[],\"expectations\":[\"wanted\"]",
        "\"faults\":2,");
}

static void locks_and_keys_that_stay_are_leaks(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server, "SET seeded v");
    run_command(server.session, "SET lock v NX PX 5000");
    run_command(server.session, LOCK_SCRIPT "other");
    run_command(server.session, "SET expiring v PX 5000");
    run_command(server.session, "RPUSH list v");
    EXPECT_REPORT(&server, "\"db\":0,\"key\":\"lock\",\"type\":\"string\",\"ttl_ms\":5000,",
                  "\"key\":\"other\",\"type\":\"string\",\"ttl_ms\":null,", "\"lock_count\":2",
                  "\"keys\":[{\"db\":0,\"key\":\"list\",\"type\":\"list\"}],\"key_count\":1");
}

static void lock_that_was_released_is_no_leak(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server, NULL);
    run_command(server.session, "SETNX a v");
    run_command(server.session, "DEL a");
    run_command(server.session, "SET b v NX PX 100");
    virtual_clock_advance(&server.clock, 200);
    run_command(server.session, "SETNX c v");
    run_command(server.session, "SET c v EX 10"); /* not a lock any more */
    EXPECT_REPORT(&server, "\"locks\":[],\"lock_count\":0,\"keys\":[],\"key_count\":0");
}

static void lines_that_did_not_run_are_never_reached(void **state)
{
    struct server_fixture server;
    const bool has_code[] = {false, true, false, true};
    const uint64_t hits[] = {0, 3, 0, 0};
    const struct report_function functions[] = {{.name = "f", .first_line = 3}};
    const struct report_script script = {.sha = "0123",
                                         .text = BYTES_LITERAL("a()\n\nfunction f() end"),
                                         .line_count = 4,
                                         .has_code = has_code,
                                         .hits = hits,
                                         .functions = functions,
                                         .function_count = 1};
    (void)state;
    open_server(&server, NULL);
    char *text = end_report(&server, &script, ".json");
    assert_non_null(strstr(text, "\"lines\":2,\"hit\":1,"));
    assert_non_null(strstr(text, "\"hits\":[3,null,0],"));
    assert_non_null(
        strstr(text, "\"functions\":[{\"script\":\"0123\",\"name\":\"f\",\"line\":3}]"));
    assert_non_null(strstr(text, "\"lines\":[{\"script\":\"0123\",\"lines\":[3]}]"));
    test_free(text);
}

static void page_holds_the_report_and_no_end_of_its_script(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server, NULL);
    run_command(server.session, "SET </script> v");
    char *text = end_report(&server, NULL, ".html");
    assert_non_null(strstr(text, "\\u003c/script>"));
    assert_null(strstr(text, "@REPORT@"));
    test_free(text);
}

static void more_clients_than_rows_share_one(void **state)
{
    struct server_fixture server;
    (void)state;
    open_server(&server, NULL);
    for (int i = 0; i < 250; i++) {
        struct session *session = server_fixture_session(&server);
        run_command(session, "PING");
        session_free(session);
    }
    EXPECT_REPORT(&server, "\"calls\":250,\"errors\":0,\"refused\":0,\"faults\":0,\"clients\":250}",
                  "{\"id\":0,\"name\":\"\",\"address\":\"\",\"calls\":50,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(nobody_watches_unless_a_report_is_asked_for, NULL),
        cmocka_unit_test(commands_and_their_errors_are_counted_over_resets),
        cmocka_unit_test(refusals_are_told_by_name_and_reason),
        cmocka_unit_test(removed_faults_are_told_with_their_hits),
        cmocka_unit_test(locks_and_keys_that_stay_are_leaks),
        cmocka_unit_test(lock_that_was_released_is_no_leak),
        cmocka_unit_test(lines_that_did_not_run_are_never_reached),
        cmocka_unit_test(page_holds_the_report_and_no_end_of_its_script),
        cmocka_unit_test(more_clients_than_rows_share_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
