/* SPDX-License-Identifier: MIT */
#include "engine/persistence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/persistence_file.h"
#include "support/server_fixture.h"

struct place {
    char directory[64];
    char path[96];
    struct server_fixture server;
};

static void open_at(struct place *place, const char *save)
{
    const char *options[] = {"dir", place->directory, "save", save, NULL};
    server_fixture_open(&place->server, options);
}

static int open_place(void **state)
{
    struct place *place = test_calloc(1, sizeof *place);
    snprintf(place->directory, sizeof place->directory, "/tmp/understudy-test-XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    snprintf(place->path, sizeof place->path, "%s/dump.rdb", place->directory);
    *state = place;
    return 0;
}

static int close_place(void **state)
{
    struct place *place = *state;
    unlink(place->path);
    assert_int_equal(rmdir(place->directory), 0); /* nothing else was left there */
    test_free(place);
    return 0;
}

static bool is_saved(const struct place *place)
{
    return access(place->path, F_OK) == 0;
}

static void assert_loads(struct place *place, enum persistence_policy policy, const char *expected)
{
    struct buffer problem = {0};
    bool is_loaded = persistence_file_load(place->server.engine, place->path, policy, &problem);
    buffer_append_byte(&problem, '\0');
    if (expected)
        assert_non_null(strstr(problem.data, expected));
    else
        assert_string_equal(problem.data, "");
    assert_int_equal(is_loaded, !expected);
    buffer_clear(&problem);
}

static void reopen_loaded(struct place *place)
{
    server_fixture_close(&place->server);
    open_at(place, "");
    assert_loads(place, PERSISTENCE_START, NULL);
}

static void saved_data_is_there_again_after_a_load(void **state)
{
    struct place *place = *state;
    open_at(place, "");
    run_command(place->server.session, "SET k v PX 5000");
    run_command(place->server.session, "HSET h f 1");
    run_command(place->server.session, "FUNCTION LOAD \"#!lua name=l\\n"
                                       "redis.register_function('f', function() return 7 end)\"");
    run_command(place->server.session, "SELECT 3");
    run_command(place->server.session, "RPUSH l a b");
    expect_reply(&place->server, "SAVE", "+OK\r\n");
    reopen_loaded(place);
    expect_reply(&place->server, "PTTL k", ":5000\r\n");
    expect_reply(&place->server, "HGET h f", "$1\r\n1\r\n");
    expect_reply(&place->server, "FCALL f 0", ":7\r\n");
    expect_reply(&place->server, "SELECT 3", "+OK\r\n");
    expect_reply(&place->server, "LRANGE l 0 -1", "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
    server_fixture_close(&place->server);
}

static void key_past_its_time_is_not_loaded(void **state)
{
    struct place *place = *state;
    open_at(place, "");
    run_command(place->server.session, "SET k v PX 1000");
    run_command(place->server.session, "SET l v PX 1001");
    run_command(place->server.session, "SAVE");
    run_command(place->server.session, "FLUSHALL");
    virtual_clock_advance(&place->server.clock, 1000);
    run_command(place->server.session, "PING");
    assert_loads(place, PERSISTENCE_START, NULL);
    expect_reply(&place->server, "KEYS *", "*1\r\n$1\r\nl\r\n");
    assert_int_equal(place->server.engine->persistence.expired, 1);
    server_fixture_close(&place->server);
}

static void nothing_is_written_without_save_points(void **state)
{
    struct place *place = *state;
    open_at(place, "");
    run_command(place->server.session, "SET k v");
    virtual_clock_advance(&place->server.clock, 86400000);
    run_command(place->server.session, "PING");
    assert_int_equal(engine_next_deadline(place->server.engine), KEYSPACE_NEVER);
    run_command(place->server.session, "FLUSHALL");
    assert_false(is_saved(place));
    server_fixture_close(&place->server);
}

static void save_point_writes_once_its_time_has_passed(void **state)
{
    struct place *place = *state;
    open_at(place, "900 2");
    run_command(place->server.session, "SET k v");
    assert_int_equal(engine_next_deadline(place->server.engine), KEYSPACE_NEVER);
    run_command(place->server.session, "SET k w");
    int64_t start_ms = place->server.engine->started_us / 1000;
    assert_int_equal(engine_next_deadline(place->server.engine), start_ms + 901000);
    virtual_clock_advance(&place->server.clock, 900999);
    engine_tick(place->server.engine);
    assert_false(is_saved(place));
    virtual_clock_advance(&place->server.clock, 1);
    engine_tick(place->server.engine);
    assert_true(is_saved(place));
    assert_int_equal(place->server.engine->stats.changes, 0);
    assert_int_equal(place->server.engine->persistence.last_save_s, start_ms / 1000 + 901);
    server_fixture_close(&place->server);
}

static void travelling_in_time_passes_save_points(void **state)
{
    struct place *place = *state;
    open_at(place, "60 1");
    run_command(place->server.session, "SET k v");
    expect_reply(&place->server, "MOCK CLOCK ADVANCE 3600000", ":1704070800000\r\n");
    assert_true(is_saved(place));
    assert_int_equal(place->server.engine->persistence.last_save_s,
                     place->server.engine->started_us / 1000000 + 61);
    server_fixture_close(&place->server);
}

static void flushall_empties_the_file_of_save_points(void **state)
{
    struct place *place = *state;
    open_at(place, "900 1");
    run_command(place->server.session, "SET k v");
    expect_reply(&place->server, "SAVE", "+OK\r\n");
    run_command(place->server.session, "FLUSHALL");
    reopen_loaded(place);
    expect_reply(&place->server, "DBSIZE", ":0\r\n");
    server_fixture_close(&place->server);
}

static void save_that_fails_leaves_the_file_as_it_was(void **state)
{
    struct place *place = *state;
    open_at(place, "900 1");
    run_command(place->server.session, "SET k v");
    mkdir(place->path, 0755); /* nothing can be moved there */
    expect_reply(&place->server, "SAVE", "-ERR\r\n");
    expect_reply(&place->server, "BGSAVE", "+Background saving started\r\n");
    assert_true(place->server.engine->persistence.has_background_failed);
    assert_true(strstr(run_command(place->server.session, "SET k w"), "-MISCONF ") != NULL);
    assert_true(strstr(run_command(place->server.session, "EVAL \"redis.call('set','k',1)\" 0"),
                       "-MISCONF ") != NULL);
    expect_reply(&place->server, "GET k", "$1\r\nv\r\n");
    expect_reply(&place->server, "SHUTDOWN", "-ERR Errors trying to SHUTDOWN. Check logs.\r\n");
    assert_false(place->server.engine->is_stopping);
    rmdir(place->path);
    expect_reply(&place->server, "BGSAVE", "+Background saving started\r\n");
    expect_reply(&place->server, "SET k w", "+OK\r\n");
    server_fixture_close(&place->server);
}

static void shutdown_saves_if_it_is_told_to(void **state)
{
    struct place *place = *state;
    open_at(place, "");
    run_command(place->server.session, "SET k v");
    run_command(place->server.session, "SHUTDOWN NOSAVE");
    assert_false(is_saved(place));
    run_command(place->server.session, "SHUTDOWN");
    assert_false(is_saved(place));
    run_command(place->server.session, "SHUTDOWN SAVE");
    assert_true(is_saved(place));
    server_fixture_close(&place->server);
}

static void end_saves_with_save_points_unless_shutdown_said_no(void **state)
{
    struct place *place = *state;
    open_at(place, "900 1");
    run_command(place->server.session, "SHUTDOWN NOSAVE");
    persistence_end(place->server.engine);
    assert_false(is_saved(place));
    place->server.engine->persistence.has_final_save = false;
    persistence_end(place->server.engine);
    assert_true(is_saved(place));
    server_fixture_close(&place->server);
}

static void merge_replaces_what_is_there(void **state)
{
    struct place *place = *state;
    open_at(place, "");
    run_command(place->server.session, "SET k v PX 5000");
    run_command(place->server.session, "SAVE");
    run_command(place->server.session, "RPUSH other a");
    run_command(place->server.session, "RPUSH another a");
    run_command(place->server.session, "DEL k");
    run_command(place->server.session, "RPUSH k a");
    run_command(place->server.session, "WATCH k");
    assert_loads(place, PERSISTENCE_START, "RDB has duplicated key 'k' in DB 0");
    assert_loads(place, PERSISTENCE_MERGE, NULL);
    expect_reply(&place->server, "MULTI", "+OK\r\n");
    expect_reply(&place->server, "EXEC", "*-1\r\n");
    expect_reply(&place->server, "PTTL k", ":5000\r\n");
    expect_reply(&place->server, "DBSIZE", ":3\r\n");
    server_fixture_close(&place->server);
}

static void merge_of_a_damaged_file_changes_nothing(void **state)
{
    struct place *place = *state;
    open_at(place, "");
    run_command(place->server.session, "SET k v");
    run_command(place->server.session, "SAVE");
    run_command(place->server.session, "SET k w");
    struct stat status;
    assert_int_equal(stat(place->path, &status), 0);
    assert_int_equal(truncate(place->path, status.st_size - 1), 0);
    assert_loads(place, PERSISTENCE_MERGE, "cut off");
    expect_reply(&place->server, "GET k", "$1\r\nw\r\n");
    server_fixture_close(&place->server);
}

static void more_databases_than_configured_are_refused(void **state)
{
    struct place *place = *state;
    open_at(place, "");
    run_command(place->server.session, "SELECT 5");
    run_command(place->server.session, "SET k v");
    run_command(place->server.session, "SAVE");
    server_fixture_close(&place->server);
    const char *options[] = {"dir", place->directory, "databases", "5", NULL};
    server_fixture_open(&place->server, options);
    assert_loads(place, PERSISTENCE_START, "configured to handle more than 5 databases");
    server_fixture_close(&place->server);
}

static void statistics_begin_anew_and_changes_stay(void **state)
{
    struct place *place = *state;
    open_at(place, "");
    run_command(place->server.session, "SAVE");
    run_command(place->server.session, "SET k v");
    assert_int_equal(place->server.engine->persistence.saves, 1);
    run_command(place->server.session, "CONFIG RESETSTAT");
    assert_int_equal(place->server.engine->persistence.saves, 0);
    assert_int_equal(place->server.engine->stats.changes, 1);
    server_fixture_close(&place->server);
}

static void background_save_of_a_transaction_comes_after_it(void **state)
{
    struct place *place = *state;
    open_at(place, "");
    run_command(place->server.session, "MULTI");
    run_command(place->server.session, "BGSAVE");
    run_command(place->server.session, "SET k v");
    expect_reply(&place->server, "EXEC", "*2\r\n+Background saving scheduled\r\n+OK\r\n");
    assert_true(engine_next_deadline(place->server.engine) != KEYSPACE_NEVER);
    engine_tick(place->server.engine);
    assert_true(engine_next_deadline(place->server.engine) == KEYSPACE_NEVER);
    reopen_loaded(place);
    expect_reply(&place->server, "GET k", "$1\r\nv\r\n");
    server_fixture_close(&place->server);
}

int main(void)
{
#define AT_A_PLACE(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)
    const struct CMUnitTest tests[] = {
        AT_A_PLACE(saved_data_is_there_again_after_a_load),
        AT_A_PLACE(key_past_its_time_is_not_loaded),
        AT_A_PLACE(nothing_is_written_without_save_points),
        AT_A_PLACE(save_point_writes_once_its_time_has_passed),
        AT_A_PLACE(travelling_in_time_passes_save_points),
        AT_A_PLACE(flushall_empties_the_file_of_save_points),
        AT_A_PLACE(save_that_fails_leaves_the_file_as_it_was),
        AT_A_PLACE(shutdown_saves_if_it_is_told_to),
        AT_A_PLACE(end_saves_with_save_points_unless_shutdown_said_no),
        AT_A_PLACE(merge_replaces_what_is_there),
        AT_A_PLACE(merge_of_a_damaged_file_changes_nothing),
        AT_A_PLACE(more_databases_than_configured_are_refused),
        AT_A_PLACE(statistics_begin_anew_and_changes_stay),
        AT_A_PLACE(background_save_of_a_transaction_comes_after_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
