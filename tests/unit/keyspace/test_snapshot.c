/* SPDX-License-Identifier: MIT */
#include "keyspace/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/crc.h"
#include "base/random.h"
#include "support/server_fixture.h"

#define SLOTS  6
#define ROUNDS 20000

static const char *const with_field_expiry[] = {"emulate", "8.0", NULL};

static struct keyspace *keyspace_of(struct server_fixture *server)
{
    return &server->engine->keyspace;
}

static const char *reply_text(struct session *session)
{
    buffer_append_byte(&session->output, '\0');
    return session->output.data;
}

/* Whatever a client could tell of a key, with what only the keyspace knows. */
static uint64_t print_of_key(struct server_fixture *server, struct database *db,
                             struct entry *entry)
{
    struct buffer line = {0};
    buffer_append_format(&line, "DEBUG DIGEST-VALUE %.*s", BYTES_PRINT(entry_key(entry)));
    buffer_append_byte(&line, '\0');
    const char *digest = run_command(server->session, line.data);
    struct buffer facts = {0};
    buffer_append_format(&facts, "%d %s %lld %u %d %d", db->index, digest,
                         (long long)database_deadline(db, entry), (unsigned)entry->access,
                         entry_value(entry)->type, entry_value(entry)->encoding);
    if (entry_type(entry) == VALUE_STREAM) {
        line.size = 0;
        buffer_append_format(&line, "XINFO STREAM %.*s FULL", BYTES_PRINT(entry_key(entry)));
        buffer_append_byte(&line, '\0');
        const char *information = run_command(server->session, line.data);
        buffer_append(&facts, information, strlen(information));
    }
    if (entry_type(entry) == VALUE_HASH) {
        line.size = 0;
        buffer_append_format(&line, "HPEXPIRETIME %.*s FIELDS 7 f0 f1 f2 f3 f4 f5 f6",
                             BYTES_PRINT(entry_key(entry)));
        buffer_append_byte(&line, '\0');
        const char *deadlines = run_command(server->session, line.data);
        buffer_append(&facts, deadlines, strlen(deadlines));
    }
    uint64_t print = crc64(0, facts.data, facts.size);
    buffer_clear(&line);
    buffer_clear(&facts);
    return print;
}

/* The dataset in a number. Leaves no trace in it: access times are put back. */
static uint64_t fingerprint(struct server_fixture *server)
{
    uint64_t sum = 0;
    struct keyspace *keyspace = keyspace_of(server);
    struct snapshot *nearest = keyspace->nearest_snapshot;
    int selected = server->session->db;
    keyspace->nearest_snapshot = NULL;
    for (int i = 0; i < keyspace->count; i++) {
        struct database *db = keyspace_database(keyspace, i);
        struct table_iterator iterator;
        server->session->db = i;
        table_iterator_begin(&iterator, &db->keys);
        for (struct entry *entry; (entry = table_iterator_next(&iterator)) != NULL;) {
            uint32_t access = entry->access;
            sum += print_of_key(server, db, entry);
            entry->access = access & ENTRY_ACCESS_MASK;
        }
        table_iterator_end(&iterator);
        sum = sum * 31 + database_count(db) + database_deadline_count(db);
    }
    keyspace->nearest_snapshot = nearest;
    server->session->db = selected;
    return sum;
}

