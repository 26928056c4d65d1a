/* SPDX-License-Identifier: MIT */
#include "keyspace/keyspace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/random.h"
#include "values/string.h"

#define START_MS  1000000000000
#define KEYS      200
#define LONGEST   200
#define DATABASES 2

struct fixture {
    struct keyspace keyspace;
    struct random random;
    struct buffer expired; /* names, each followed by a blank */
};

static void note_expired(void *context, struct database *db, struct bytes key)
{
    struct fixture *fixture = context;
    (void)db;
    buffer_append_bytes(&fixture->expired, key);
    buffer_append_byte(&fixture->expired, ' ');
}

static void open_fixture(struct fixture *fixture)
{
    fixture->expired = (struct buffer){0};
    random_seed(&fixture->random, 5);
    keyspace_init(&fixture->keyspace, DATABASES, 99, &fixture->random);
    fixture->keyspace.listener =
        (struct keyspace_listener){.context = fixture, .expired = note_expired};
    keyspace_set_time(&fixture->keyspace, START_MS);
}

static void close_fixture(struct fixture *fixture)
{
    keyspace_clear(&fixture->keyspace);
    buffer_clear(&fixture->expired);
}

static struct bytes text_of(struct database *db, const char *key, char digits[NUMBER_INTEGER_SIZE])
{
    struct entry *entry = database_find(db, bytes_of_string(key), ACCESS_PEEK);
    assert_non_null(entry);
    return string_bytes(entry_value(entry), digits);
}

static void assert_text(struct database *db, const char *key, const char *expected)
{
    char digits[NUMBER_INTEGER_SIZE];
    assert_true(bytes_equal_string(text_of(db, key, digits), expected));
}

static struct entry *set(struct database *db, const char *key, const char *text)
{
    return database_set_string(db, bytes_of_string(key), bytes_of_string(text), false);
}

static void expire(struct database *db, const char *key, int64_t deadline_ms)
{
    database_set_deadline(db, set(db, key, "v"), deadline_ms);
}

static bool exists(struct database *db, const char *key)
{
    return database_find(db, bytes_of_string(key), ACCESS_PEEK) != NULL;
}

static void keys_expire_at_the_exact_millisecond(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct database *db = keyspace_database(&fixture.keyspace, 0);
    expire(db, "k", START_MS + 100);
    assert_true(keyspace_next_deadline(&fixture.keyspace) == START_MS + 100);
    keyspace_set_time(&fixture.keyspace, START_MS + 99);
    assert_true(exists(db, "k"));
    keyspace_set_time(&fixture.keyspace, START_MS + 100);
    assert_false(exists(db, "k"));
    assert_int_equal(fixture.keyspace.expired, 1);
    assert_true(keyspace_next_deadline(&fixture.keyspace) == KEYSPACE_NEVER);
    close_fixture(&fixture);
}

static void keys_expire_in_order_of_deadline_across_databases(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    expire(keyspace_database(&fixture.keyspace, 0), "third", START_MS + 30);
    expire(keyspace_database(&fixture.keyspace, 1), "second", START_MS + 20);
    expire(keyspace_database(&fixture.keyspace, 0), "first", START_MS + 10);
    expire(keyspace_database(&fixture.keyspace, 1), "later", START_MS + 5000);
    keyspace_set_time(&fixture.keyspace, START_MS + 1000);
    assert_true(bytes_equal_string(buffer_bytes(&fixture.expired), "first second third "));
    close_fixture(&fixture);
}

static void a_deadline_in_the_past_is_due_at_once(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct database *db = keyspace_database(&fixture.keyspace, 0);
    expire(db, "k", 1);
    keyspace_set_time(&fixture.keyspace, START_MS);
    assert_false(exists(db, "k"));
    close_fixture(&fixture);
}

