/* SPDX-License-Identifier: MIT */
#include "controls/time_travel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/server_fixture.h"

#define START_MS 1704067200000

static int64_t elapsed_ms(const struct server_fixture *server)
{
    return clock_now_us(&server->clock.clock) / 1000 - START_MS;
}

static void expect_next(struct server_fixture *server, int64_t ms)
{
    assert_true(time_travel_to_next(server->engine));
    assert_int_equal(elapsed_ms(server), ms);
}

static void expect_output(struct session *session, const char *expected)
{
    buffer_append_byte(&session->output, '\0');
    assert_string_equal(session->output.data, expected);
    session->output.size = 0;
}

static void next_goes_from_event_to_event(void **state)
{
    struct server_fixture *server = *state;
    struct session *waiting = server_fixture_session(server);
    expect_success(server, "SET a v PX 300");
    expect_success(server, "SET b v PX 100");
    run_command(waiting, "BLPOP list 0.2");
    expect_success(server, "CLIENT PAUSE 400 WRITE");
    expect_next(server, 100);
    expect_next(server, 200);
    expect_output(waiting, "*-1\r\n");
    expect_next(server, 300);
    expect_next(server, 400);
    assert_int_equal(server->engine->blocking.pause, PAUSE_NONE);
    assert_false(time_travel_to_next(server->engine));
    assert_int_equal(elapsed_ms(server), 400);
    session_free(waiting);
}

static void next_passes_deadlines_of_keys_that_are_gone(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "SET a v PX 100");
    expect_success(server, "SET b v PX 300");
    expect_success(server, "DEL a");
    expect_next(server, 300);
}

static void next_without_anything_to_come_leaves_the_clock(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MOCK CLOCK NEXT", ":1704067200000\r\n");
    expect_reply(server, "SET k v PX 1500", "+OK\r\n");
    expect_reply(server, "MOCK CLOCK NEXT", ":1704067201500\r\n");
}

static void who_is_woken_on_the_way_is_served_before_his_time_is_up(void **state)
{
    struct server_fixture *server = *state;
    struct session *waiting = server_fixture_session(server);
    expect_success(server, "XGROUP CREATE s g $ MKSTREAM");
    expect_success(server, "PEXPIRE s 100");
    run_command(waiting, "XREADGROUP GROUP g c BLOCK 200 STREAMS s >");
    expect_success(server, "MOCK CLOCK ADVANCE 1000");
    expect_output(waiting, "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with "
                           "GROUP option\r\n");
    session_free(waiting);
}

static void commands_that_run_on_the_way_see_their_own_instant(void **state)
{
    struct server_fixture *server = *state;
    struct session *other = server_fixture_session(server);
    expect_success(server, "CLIENT PAUSE 100 WRITE");
    expect_session_reply(other, "XADD s * f v", "");
    expect_success(server, "MOCK CLOCK ADVANCE 1000");
    expect_output(other, "$15\r\n1704067200100-0\r\n");
    assert_int_equal(elapsed_ms(server), 1000);
    session_free(other);
}

static void postponed_write_takes_part_in_what_comes_after(void **state)
{
    struct server_fixture *server = *state;
    struct session *writing = server_fixture_session(server);
    struct session *waiting = server_fixture_session(server);
    run_command(waiting, "BLPOP list 0.3");
    expect_success(server, "CLIENT PAUSE 100 WRITE");
    run_command(writing, "RPUSH list a");
    expect_success(server, "MOCK CLOCK ADVANCE 1000");
    expect_output(waiting, "*2\r\n$4\r\nlist\r\n$1\r\na\r\n");
    session_free(writing);
    session_free(waiting);
}

static void going_back_lets_nothing_happen(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "SET k v PX 100");
    expect_success(server, "MOCK CLOCK ADVANCE -1000");
    expect_reply(server, "PTTL k", ":1100\r\n");
}

