/* SPDX-License-Identifier: MIT */
#include "engine/key_registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"

struct owner {
    struct list memberships;
};

static void join(struct key_registry *registry, struct owner *owner, int db, const char *key)
{
    key_registry_join(registry, &owner->memberships, owner, db, bytes_of_string(key));
}

static void a_key_is_there_while_it_has_members(void **state)
{
    struct key_registry registry;
    struct owner one = {0}, other = {0};
    (void)state;
    key_registry_init(&registry, 1);
    join(&registry, &one, 0, "k");
    join(&registry, &other, 0, "k");
    assert_int_equal(key_registry_count(&registry), 1);
    struct registered_key *key = key_registry_find(&registry, 0, BYTES_LITERAL("k"));
    assert_true(bytes_equal_string(key_registry_name_of(key), "k"));
    assert_ptr_equal(LIST_ENTRY(key->members.first, struct key_membership, by_key)->owner, &one);
    key_registry_leave_all(&registry, &one.memberships);
    assert_int_equal(list_count(&key->members), 1);
    key_registry_leave_all(&registry, &other.memberships);
    assert_null(key_registry_find(&registry, 0, BYTES_LITERAL("k")));
    key_registry_clear(&registry);
}

static void joining_twice_is_joining_once(void **state)
{
    struct key_registry registry;
    struct owner owner = {0};
    (void)state;
    key_registry_init(&registry, 1);
    join(&registry, &owner, 0, "a");
    join(&registry, &owner, 0, "b");
    assert_null(key_registry_join(&registry, &owner.memberships, &owner, 0, BYTES_LITERAL("a")));
    assert_int_equal(list_count(&owner.memberships), 2);
    key_registry_leave_all(&registry, &owner.memberships);
    key_registry_clear(&registry);
}

static void databases_and_long_keys_are_told_apart(void **state)
{
    struct key_registry registry;
    struct owner owner = {0};
    (void)state;
    key_registry_init(&registry, 1);
    char *text = memory_zeroed(1001);
    memset(text, 'x', 1000);
    join(&registry, &owner, 0, text);
    join(&registry, &owner, 1, text);
    join(&registry, &owner, 1, "");
    assert_int_equal(key_registry_count(&registry), 3);
    assert_non_null(key_registry_find(&registry, 1, bytes_of_string(text)));
    assert_null(key_registry_find(&registry, 0, BYTES_LITERAL("")));
    assert_null(key_registry_find(&registry, 0, bytes_of(text, 999)));
    key_registry_leave_all(&registry, &owner.memberships);
    key_registry_clear(&registry);
    memory_free(text);
}

static void marked_keys_come_in_the_order_of_marking(void **state)
{
    struct key_registry registry;
    struct owner owner = {0}, leaver = {0};
    (void)state;
    key_registry_init(&registry, 1);
    join(&registry, &owner, 0, "a");
    join(&registry, &owner, 0, "b");
    join(&registry, &leaver, 0, "c");
    struct registered_key *a = key_registry_find(&registry, 0, BYTES_LITERAL("a"));
    struct registered_key *b = key_registry_find(&registry, 0, BYTES_LITERAL("b"));
    key_registry_mark(&registry, key_registry_find(&registry, 0, BYTES_LITERAL("c")));
    key_registry_mark(&registry, b);
    key_registry_mark(&registry, a);
    key_registry_mark(&registry, b);
    key_registry_leave_all(&registry, &leaver.memberships);
    assert_ptr_equal(key_registry_take_marked(&registry), b);
    assert_ptr_equal(key_registry_take_marked(&registry), a);
    assert_null(key_registry_take_marked(&registry));
    key_registry_leave_all(&registry, &owner.memberships);
    key_registry_clear(&registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_there_while_it_has_members),
        cmocka_unit_test(joining_twice_is_joining_once),
        cmocka_unit_test(databases_and_long_keys_are_told_apart),
        cmocka_unit_test(marked_keys_come_in_the_order_of_marking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
