/* SPDX-License-Identifier: MIT */
/* What an engine adds up is what the allocator gave: within some percent. */
#include "engine/footprint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "support/server_fixture.h"

#define ELEMENTS  20000
#define TOLERANCE 10 /* percent */

static const char *const options[] = {"enable-debug-command", "yes", NULL};

static size_t taken(const struct server_fixture *server)
{
    return memory_in_use() - pool_idle(server->engine->keyspace.pool);
}

/* Runs `format` with each number, and compares. */
static void check_growth(struct server_fixture *server, const char *format)
{
    expect_reply(server, "FLUSHALL", "+OK\r\n");
    size_t before = taken(server), used_before = footprint_used(server->engine);
    for (int i = 0; i < ELEMENTS; i++) {
        char line[512];
        snprintf(line, sizeof line, format, i, i);
        assert_true(run_command(server->session, line)[0] != '-');
    }
    size_t truth = taken(server) - before;
    size_t told = footprint_used(server->engine) - used_before;
    print_message("%-40.40s %8zu told, %8zu taken\n", format, told, truth);
    if (memory_is_watched()) /* what the sanitizer adds is not ours to know */
        return;
    assert_in_range(told, truth - truth * TOLERANCE / 100, truth + truth * TOLERANCE / 100);
}

static void data_takes_what_is_told(void **state)
{
    check_growth(*state, "SET key:%d %d");
    check_growth(*state, "SET key:%d %0100d");
    check_growth(*state, "SET key:%d %01000d EX 1000");
    check_growth(*state, "HSET key:%d field %020d other value");
    check_growth(*state, "HSET hash field:%d %030d");
    check_growth(*state, "SADD set member:%d other:%d");
    check_growth(*state, "ZADD zset %d member:%d");
    check_growth(*state, "RPUSH list element:%d %0100d");
    check_growth(*state, "XADD stream * number %d text %050d");
    check_growth(*state, "APPEND key:%d %0300d");
}

static void a_peak_stays_until_it_is_forgotten(void **state)
{
    struct server_fixture *server = *state;
    struct footprint footprint;
    run_command(server->session, "DEBUG POPULATE 1000 key 1000");
    footprint_measure(server->engine, &footprint);
    size_t peak = footprint.used;
    run_command(server->session, "FLUSHALL");
    run_command(server->session, "CONFIG RESETSTAT");
    footprint_measure(server->engine, &footprint);
    assert_int_equal(footprint.peak, peak);
    assert_true(footprint.used < peak - 1000000);
    run_command(server->session, "MOCK RESET");
    footprint_measure(server->engine, &footprint);
    assert_true(footprint.peak < peak);
}

static void the_parts_make_up_the_whole(void **state)
{
    struct server_fixture *server = *state;
    struct footprint footprint;
    run_command(server->session, "DEBUG POPULATE 1000 key 1000");
    footprint_measure(server->engine, &footprint);
    assert_int_equal(footprint.keys, 1000);
    assert_int_equal(footprint.used, footprint.overhead + footprint.dataset);
    assert_in_range(footprint.dataset, 1000 * 1000, 1100 * 1000);
    assert_true(footprint.startup < footprint.overhead);
    assert_int_equal(footprint.snapshots, 0);
}

static void what_a_snapshot_shares_costs_nothing(void **state)
{
    struct server_fixture *server = *state;
    struct footprint before, footprint;
    run_command(server->session, "DEBUG POPULATE 1000 key 1000");
    run_command(server->session, "MOCK SNAPSHOT SAVE s");
    footprint_measure(server->engine, &before);
    assert_in_range(before.snapshots, 0, 4096);
    run_command(server->session, "SET new 1");
    run_command(server->session, "MOCK SNAPSHOT LIST"); /* an absent key has no value to measure */
    run_command(server->session, "FLUSHALL");
    footprint_measure(server->engine, &footprint);
    assert_in_range(footprint.snapshots, 1000 * 1000, 1200 * 1000);
    run_command(server->session, "MOCK SNAPSHOT DELETE s");
    footprint_measure(server->engine, &footprint);
    assert_int_equal(footprint.snapshots, 0);
    assert_true(footprint.used < 1000 * 1000);
}

/* A server of its own process, and one that adds up, are not to be told apart by much. */
static void both_ways_to_measure_agree(void **state)
{
    struct server_fixture *server = *state;
    if (memory_is_watched())
        return;
    size_t added = footprint_used(server->engine);
    server->engine->owns_process = true;
    size_t seen = footprint_used(server->engine);
    server->engine->owns_process = false;
    run_command(server->session, "DEBUG POPULATE 20000 key 200");
    size_t more_added = footprint_used(server->engine) - added;
    server->engine->owns_process = true;
    size_t more_seen = footprint_used(server->engine) - seen;
    server->engine->owns_process = false;
    assert_in_range(more_added, more_seen * 90 / 100, more_seen * 110 / 100);
}

/* glibc keeps freed pieces for the thread and counts them as taken, up to some hundred kilobytes:
 * here it shall not, which it is told before it starts. */
static void start_without_cache(char **argv)
{
    if (getenv("GLIBC_TUNABLES"))
        return;
    setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
    execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
    (void)argc;
    start_without_cache(argv);
    const struct CMUnitTest tests[] = {
        SERVER_TEST(data_takes_what_is_told, options),
        SERVER_TEST(a_peak_stays_until_it_is_forgotten, options),
        SERVER_TEST(the_parts_make_up_the_whole, options),
        SERVER_TEST(what_a_snapshot_shares_costs_nothing, options),
        SERVER_TEST(both_ways_to_measure_agree, options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