static void all_that_tells_time_follows_the_clock(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "CONFIG SET slowlog-log-slower-than 0");
    expect_success(server, "SET k v EX 100");
    expect_success(server, "MOCK CLOCK ADVANCE 30000");
    expect_reply(server, "TTL k", ":70\r\n");
    expect_reply(server, "OBJECT IDLETIME k", ":30\r\n");
    expect_reply(server, "TIME", "*2\r\n$10\r\n1704067230\r\n$1\r\n0\r\n");
    expect_reply(server, "EVAL \"return redis.call('TIME')[1]\" 0", "$10\r\n1704067230\r\n");
    expect_reply(server, "XADD s * f v", "$15\r\n1704067230000-0\r\n");
    expect_reply(server, "EXPIRETIME k", ":1704067300\r\n");
    expect_success(server, "SLOWLOG RESET");
    expect_success(server, "GET k");
    assert_non_null(strstr(run_command(server->session, "SLOWLOG GET 1"), ":1704067230\r\n"));
    assert_non_null(strstr(run_command(server->session, "INFO server"),
                           "server_time_usec:1704067230000000\r\n"));
    assert_non_null(
        strstr(run_command(server->session, "INFO server"), "uptime_in_seconds:30\r\n"));
    assert_non_null(strstr(run_command(server->session, "CLIENT INFO"), " age=30 idle=0 "));
}

static void frequencies_decay_by_the_clock(void **state)
{
    const char *const options[] = {"maxmemory-policy", "allkeys-lfu", NULL};
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, options);
    expect_success(&server, "SET k v");
    expect_reply(&server, "OBJECT FREQ k", ":5\r\n");
    expect_success(&server, "MOCK CLOCK ADVANCE 180000");
    expect_reply(&server, "OBJECT FREQ k", ":2\r\n");
    server_fixture_close(&server);
}

static void miniredis_names_move_and_stop_it(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "SET k v PX 100");
    expect_reply(server, "MOCK FASTFORWARD 99", ":1704067200099\r\n");
    expect_reply(server, "EXISTS k", ":1\r\n");
    expect_reply(server, "MOCK FASTFORWARD 1", ":1704067200100\r\n");
    expect_reply(server, "EXISTS k", ":0\r\n");
    expect_success(server, "MOCK CLOCK RESUME");
    expect_reply(server, "MOCK SETTIME 5000", ":5000\r\n");
    expect_reply(server, "MOCK CLOCK GET", ":5000\r\n");
    expect_reply(server, "MOCK FASTFORWARD -1",
                 "-ERR MOCK FASTFORWARD takes milliseconds, up to the year 9999\r\n");
}

static void rate_is_above_zero(void **state)
{
    struct server_fixture *server = *state;
    const char *error = "-ERR MOCK CLOCK RATE takes a factor above 0, up to 1000000\r\n";
    expect_reply(server, "MOCK CLOCK RATE 0", error);
    expect_reply(server, "MOCK CLOCK RATE -1", error);
    expect_reply(server, "MOCK CLOCK RATE nan", error);
    expect_reply(server, "MOCK CLOCK RATE 1e7", error);
    assert_true(server->clock.is_frozen);
    expect_success(server, "MOCK CLOCK RATE 0.5");
    assert_false(server->clock.is_frozen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(next_goes_from_event_to_event, NULL),
        SERVER_TEST(next_passes_deadlines_of_keys_that_are_gone, NULL),
        SERVER_TEST(next_without_anything_to_come_leaves_the_clock, NULL),
        SERVER_TEST(who_is_woken_on_the_way_is_served_before_his_time_is_up, NULL),
        SERVER_TEST(commands_that_run_on_the_way_see_their_own_instant, NULL),
        SERVER_TEST(postponed_write_takes_part_in_what_comes_after, NULL),
        SERVER_TEST(going_back_lets_nothing_happen, NULL),
        SERVER_TEST(all_that_tells_time_follows_the_clock, NULL),
        cmocka_unit_test(frequencies_decay_by_the_clock),
        SERVER_TEST(miniredis_names_move_and_stop_it, NULL),
        SERVER_TEST(rate_is_above_zero, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