static void keys_expire_when_they_are_looked_up_while_expiry_is_paused(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct database *db = keyspace_database(&fixture.keyspace, 0);
    expire(db, "a", START_MS + 10);
    expire(db, "b", START_MS + 10);
    fixture.keyspace.expiry_is_paused = true;
    assert_true(keyspace_next_deadline(&fixture.keyspace) == KEYSPACE_NEVER);
    keyspace_set_time(&fixture.keyspace, START_MS + 10);
    assert_int_equal(database_count(db), 2);
    assert_null(database_find(db, BYTES_LITERAL("a"), ACCESS_READ));
    assert_int_equal(database_count(db), 1);
    assert_true(bytes_equal_string(buffer_bytes(&fixture.expired), "a "));
    close_fixture(&fixture);
}

static void nothing_expires_while_expiry_is_paused(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct database *db = keyspace_database(&fixture.keyspace, 0);
    expire(db, "k", START_MS + 1);
    fixture.keyspace.expiry_is_paused = true;
    keyspace_set_time(&fixture.keyspace, START_MS + 10);
    assert_int_equal(fixture.keyspace.expired, 0);
    fixture.keyspace.expiry_is_paused = false;
    keyspace_set_time(&fixture.keyspace, START_MS + 10);
    assert_false(exists(db, "k"));
    close_fixture(&fixture);
}

static void setting_drops_the_deadline_unless_it_is_kept(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct database *db = keyspace_database(&fixture.keyspace, 0);
    expire(db, "k", START_MS + 100);
    struct entry *entry =
        database_set_string(db, BYTES_LITERAL("k"), BYTES_LITERAL("longer than it was"), true);
    assert_true(database_deadline(db, entry) == START_MS + 100);
    entry = set(db, "k", "w");
    assert_true(database_deadline(db, entry) == KEYSPACE_NEVER);
    assert_int_equal(database_deadline_count(db), 0);
    close_fixture(&fixture);
}

static void replacing_keeps_the_deadline(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct database *db = keyspace_database(&fixture.keyspace, 0);
    expire(db, "k", START_MS + 100);
    struct entry *entry = database_find(db, BYTES_LITERAL("k"), ACCESS_PEEK);
    entry = database_replace_integer(db, entry, 12);
    entry = database_replace(db, entry, string_new(BYTES_LITERAL("on the heap")));
    entry = database_replace_string(db, entry, BYTES_LITERAL("embedded"));
    assert_true(database_deadline(db, entry) == START_MS + 100);
    assert_text(db, "k", "embedded");
    keyspace_set_time(&fixture.keyspace, START_MS + 100);
    assert_false(exists(db, "k"));
    close_fixture(&fixture);
}

static void a_shared_value_is_cloned_when_one_holder_writes(void **state)
{
    struct fixture fixture;
    char digits[NUMBER_INTEGER_SIZE];
    (void)state;
    open_fixture(&fixture);
    struct database *db = keyspace_database(&fixture.keyspace, 0);
    struct value *value = string_new(BYTES_LITERAL("original"));
    struct entry *entry = database_add(db, BYTES_LITERAL("k"), value_retain(value));
    memcpy(database_own_string(db, &entry, 8), "CHANGED!", 8);
    assert_text(db, "k", "CHANGED!");
    assert_true(bytes_equal_string(string_bytes(value, digits), "original"));
    assert_int_equal(value->references, 1);
    value_release(value);
    close_fixture(&fixture);
}

static void an_embedded_string_grows_by_owning_it(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct database *db = keyspace_database(&fixture.keyspace, 0);
    expire(db, "k", START_MS + 100);
    struct entry *entry = database_find(db, BYTES_LITERAL("k"), ACCESS_PEEK);
    database_own_string(db, &entry, 4)[3] = 'x';
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text = text_of(db, "k", digits);
    assert_true(bytes_equal(text, bytes_of("v\0\0x", 4)));
    assert_int_equal(entry_value(entry)->encoding, ENCODING_RAW);
    assert_true(database_deadline(db, entry) == START_MS + 100);
    close_fixture(&fixture);
}