/* # is a small number, @ a key, ~ a large text. */
static const char *const commands[] = {
    "SET @ #",
    "SET @ ~",
    "SET @ text EX 1#",
    "SET @ # KEEPTTL",
    "APPEND @ #",
    "APPEND @ ~",
    "SETRANGE @ # x",
    "INCR @",
    "INCRBYFLOAT @ 1.#",
    "GETDEL @",
    "GETEX @ PERSIST",
    "GET @",
    "SETBIT @ # 1",
    "BITFIELD @ INCRBY u8 # 1",
    "MSET @ # @ ~",
    "BITOP OR @ @ @",
    "LPUSH @ # ~",
    "RPUSH @ a b c #",
    "LPOP @",
    "RPOP @ #",
    "LINSERT @ BEFORE a #",
    "LSET @ 0 #",
    "LTRIM @ 0 #",
    "LMOVE @ @ LEFT RIGHT",
    "LREM @ 0 a",
    "SADD @ # 1# x#",
    "SADD @ text~",
    "SREM @ #",
    "SPOP @",
    "SMOVE @ @ #",
    "SUNIONSTORE @ @ @",
    "SINTERSTORE @ @ @",
    "HSET @ f# #",
    "HSET @ f# ~",
    "HDEL @ f#",
    "HINCRBY @ f# 1",
    "HINCRBYFLOAT @ f# 0.5",
    "HSET @ f0 # f1 # f2 # f3 # f4 # f5 #",
    "HPEXPIRE @ 2#00 FIELDS 2 f# f#",
    "HEXPIRE @ # FIELDS 1 f#",
    "HPERSIST @ FIELDS 1 f#",
    "HSETEX @ PX 3#00 FIELDS 1 f# #",
    "HGETEX @ EX # FIELDS 1 f#",
    "HGETDEL @ FIELDS 1 f#",
    "ZADD @ # a# 1# b#",
    "ZADD @ # ~",
    "ZINCRBY @ 1 a#",
    "ZREM @ a#",
    "ZPOPMIN @",
    "ZPOPMAX @ #",
    "ZUNIONSTORE @ 2 @ @",
    "ZRANGESTORE @ @ 0 -1",
    "ZREMRANGEBYRANK @ 0 #",
    "SORT @ ALPHA STORE @",
    "GEOADD @ 1# 4# a#",
    "XADD @ * f #",
    "XADD @ MAXLEN # * f ~",
    "XGROUP CREATE @ g 0 MKSTREAM",
    "XREADGROUP GROUP g c# COUNT # STREAMS @ >",
    "XACK @ g 1704067200000-#",
    "XAUTOCLAIM @ g c# 0 0",
    "XDEL @ 1704067200000-#",
    "XTRIM @ MAXLEN #",
    "XGROUP DESTROY @ g",
    "XGROUP DELCONSUMER @ g c#",
    "PFADD @ # ~",
    "PFCOUNT @",
    "PFMERGE @ @ @",
    "PFDEBUG GETREG @",
    "DEL @",
    "UNLINK @ @",
    "RENAME @ @",
    "COPY @ @ REPLACE",
    "COPY @ @ DB 1 REPLACE",
    "MOVE @ 1",
    "EXPIRE @ #",
    "PEXPIRE @ 1#",
    "PERSIST @",
    "TOUCH @",
    "TYPE @",
    "SELECT 0",
    "SELECT 1",
    "SELECT 2",
    "OBJECT ENCODING @",
    "HGETALL @",
    "SMEMBERS @",
    "RANDOMKEY",
    "SCAN 0",
    "KEYS *",
};

/* These empty much, so they come seldom. */
static const char *const seldom[] = {
    "FLUSHDB", "FLUSHALL", "SWAPDB 0 1", "SWAPDB 1 2", "SWAPDB 0 2", "DEBUG RELOAD", "SELECT 0",
};

static void run_random_command(struct server_fixture *server, struct random *random)
{
    struct buffer line = {0};
    const char *pattern = random_below(random, 40) == 0
                              ? seldom[random_below(random, sizeof seldom / sizeof *seldom)]
                              : commands[random_below(random, sizeof commands / sizeof *commands)];
    for (; *pattern; pattern++) {
        if (*pattern == '#')
            buffer_append_format(&line, "%u", (unsigned)random_below(random, 7));
        else if (*pattern == '@')
            buffer_append_format(&line, "key%u", (unsigned)random_below(random, 14));
        else if (*pattern == '~')
            buffer_append_format(&line, "%0*u", 60 + (int)random_below(random, 200),
                                 (unsigned)random_below(random, 1000));
        else
            buffer_append_byte(&line, *pattern);
    }
    buffer_append_byte(&line, '\0');
    run_command(server->session, line.data);
    buffer_clear(&line);
    if (random_below(random, 4) == 0)
        virtual_clock_advance(&server->clock, (int64_t)random_below(random, 3000));
}

