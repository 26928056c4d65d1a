/* SPDX-License-Identifier: MIT */
#include "engine/journal_file.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/journal_load.h"
#include "support/server_fixture.h"

struct place {
    char directory[64];
    struct server_fixture server;
};

static int open_place(void **state)
{
    struct place *place = test_calloc(1, sizeof *place);
    snprintf(place->directory, sizeof place->directory, "/tmp/understudy-test-XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    const char *options[] = {"dir", place->directory, "emulate", "7.4", NULL};
    server_fixture_open(&place->server, options);
    *state = place;
    return 0;
}

static int close_place(void **state)
{
    static const char *const names[] = {
        "appendonlydir/appendonly.aof.1.base.rdb", "appendonlydir/appendonly.aof.1.incr.aof",
        "appendonlydir/appendonly.aof.2.base.rdb", "appendonlydir/appendonly.aof.2.incr.aof",
        "appendonlydir/appendonly.aof.manifest"};
    struct place *place = *state;
    char path[160];
    server_fixture_close(&place->server);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", place->directory, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/appendonlydir", place->directory);
    rmdir(path);
    assert_int_equal(rmdir(place->directory), 0);
    test_free(place);
    return 0;
}

static void start(struct place *place)
{
    struct buffer problem = {0};
    assert_true(journal_file_start(place->server.engine, &problem));
    assert_int_equal(problem.size, 0);
}

/* The last `size` bytes of what was appended. */
static void assert_appended(const struct place *place, const char *expected)
{
    char path[160], text[512] = "";
    snprintf(path, sizeof path, "%s/appendonlydir/appendonly.aof.1.incr.aof", place->directory);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text - 1, file), wanted = strlen(expected);
    fclose(file);
    assert_true(size >= wanted);
    assert_string_equal(text + size - wanted, expected);
}

static void answered_command_is_in_the_file(void **state)
{
    struct place *place = *state;
    start(place);
    expect_reply(&place->server, "SET k v", "+OK\r\n");
    assert_appended(place, "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"
                           "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n");
}

static void command_that_changes_nothing_is_not(void **state)
{
    struct place *place = *state;
    start(place);
    expect_reply(&place->server, "DEL k", ":0\r\n");
    expect_reply(&place->server, "GET k", "$-1\r\n");
    assert_int_equal(place->server.engine->journal.offset, 0);
}

static void key_that_expires_is_deleted_in_the_file(void **state)
{
    struct place *place = *state;
    start(place);
    expect_reply(&place->server, "SET k v PX 10", "+OK\r\n");
    virtual_clock_advance(&place->server.clock, 10);
    expect_reply(&place->server, "GET k", "$-1\r\n");
    assert_appended(place, "*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n");
}

static void write_that_fails_is_made_up_for(void **state)
{
    struct place *place = *state;
    struct rlimit former, none;
    start(place);
    expect_reply(&place->server, "SET k v", "+OK\r\n");
    getrlimit(RLIMIT_FSIZE, &former);
    none = (struct rlimit){.rlim_cur = 60, .rlim_max = former.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &none);
    expect_reply(&place->server, "SET k w", "+OK\r\n");
    expect_reply(&place->server, "SET k x",
                 "-MISCONF Errors writing to the AOF file: File too large\r\n");
    setrlimit(RLIMIT_FSIZE, &former);
    signal(SIGXFSZ, handler);
    expect_reply(&place->server, "GET k", "$1\r\nw\r\n");
    expect_reply(&place->server, "SET k y", "+OK\r\n");
    assert_appended(place, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n"
                           "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nw\r\n"
                           "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\ny\r\n");
}

static enum journal_load_result load(struct place *place, const char *text, size_t *valid)
{
    struct journal_load load = {.engine = place->server.engine};
    struct buffer problem = {0};
    journal_load_begin(&load);
    enum journal_load_result result = journal_load_bytes(&load, bytes_of_string(text), &problem);
    journal_load_end(&load);
    assert_int_equal(result == JOURNAL_LOAD_DONE, problem.size == 0);
    buffer_clear(&problem);
    *valid = load.valid;
    return result;
}

static void file_is_loaded_up_to_where_it_is_cut_off(void **state)
{
    static const char text[] = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
    struct place *place = *state;
    char cut[2 * sizeof text];
    size_t valid;
    for (size_t size = 1; size < sizeof text - 1; size++) {
        snprintf(cut, sizeof cut, "%s%.*s", text, (int)size, text);
        assert_int_equal(load(place, cut, &valid), JOURNAL_LOAD_TRUNCATED);
        assert_int_equal(valid, sizeof text - 1);
    }
    expect_reply(&place->server, "GET k", "$1\r\nv\r\n");
}

static void transaction_without_end_does_not_happen(void **state)
{
    struct place *place = *state;
    size_t valid;
    assert_int_equal(load(place, "*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\nk\r\n", &valid),
                     JOURNAL_LOAD_TRUNCATED);
    assert_int_equal(valid, 0);
    expect_reply(&place->server, "GET k", "$-1\r\n");
}

static void nothing_expires_while_a_file_is_loaded(void **state)
{
    struct place *place = *state;
    size_t valid;
    assert_int_equal(load(place,
                          "*5\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n5\r\n$4\r\nPXAT\r\n$1\r\n1\r\n"
                          "*2\r\n$4\r\nINCR\r\n$1\r\nk\r\n*2\r\n$7\r\nPERSIST\r\n$1\r\nk\r\n",
                          &valid),
                     JOURNAL_LOAD_DONE);
    expect_reply(&place->server, "GET k", "$1\r\n6\r\n");
}

int main(void)
{
#define AT_A_PLACE(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)
    const struct CMUnitTest tests[] = {
        AT_A_PLACE(answered_command_is_in_the_file),
        AT_A_PLACE(command_that_changes_nothing_is_not),
        AT_A_PLACE(key_that_expires_is_deleted_in_the_file),
        AT_A_PLACE(write_that_fails_is_made_up_for),
        AT_A_PLACE(file_is_loaded_up_to_where_it_is_cut_off),
        AT_A_PLACE(transaction_without_end_does_not_happen),
        AT_A_PLACE(nothing_expires_while_a_file_is_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