static void swapped_databases_keep_their_deadlines(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct database *first = keyspace_database(&fixture.keyspace, 0);
    struct database *second = keyspace_database(&fixture.keyspace, 1);
    expire(first, "a", START_MS + 10);
    set(second, "b", "v");
    keyspace_swap(&fixture.keyspace, 0, 1);
    assert_true(exists(second, "a") && exists(first, "b") && !exists(first, "a"));
    keyspace_set_time(&fixture.keyspace, START_MS + 10);
    assert_int_equal(database_count(second), 0);
    assert_int_equal(database_count(first), 1);
    close_fixture(&fixture);
}

static void flushing_forgets_keys_and_deadlines(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct database *db = keyspace_database(&fixture.keyspace, 0);
    expire(db, "a", START_MS + 10);
    set(db, "b", "v");
    assert_int_equal(database_flush(db, false), 2);
    keyspace_set_time(&fixture.keyspace, START_MS + 10);
    assert_int_equal(database_count(db), 0);
    assert_int_equal(fixture.keyspace.expired, 0);
    close_fixture(&fixture);
}

static void lookups_count_and_refresh_by_their_kind(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture);
    struct keyspace *keyspace = &fixture.keyspace;
    struct database *db = keyspace_database(keyspace, 0);
    struct entry *entry = set(db, "k", "v");
    keyspace_set_time(keyspace, START_MS + 10000);
    database_find(db, BYTES_LITERAL("k"), ACCESS_PEEK);
    assert_int_equal(keyspace->hits, 0);
    assert_int_equal(database_idle_seconds(db, entry), 10);
    database_find(db, BYTES_LITERAL("k"), ACCESS_LOOK);
    assert_int_equal(keyspace->hits, 1);
    assert_int_equal(database_idle_seconds(db, entry), 10);
    database_find(db, BYTES_LITERAL("k"), ACCESS_READ);
    database_find(db, BYTES_LITERAL("none"), ACCESS_READ);
    assert_int_equal(keyspace->hits, 2);
    assert_int_equal(keyspace->misses, 1);
    assert_int_equal(database_idle_seconds(db, entry), 0);
    close_fixture(&fixture);
}

/* --- random operations against a model --- */

struct model_key {
    bool is_present;
    size_t size;
    char text[LONGEST * 2];
    int64_t deadline_ms; /* KEYSPACE_NEVER: none */
};

struct model {
    struct fixture fixture;
    struct model_key keys[DATABASES][KEYS];
    int64_t now_ms;
};

static struct bytes key_name(size_t index, char name[32])
{
    /* Names of very different sizes. */
    int size = snprintf(name, 32, "%0*zu", (int)(1 + index % 20), index);
    return bytes_of(name, (size_t)size);
}

static void model_set(struct model_key *key, struct bytes text)
{
    key->is_present = true;
    key->size = text.size;
    memcpy(key->text, text.data, text.size);
}

static struct bytes random_text(struct random *random, char text[LONGEST])
{
    size_t size = random_below(random, LONGEST);
    if (random_below(random, 3) == 0)
        return bytes_of(text, number_format_integer(text, (int64_t)random_next(random)));
    for (size_t i = 0; i < size; i++)
        text[i] = (char)random_below(random, 256);
    return bytes_of(text, size);
}