struct remembered {
    struct snapshot *snapshot;
    uint64_t print;
    int64_t now_us;
};

static void remember(struct server_fixture *server, struct remembered *slot)
{
    snapshot_free(slot->snapshot);
    engine_tick(server->engine);
    slot->now_us = clock_now_us(&server->clock.clock);
    slot->print = fingerprint(server);
    slot->snapshot = snapshot_take(keyspace_of(server));
}

static void go_back(struct server_fixture *server, const struct remembered *slot)
{
    virtual_clock_set(&server->clock, slot->now_us);
    snapshot_restore(slot->snapshot);
    assert_true(fingerprint(server) == slot->print);
}

static void any_history_is_undone_by_any_of_several_snapshots(void **state)
{
    struct server_fixture *server = *state;
    struct remembered slots[SLOTS] = {{0}};
    struct random random;
    random_seed(&random, 77);
    for (int round = 0; round < ROUNDS; round++) {
        struct remembered *slot = &slots[random_below(&random, SLOTS)];
        switch (random_below(&random, 30)) {
        case 0:
        case 1:
            remember(server, slot);
            break;
        case 2:
            snapshot_free(slot->snapshot);
            slot->snapshot = NULL;
            break;
        case 3:
        case 4:
        case 5:
            if (slot->snapshot)
                go_back(server, slot);
            break;
        default:
            run_random_command(server, &random);
        }
    }
    for (int i = 0; i < SLOTS; i++)
        snapshot_free(slots[i].snapshot);
    assert_null(keyspace_of(server)->nearest_snapshot);
}

static void snapshot_brings_back_what_was_deleted_and_takes_away_what_was_added(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "SET old 1 PX 5000");
    struct snapshot *snapshot = snapshot_take(keyspace_of(server));
    run_command(server->session, "DEL old");
    run_command(server->session, "SET new 1");
    snapshot_restore(snapshot);
    expect_reply(server, "PTTL old", ":5000\r\n");
    expect_reply(server, "EXISTS new", ":0\r\n");
    snapshot_free(snapshot);
}

static void snapshot_can_be_restored_again_and_again(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "RPUSH list a");
    struct snapshot *snapshot = snapshot_take(keyspace_of(server));
    for (int i = 0; i < 3; i++) {
        expect_reply(server, "RPUSH list b", ":2\r\n");
        snapshot_restore(snapshot);
    }
    expect_reply(server, "LLEN list", ":1\r\n");
    snapshot_free(snapshot);
}

static void later_snapshot_survives_the_restoring_of_an_earlier_one(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "SET k 1");
    struct snapshot *first = snapshot_take(keyspace_of(server));
    run_command(server->session, "SET k 2");
    struct snapshot *second = snapshot_take(keyspace_of(server));
    run_command(server->session, "FLUSHALL");
    snapshot_restore(first);
    expect_reply(server, "GET k", "$1\r\n1\r\n");
    snapshot_restore(second);
    expect_reply(server, "GET k", "$1\r\n2\r\n");
    snapshot_free(first);
    run_command(server->session, "SET k 3");
    snapshot_restore(second);
    expect_reply(server, "GET k", "$1\r\n2\r\n");
    snapshot_free(second);
}

static void swapped_databases_are_swapped_back(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "SET k zero");
    struct snapshot *snapshot = snapshot_take(keyspace_of(server));
    run_command(server->session, "SWAPDB 0 1");
    run_command(server->session, "SET k other");
    run_command(server->session, "SWAPDB 1 2");
    snapshot_restore(snapshot);
    expect_reply(server, "GET k", "$4\r\nzero\r\n");
    for (int db = 1; db < 3; db++) {
        server->session->db = db;
        expect_reply(server, "DBSIZE", ":0\r\n");
    }
    snapshot_free(snapshot);
}

