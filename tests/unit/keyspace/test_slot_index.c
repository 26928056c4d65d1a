/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/hash_slot.h"
#include "keyspace/keyspace.h"
#include "keyspace/slot_index.h"
#include "keyspace/snapshot.h"

struct fixture {
    struct random random;
    struct keyspace keyspace;
    struct database *db;
};

static void open_keyspace(struct fixture *fixture)
{
    random_seed(&fixture->random, 1);
    keyspace_init(&fixture->keyspace, 2, 1, &fixture->random);
    keyspace_index_slots(&fixture->keyspace);
    fixture->db = keyspace_database(&fixture->keyspace, 0);
}

static void add(struct fixture *fixture, const char *key)
{
    database_add_string(fixture->db, bytes_of_string(key), BYTES_LITERAL("v"));
}

static void append_key(struct bytes key, void *context)
{
    buffer_append_bytes(context, key);
    buffer_append_byte(context, ' ');
}

static void expect_keys(const struct fixture *fixture, const char *slot_of, size_t limit,
                        const char *expected)
{
    struct buffer text = {0};
    slot_index_visit(fixture->db->slots, hash_slot_of(bytes_of_string(slot_of)), limit, append_key,
                     &text);
    buffer_append_byte(&text, '\0');
    assert_string_equal(text.data, expected);
    buffer_clear(&text);
}

static void keys_of_a_slot_come_latest_first(void **state)
{
    struct fixture fixture;
    (void)state;
    open_keyspace(&fixture);
    add(&fixture, "a");
    add(&fixture, "b");
    add(&fixture, "{a}1");
    add(&fixture, "{a}2");
    expect_keys(&fixture, "a", 10, "{a}2 {a}1 a ");
    expect_keys(&fixture, "a", 2, "{a}2 {a}1 ");
    expect_keys(&fixture, "b", 10, "b ");
    keyspace_clear(&fixture.keyspace);
}

static void a_key_that_goes_leaves_its_slot(void **state)
{
    struct fixture fixture;
    (void)state;
    open_keyspace(&fixture);
    add(&fixture, "a");
    add(&fixture, "{a}1");
    struct entry *expiring =
        database_add_string(fixture.db, BYTES_LITERAL("{a}2"), BYTES_LITERAL("v"));
    database_set_deadline(fixture.db, expiring, 100);
    database_delete(fixture.db, BYTES_LITERAL("a"));
    keyspace_set_time(&fixture.keyspace, 100);
    expect_keys(&fixture, "a", 10, "{a}1 ");
    database_flush(fixture.db, true);
    expect_keys(&fixture, "a", 10, "");
    keyspace_clear(&fixture.keyspace);
}

static void a_changed_value_changes_no_slot(void **state)
{
    struct fixture fixture;
    (void)state;
    open_keyspace(&fixture);
    add(&fixture, "a");
    char text[4096];
    memset(text, 'x', sizeof text);
    database_set_string(fixture.db, BYTES_LITERAL("a"), bytes_of(text, sizeof text), false);
    assert_int_equal(slot_index_count(fixture.db->slots, hash_slot_of(BYTES_LITERAL("a"))), 1);
    keyspace_clear(&fixture.keyspace);
}

static void a_snapshot_brings_slots_back(void **state)
{
    struct fixture fixture;
    (void)state;
    open_keyspace(&fixture);
    add(&fixture, "a");
    struct snapshot *snapshot = snapshot_take(&fixture.keyspace);
    add(&fixture, "{a}1");
    snapshot_restore(snapshot);
    expect_keys(&fixture, "a", 10, "a ");
    database_delete(fixture.db, BYTES_LITERAL("a"));
    snapshot_restore(snapshot);
    expect_keys(&fixture, "a", 10, "a ");
    database_flush(fixture.db, false);
    add(&fixture, "{a}2");
    snapshot_restore(snapshot);
    expect_keys(&fixture, "a", 10, "a ");
    snapshot_free(snapshot);
    add(&fixture, "{a}3");
    expect_keys(&fixture, "a", 10, "{a}3 a ");
    keyspace_clear(&fixture.keyspace);
}

static void without_a_cluster_there_is_no_index(void **state)
{
    struct fixture fixture;
    (void)state;
    random_seed(&fixture.random, 1);
    keyspace_init(&fixture.keyspace, 1, 1, &fixture.random);
    assert_null(keyspace_database(&fixture.keyspace, 0)->slots);
    keyspace_clear(&fixture.keyspace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_a_slot_come_latest_first),
        cmocka_unit_test(a_key_that_goes_leaves_its_slot),
        cmocka_unit_test(a_changed_value_changes_no_slot),
        cmocka_unit_test(a_snapshot_brings_slots_back),
        cmocka_unit_test(without_a_cluster_there_is_no_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