static void write_randomly(struct model *model, struct database *db, struct model_key *key,
                           struct bytes name)
{
    struct random *random = &model->fixture.random;
    char buffer[LONGEST];
    struct bytes text = random_text(random, buffer);
    struct entry *entry = database_find(db, name, ACCESS_WRITE);
    bool keeps_ttl = random_below(random, 2);
    switch (random_below(random, 5)) {
    case 0:
        database_set_string(db, name, text, keeps_ttl);
        break;
    case 1:
        database_set(db, name, string_new(text), keeps_ttl);
        break;
    case 2:
        if (!entry)
            return;
        database_replace_string(db, entry, text);
        keeps_ttl = true;
        break;
    case 3: {
        if (!entry)
            return;
        int64_t integer = (int64_t)random_next(random);
        database_replace_integer(db, entry, integer);
        text = bytes_of(buffer, number_format_integer(buffer, integer));
        keeps_ttl = true;
        break;
    }
    default:
        if (!entry || key->size >= LONGEST)
            return;
        memcpy(database_own_string(db, &entry, key->size + text.size) + key->size, text.data,
               text.size);
        memcpy(key->text + key->size, text.data, text.size);
        key->size += text.size;
        return;
    }
    model_set(key, text);
    if (!keeps_ttl || !entry)
        key->deadline_ms = KEYSPACE_NEVER;
}

/* COPY without a deadline: the two keys share one value. */
static void share_randomly(struct model *model, struct database *db, struct model_key *keys,
                           size_t from)
{
    char from_name[32], to_name[32];
    size_t to = random_below(&model->fixture.random, KEYS);
    struct entry *entry = database_find(db, key_name(from, from_name), ACCESS_READ);
    if (!entry || from == to)
        return;
    database_set(db, key_name(to, to_name), value_retain(entry_value(entry)), false);
    model_set(&keys[to], bytes_of(keys[from].text, keys[from].size));
    keys[to].deadline_ms = KEYSPACE_NEVER;
}

static void rename_randomly(struct model *model, struct database *db, struct model_key *keys,
                            size_t from)
{
    char from_name[32], to_name[32];
    size_t to = random_below(&model->fixture.random, KEYS);
    int64_t deadline_ms;
    if (from == to)
        return;
    struct value *value = database_take(db, key_name(from, from_name), &deadline_ms);
    assert_int_equal(value != NULL, keys[from].is_present);
    if (!value)
        return;
    database_delete(db, key_name(to, to_name));
    struct entry *entry = database_add(db, key_name(to, to_name), value);
    if (deadline_ms != KEYSPACE_NEVER)
        database_set_deadline(db, entry, deadline_ms);
    keys[to] = keys[from];
    keys[from].is_present = false;
}

static void step(struct model *model)
{
    struct random *random = &model->fixture.random;
    int number = (int)random_below(random, DATABASES);
    size_t index = random_below(random, KEYS);
    struct database *db = keyspace_database(&model->fixture.keyspace, number);
    struct model_key *keys = model->keys[number];
    struct model_key *key = &keys[index];
    char name_buffer[32];
    struct bytes name = key_name(index, name_buffer);
    switch (random_below(random, 8)) {
    case 0:
        assert_int_equal(database_delete(db, name), key->is_present);
        key->is_present = false;
        break;
    case 1:
        rename_randomly(model, db, keys, index);
        break;
    case 2:
        share_randomly(model, db, keys, index);
        break;
    case 3: {
        struct entry *entry = database_find(db, name, ACCESS_PEEK);
        if (!entry)
            break;
        key->deadline_ms = model->now_ms + 1 + (int64_t)random_below(random, 1000);
        database_set_deadline(db, entry, key->deadline_ms);
        break;
    }
    case 4: {
        struct entry *entry = database_find(db, name, ACCESS_PEEK);
        if (entry)
            assert_int_equal(database_clear_deadline(db, entry),
                             key->deadline_ms != KEYSPACE_NEVER);
        key->deadline_ms = KEYSPACE_NEVER;
        break;
    }
    default:
        write_randomly(model, db, key, name);
        break;
    }
}

static void let_time_pass(struct model *model)
{
    model->now_ms += (int64_t)random_below(&model->fixture.random, 50);
    keyspace_set_time(&model->fixture.keyspace, model->now_ms);
    for (int db = 0; db < DATABASES; db++)
        for (size_t i = 0; i < KEYS; i++)
            if (model->keys[db][i].is_present && model->keys[db][i].deadline_ms <= model->now_ms)
                model->keys[db][i].is_present = false;
}

