/* SPDX-License-Identifier: MIT */
#include "engine/eviction.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/server_fixture.h"

#define ROOM (64 * 1024) /* bytes of data that the limit allows */

static const char *const debug_allowed[] = {"enable-debug-command", "yes", NULL};

static const char *run(struct server_fixture *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *run(struct server_fixture *server, const char *format, ...)
{
    char line[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    return run_command(server->session, line);
}

static void use_policy(struct server_fixture *server, const char *policy)
{
    run(server, "CONFIG SET maxmemory-policy %s", policy);
}

/* So much more than what is in use. */
static size_t set_limit(struct server_fixture *server, size_t room)
{
    size_t limit = footprint_used(server->engine) + room;
    assert_string_equal(run(server, "CONFIG SET maxmemory %zu", limit), "+OK\r\n");
    return limit;
}

static bool has(struct server_fixture *server, const char *key)
{
    struct database *db = keyspace_database(&server->engine->keyspace, 0);
    return database_find(db, bytes_of_string(key), ACCESS_PEEK) != NULL;
}

static size_t count_keys(const struct server_fixture *server)
{
    return database_count(&server->engine->keyspace.databases[0]);
}

static void advance_s(struct server_fixture *server, int64_t seconds)
{
    virtual_clock_advance(&server->clock, seconds * 1000);
}

/* Keys of a hundred bytes each, far more than there is room for. */
static void fill(struct server_fixture *server, int count, const char *options)
{
    for (int i = 0; i < count; i++) {
        assert_string_equal(run(server, "SET key:%d %0100d %s", i, i, options), "+OK\r\n");
        advance_s(server, 1);
    }
}

/* Whatever the policy: what is used stays within the limit, and no more goes than must. */
static void check_policy(struct server_fixture *server, const char *policy, const char *options)
{
    use_policy(server, policy);
    size_t limit = set_limit(server, ROOM);
    fill(server, 2000, options);
    assert_true(eviction_make_room(server->engine, true));
    size_t used = footprint_used(server->engine);
    assert_in_range(used, limit - ROOM / 3, limit);
    assert_int_equal(server->engine->keyspace.evicted + count_keys(server), 2000);
    assert_in_range(count_keys(server), 100, 600);
    run(server, "CONFIG SET maxmemory 0");
    run(server, "FLUSHALL");
    server->engine->keyspace.evicted = 0;
}

static void each_policy_keeps_the_limit(void **state)
{
    check_policy(*state, "allkeys-lru", "");
    check_policy(*state, "allkeys-lfu", "");
    check_policy(*state, "allkeys-random", "");
    check_policy(*state, "volatile-lru", "EX 100000");
    check_policy(*state, "volatile-lfu", "EX 100000");
    check_policy(*state, "volatile-random", "EX 100000");
    check_policy(*state, "volatile-ttl", "EX 100000");
}

static void without_eviction_what_takes_memory_is_refused(void **state)
{
    struct server_fixture *server = *state;
    set_limit(server, ROOM);
    int stored = 0;
    while (strcmp(run(server, "SET key:%d %0100d", stored, 0), "+OK\r\n") == 0)
        stored++;
    expect_reply(server, "SET key:0 v",
                 "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
    assert_in_range(stored, 100, 600);
    assert_int_equal(count_keys(server), stored);
    assert_int_equal(server->engine->keyspace.evicted, 0);
    for (int i = 0; i < stored; i++) /* a table that shrinks may need more for a while */
        run(server, "DEL key:%d", i);
    expect_reply(server, "SET key:0 v", "+OK\r\n");
}

static void keys_that_are_used_outlive_the_others(void **state)
{
    struct server_fixture *server = *state;
    use_policy(server, "allkeys-lru");
    set_limit(server, ROOM);
    for (int i = 0; i < 2000; i++) {
        run(server, "SET key:%d %0100d", i, i);
        run(server, "SET loved 1");
        advance_s(server, 1);
    }
    assert_true(has(server, "loved"));
    assert_true(has(server, "key:1999"));
    assert_false(has(server, "key:0"));
}

static void keys_that_are_used_often_outlive_the_others(void **state)
{
    struct server_fixture *server = *state;
    use_policy(server, "allkeys-lfu");
    run(server, "SET loved 1");
    for (int i = 0; i < 1000; i++)
        run(server, "GET loved");
    set_limit(server, ROOM);
    for (int i = 0; i < 1000; i++)
        run(server, "SET key:%d %0100d", i, i);
    assert_true(has(server, "loved"));
    assert_false(has(server, "key:0") && has(server, "key:1") && has(server, "key:2"));
}

static void keys_without_a_deadline_stay_under_a_volatile_policy(void **state)
{
    struct server_fixture *server = *state;
    const char *const policies[] = {"volatile-lru", "volatile-lfu", "volatile-random",
                                    "volatile-ttl"};
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        use_policy(server, policies[i]);
        run(server, "SET stays 1");
        run(server, "SET goes 1 EX 1000");
        run(server, "CONFIG SET maxmemory 1");
        run(server, "PING");
        assert_true(has(server, "stays"));
        assert_false(has(server, "goes"));
        expect_reply(server, "SET stays 1",
                     "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
        run(server, "CONFIG SET maxmemory 0");
    }
}

static void the_next_to_expire_goes_first(void **state)
{
    struct server_fixture *server = *state;
    use_policy(server, "volatile-ttl");
    for (int i = 0; i < 500; i++)
        run(server, "SET key:%d %0100d EX %d", i, i, 1000 + (i * 7919) % 500);
    size_t used = footprint_used(server->engine);
    run(server, "CONFIG SET maxmemory %zu", used - 20000);
    run(server, "INFO");
    int64_t latest_gone = 0, earliest_left = INT64_MAX;
    for (int i = 0; i < 500; i++) {
        char key[32];
        int64_t seconds = 1000 + (i * 7919) % 500;
        snprintf(key, sizeof key, "key:%d", i);
        if (!has(server, key) && seconds > latest_gone)
            latest_gone = seconds;
        if (has(server, key) && seconds < earliest_left)
            earliest_left = seconds;
    }
    assert_in_range(count_keys(server), 100, 450);
    assert_true(latest_gone < earliest_left);
}

/* Which keys are left, as a text. */
static void describe_keys(struct server_fixture *server, struct buffer *text)
{
    for (int i = 0; i < 2000; i++) {
        char key[32];
        snprintf(key, sizeof key, "key:%d", i);
        if (has(server, key))
            buffer_append_format(text, "%d ", i);
    }
    buffer_append_byte(text, '\0');
}

static void equal_commands_evict_equal_keys(void **state)
{
    const char *const options[] = {"maxmemory-policy", "allkeys-lru", NULL};
    struct buffer texts[2] = {{0}};
    (void)state;
    for (int round = 0; round < 2; round++) {
        struct server_fixture server;
        server_fixture_open(&server, options);
        set_limit(&server, ROOM);
        fill(&server, 2000, "");
        describe_keys(&server, &texts[round]);
        server_fixture_close(&server);
    }
    assert_string_equal(texts[0].data, texts[1].data);
    buffer_clear(&texts[0]);
    buffer_clear(&texts[1]);
}

static void nothing_goes_while_a_script_runs(void **state)
{
    struct server_fixture *server = *state;
    use_policy(server, "allkeys-lru");
    set_limit(server, ROOM);
    expect_reply(server,
                 "EVAL \"for i = 1, 2000 do redis.call('set', 'k' .. i, string.rep('x', 100)) end "
                 "return redis.call('dbsize')\" 0",
                 ":2000\r\n");
    run(server, "PING");
    assert_in_range(count_keys(server), 1, 1990);
}

static void a_small_tenacity_takes_several_steps(void **state)
{
    struct server_fixture *server = *state;
    use_policy(server, "allkeys-random");
    run(server, "CONFIG SET maxmemory-eviction-tenacity 0");
    for (int i = 0; i < 500; i++)
        run(server, "SET key:%d %0100d", i, i);
    run(server, "CONFIG SET maxmemory 1");
    assert_int_equal(count_keys(server), 500);
    assert_true(server->engine->eviction.goes_on);
    eviction_continue(server->engine);
    assert_int_equal(count_keys(server), 500 - 16);
    expect_reply(server, "SET more 1", "+OK\r\n"); /* there will be room */
    while (server->engine->eviction.goes_on)
        eviction_continue(server->engine);
    assert_int_equal(count_keys(server), 0);
    expect_reply(server, "SET more 1",
                 "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
}

static void a_pause_puts_off_what_is_left_to_evict(void **state)
{
    struct server_fixture *server = *state;
    use_policy(server, "allkeys-random");
    run(server, "DEBUG POPULATE 500");
    run(server, "CLIENT PAUSE 1000 WRITE");
    run(server, "CONFIG SET maxmemory 1");
    assert_true(server->engine->eviction.goes_on);
    assert_false(eviction_is_due(server->engine)); /* the loop would never rest */
    assert_true(engine_next_deadline(server->engine) > server->engine->now_us / 1000);
    eviction_continue(server->engine);
    assert_int_equal(count_keys(server), 500);
    advance_s(server, 2);
    engine_tick(server->engine);
    assert_true(eviction_is_due(server->engine));
    while (eviction_is_due(server->engine))
        eviction_continue(server->engine);
    assert_int_equal(count_keys(server), 0);
}

static void the_time_over_the_limit_is_told(void **state)
{
    struct server_fixture *server = *state;
    run(server, "CONFIG SET maxmemory 1");
    run(server, "PING");
    advance_s(server, 3);
    const char *info = run(server, "INFO stats");
    assert_non_null(strstr(info, "total_eviction_exceeded_time:3000\r\n"));
    assert_non_null(strstr(info, "current_eviction_exceeded_time:3000\r\n"));
    run(server, "CONFIG SET maxmemory 0");
    advance_s(server, 5);
    info = run(server, "INFO stats");
    assert_non_null(strstr(info, "total_eviction_exceeded_time:3000\r\n"));
    assert_non_null(strstr(info, "current_eviction_exceeded_time:0\r\n"));
    run(server, "CONFIG RESETSTAT");
    assert_non_null(strstr(run(server, "INFO stats"), "total_eviction_exceeded_time:0\r\n"));
}

static void evicted_keys_are_counted(void **state)
{
    struct server_fixture *server = *state;
    use_policy(server, "allkeys-lru");
    run(server, "MSET a 1 b 2 c 3");
    run(server, "CONFIG SET maxmemory 1");
    assert_non_null(strstr(run(server, "INFO stats"), "evicted_keys:3\r\n"));
    run(server, "CONFIG RESETSTAT");
    assert_non_null(strstr(run(server, "INFO stats"), "evicted_keys:0\r\n"));
}

static void what_goes_lazily_is_freed_by_the_reaper(void **state)
{
    struct server_fixture *server = *state;
    use_policy(server, "allkeys-lru");
    run(server, "CONFIG SET lazyfree-lazy-eviction yes");
    run(server, "EVAL \"for i = 1, 1000 do redis.call('sadd', KEYS[1], 'member' .. i) end\" 1 s");
    run(server, "CONFIG SET maxmemory 1");
    run(server, "PING");
    reaper_wait(&server->engine->keyspace.reaper);
    assert_int_equal(count_keys(server), 0);
    assert_int_equal(reaper_freed(&server->engine->keyspace.reaper), 1);
    assert_int_equal(reaper_pending_bytes(&server->engine->keyspace.reaper), 0);
}

/* Evicting could not give back what a snapshot holds. */
static void a_snapshot_evicts_nothing(void **state)
{
    struct server_fixture *server = *state;
    use_policy(server, "allkeys-lru");
    for (int i = 0; i < 200; i++)
        run(server, "SET key:%d %0100d", i, i);
    set_limit(server, ROOM / 4);
    run(server, "MOCK SNAPSHOT SAVE before");
    for (int i = 0; i < 200; i++) /* each of them is there twice now */
        run(server, "SET key:%d %0100d", i, 1000 - i);
    run(server, "INFO");
    assert_int_equal(count_keys(server), 200);
    assert_non_null(strstr(run(server, "INFO memory"), "mem_not_counted_for_evict:"));
    assert_null(strstr(run(server, "INFO memory"), "mem_not_counted_for_evict:0\r\n"));
    run(server, "MOCK SNAPSHOT RESTORE before");
    run(server, "MOCK SNAPSHOT DELETE before");
    assert_int_equal(count_keys(server), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(each_policy_keeps_the_limit, debug_allowed),
        SERVER_TEST(without_eviction_what_takes_memory_is_refused, debug_allowed),
        SERVER_TEST(keys_that_are_used_outlive_the_others, debug_allowed),
        SERVER_TEST(keys_that_are_used_often_outlive_the_others, debug_allowed),
        SERVER_TEST(keys_without_a_deadline_stay_under_a_volatile_policy, debug_allowed),
        SERVER_TEST(the_next_to_expire_goes_first, debug_allowed),
        cmocka_unit_test(equal_commands_evict_equal_keys),
        SERVER_TEST(nothing_goes_while_a_script_runs, debug_allowed),
        SERVER_TEST(a_small_tenacity_takes_several_steps, debug_allowed),
        SERVER_TEST(a_pause_puts_off_what_is_left_to_evict, debug_allowed),
        SERVER_TEST(the_time_over_the_limit_is_told, debug_allowed),
        SERVER_TEST(evicted_keys_are_counted, debug_allowed),
        SERVER_TEST(what_goes_lazily_is_freed_by_the_reaper, debug_allowed),
        SERVER_TEST(a_snapshot_evicts_nothing, debug_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
