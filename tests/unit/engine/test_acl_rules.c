/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/acl_rules.h"
#include "engine/acl_text.h"
#include "support/server_fixture.h"

static void expect_result(const struct server_fixture *server, struct acl_user *user,
                          const char *rule, enum acl_rules_result result)
{
    assert_int_equal(acl_rules_apply(server->engine, user, bytes_of_string(rule)), result);
}

static void expect_text(const struct server_fixture *server, const struct acl_user *user,
                        const char *text)
{
    struct buffer out = {0};
    acl_text_append_user(server->engine, user, &out);
    buffer_append_byte(&out, '\0');
    assert_string_equal(out.data, text);
    buffer_clear(&out);
}

static void a_new_user_may_do_nothing(void **state)
{
    struct server_fixture *server = *state;
    struct acl_user *user = acl_user_new(BYTES_LITERAL("u"));
    expect_text(server, user, "off resetchannels -@all");
    assert_false(user->is_unrestricted);
    acl_user_release(user);
}

static void rules_are_told_in_their_order(void **state)
{
    struct server_fixture *server = *state;
    struct acl_user *user = acl_user_new(BYTES_LITERAL("u"));
    expect_result(server, user, "on", ACL_RULES_DONE);
    expect_result(server, user, "+@read", ACL_RULES_DONE);
    expect_result(server, user, "-GET", ACL_RULES_DONE);
    expect_result(server, user, "+config|get", ACL_RULES_DONE);
    expect_result(server, user, "-config", ACL_RULES_DONE);
    expect_result(server, user, "+select|1", ACL_RULES_DONE);
    expect_text(server, user, "on resetchannels -@all +@read -get -config +select|1");
    acl_user_release(user);
}

static void patterns_of_keys_join_what_they_allow(void **state)
{
    struct server_fixture *server = *state;
    struct acl_user *user = acl_user_new(BYTES_LITERAL("u"));
    expect_result(server, user, "%R~a", ACL_RULES_DONE);
    expect_result(server, user, "%w~b", ACL_RULES_DONE);
    expect_text(server, user, "off %R~a %W~b resetchannels -@all");
    expect_result(server, user, "%W~a", ACL_RULES_DONE);
    expect_text(server, user, "off ~a %W~b resetchannels -@all");
    expect_result(server, user, "%~a", ACL_RULES_SYNTAX);
    expect_result(server, user, "%RR~a", ACL_RULES_SYNTAX);
    expect_result(server, user, "~a b", ACL_RULES_SYNTAX);
    expect_result(server, user, "allkeys", ACL_RULES_DONE);
    expect_result(server, user, "~a", ACL_RULES_KEYS_COVERED);
    acl_user_release(user);
}

static void a_selector_is_taken_whole_or_not_at_all(void **state)
{
    struct server_fixture *server = *state;
    struct acl_user *user = acl_user_new(BYTES_LITERAL("u"));
    expect_result(server, user, "(+get ~a &c)", ACL_RULES_DONE);
    expect_result(server, user, "(+get +nosuch)", ACL_RULES_UNKNOWN);
    expect_result(server, user, "(on)", ACL_RULES_SYNTAX);
    expect_text(server, user, "off resetchannels -@all (~a resetchannels &c -@all +get)");
    expect_result(server, user, "clearselectors", ACL_RULES_DONE);
    assert_int_equal(user->selector_count, 1);
    acl_user_release(user);
}

static void one_selector_with_everything_needs_no_checks(void **state)
{
    struct server_fixture *server = *state;
    struct acl_user *user = acl_user_new(BYTES_LITERAL("u"));
    expect_result(server, user, "(~* &* +@all)", ACL_RULES_DONE);
    assert_true(user->is_unrestricted);
    expect_result(server, user, "clearselectors", ACL_RULES_DONE);
    assert_false(user->is_unrestricted);
    acl_user_release(user);
}

static void passwords_are_kept_as_digests(void **state)
{
    struct server_fixture *server = *state;
    struct acl_user *user = acl_user_new(BYTES_LITERAL("u"));
    expect_result(server, user, "nopass", ACL_RULES_DONE);
    expect_result(server, user, ">p", ACL_RULES_DONE);
    expect_result(server, user, ">p", ACL_RULES_DONE);
    assert_int_equal(user->passwords.count, 1);
    assert_false(user->flags & ACL_USER_NOPASS);
    expect_result(server, user, "<other", ACL_RULES_NO_SUCH_PASSWORD);
    expect_result(server, user, "#abc", ACL_RULES_HASH);
    expect_result(server, user, "<p", ACL_RULES_DONE);
    assert_int_equal(user->passwords.count, 0);
    acl_user_release(user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_new_user_may_do_nothing, NULL),
        SERVER_TEST(rules_are_told_in_their_order, NULL),
        SERVER_TEST(patterns_of_keys_join_what_they_allow, NULL),
        SERVER_TEST(a_selector_is_taken_whole_or_not_at_all, NULL),
        SERVER_TEST(one_selector_with_everything_needs_no_checks, NULL),
        SERVER_TEST(passwords_are_kept_as_digests, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