static void assert_database_is_as_modelled(struct model *model, int number)
{
    struct database *db = keyspace_database(&model->fixture.keyspace, number);
    size_t count = 0, with_deadline = 0;
    for (size_t i = 0; i < KEYS; i++) {
        const struct model_key *key = &model->keys[number][i];
        char name[32], digits[NUMBER_INTEGER_SIZE];
        struct entry *entry = database_find(db, key_name(i, name), ACCESS_PEEK);
        assert_int_equal(entry != NULL, key->is_present);
        if (!entry)
            continue;
        struct bytes text = string_bytes(entry_value(entry), digits);
        assert_true(bytes_equal(text, bytes_of(key->text, key->size)));
        assert_true(database_deadline(db, entry) == key->deadline_ms);
        count++;
        with_deadline += key->deadline_ms != KEYSPACE_NEVER;
    }
    assert_int_equal(database_count(db), count);
    assert_int_equal(database_deadline_count(db), with_deadline);
}

static void copy_has_the_same_keys_and_goes_its_own_way(void **state)
{
    struct fixture fixture, other;
    (void)state;
    open_fixture(&fixture);
    open_fixture(&other);
    struct database *db = keyspace_database(&fixture.keyspace, 1);
    struct database *copy = keyspace_database(&other.keyspace, 1);
    expire(db, "k", START_MS + 100);
    char text[LONGEST] = {0};
    memset(text, 'x', sizeof text - 1);
    set(db, "shared", text);
    keyspace_copy(&other.keyspace, &fixture.keyspace);
    assert_text(copy, "k", "v");
    assert_text(copy, "shared", text);
    struct entry *entry = database_find(copy, BYTES_LITERAL("shared"), ACCESS_WRITE);
    database_own_string(copy, &entry, 1);
    assert_text(db, "shared", text);
    assert_int_equal(keyspace_next_deadline(&other.keyspace), START_MS + 100);
    keyspace_set_time(&other.keyspace, START_MS + 100);
    assert_false(exists(copy, "k"));
    assert_true(exists(db, "k"));
    close_fixture(&fixture);
    assert_text(copy, "shared", "x");
    close_fixture(&other);
}

static void random_operations_agree_with_a_model(void **state)
{
    static struct model model;
    (void)state;
    open_fixture(&model.fixture);
    model.now_ms = START_MS;
    for (int db = 0; db < DATABASES; db++)
        for (size_t i = 0; i < KEYS; i++)
            model.keys[db][i] = (struct model_key){.deadline_ms = KEYSPACE_NEVER};
    for (int i = 0; i < 60000; i++) {
        step(&model);
        if (i % 20 == 0)
            let_time_pass(&model);
        if (i % 200 == 0)
            for (int db = 0; db < DATABASES; db++)
                assert_database_is_as_modelled(&model, db);
    }
    close_fixture(&model.fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_expire_at_the_exact_millisecond),
        cmocka_unit_test(keys_expire_in_order_of_deadline_across_databases),
        cmocka_unit_test(a_deadline_in_the_past_is_due_at_once),
        cmocka_unit_test(nothing_expires_while_expiry_is_paused),
        cmocka_unit_test(keys_expire_when_they_are_looked_up_while_expiry_is_paused),
        cmocka_unit_test(setting_drops_the_deadline_unless_it_is_kept),
        cmocka_unit_test(replacing_keeps_the_deadline),
        cmocka_unit_test(a_shared_value_is_cloned_when_one_holder_writes),
        cmocka_unit_test(an_embedded_string_grows_by_owning_it),
        cmocka_unit_test(swapped_databases_keep_their_deadlines),
        cmocka_unit_test(flushing_forgets_keys_and_deadlines),
        cmocka_unit_test(lookups_count_and_refresh_by_their_kind),
        cmocka_unit_test(copy_has_the_same_keys_and_goes_its_own_way),
        cmocka_unit_test(random_operations_agree_with_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