static void nothing_is_noted_after_the_last_snapshot_is_freed(void **state)
{
    struct server_fixture *server = *state;
    struct snapshot *first = snapshot_take(keyspace_of(server));
    struct snapshot *second = snapshot_take(keyspace_of(server));
    snapshot_free(first);
    assert_ptr_equal(keyspace_of(server)->nearest_snapshot, second);
    snapshot_free(second);
    snapshot_free(NULL);
    assert_null(keyspace_of(server)->nearest_snapshot);
}

static void key_that_was_only_read_gets_its_access_time_back(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "SET k v");
    struct snapshot *snapshot = snapshot_take(keyspace_of(server));
    virtual_clock_advance(&server->clock, 60000);
    expect_reply(server, "GET k", "$1\r\nv\r\n");
    snapshot_restore(snapshot);
    expect_reply(server, "OBJECT IDLETIME k", ":60\r\n");
    snapshot_free(snapshot);
}

static void key_that_expired_since_comes_back_if_time_does(void **state)
{
    struct server_fixture *server = *state;
    int64_t start = clock_now_us(&server->clock.clock);
    run_command(server->session, "SET k v PX 100");
    struct snapshot *snapshot = snapshot_take(keyspace_of(server));
    virtual_clock_advance(&server->clock, 200);
    expect_reply(server, "GET k", "$-1\r\n");
    snapshot_restore(snapshot);
    expect_reply(server, "GET k", "$-1\r\n");
    virtual_clock_set(&server->clock, start);
    snapshot_restore(snapshot);
    expect_reply(server, "PTTL k", ":100\r\n");
    snapshot_free(snapshot);
}

static void going_back_dirties_watched_keys_that_change_and_no_others(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "MSET changed 1 read 1");
    struct snapshot *snapshot = snapshot_take(keyspace_of(server));
    virtual_clock_advance(&server->clock, 60000);
    run_command(server->session, "GET read");
    run_command(server->session, "SET changed 2");
    run_command(server->session, "WATCH read");
    snapshot_restore(snapshot);
    run_command(server->session, "MULTI");
    expect_reply(server, "EXEC", "*0\r\n");
    run_command(server->session, "SET changed 2");
    run_command(server->session, "WATCH changed");
    snapshot_restore(snapshot);
    run_command(server->session, "MULTI");
    expect_reply(server, "EXEC", "*-1\r\n");
    snapshot_free(snapshot);
}

static void client_that_waits_is_served_by_what_comes_back(void **state)
{
    struct server_fixture *server = *state;
    struct session *waiting = server_fixture_session(server);
    run_command(server->session, "RPUSH list a");
    struct snapshot *snapshot = snapshot_take(keyspace_of(server));
    run_command(server->session, "DEL list");
    expect_session_reply(waiting, "BLPOP list 0", "");
    snapshot_restore(snapshot);
    engine_tick(server->engine);
    assert_string_equal(reply_text(waiting), "*2\r\n$4\r\nlist\r\n$1\r\na\r\n");
    session_free(waiting);
    snapshot_free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(any_history_is_undone_by_any_of_several_snapshots, with_field_expiry),
        SERVER_TEST(snapshot_brings_back_what_was_deleted_and_takes_away_what_was_added,
                    with_field_expiry),
        SERVER_TEST(snapshot_can_be_restored_again_and_again, with_field_expiry),
        SERVER_TEST(later_snapshot_survives_the_restoring_of_an_earlier_one, with_field_expiry),
        SERVER_TEST(swapped_databases_are_swapped_back, with_field_expiry),
        SERVER_TEST(nothing_is_noted_after_the_last_snapshot_is_freed, with_field_expiry),
        SERVER_TEST(key_that_was_only_read_gets_its_access_time_back, with_field_expiry),
        SERVER_TEST(key_that_expired_since_comes_back_if_time_does, with_field_expiry),
        SERVER_TEST(going_back_dirties_watched_keys_that_change_and_no_others, with_field_expiry),
        SERVER_TEST(client_that_waits_is_served_by_what_comes_back, with_field_expiry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
