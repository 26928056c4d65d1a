/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend/backend_url.h"

static struct backend_url parsed(const char *text)
{
    struct backend_url url;
    const char *why = "";
    if (!backend_url_parse(&url, text, &why))
        fail_msg("%s is wrong in %s", text, why);
    return url;
}

static void assert_text(const char *text, const char *expected)
{
    if (expected)
        assert_string_equal(text, expected);
    else
        assert_null(text);
}

static void assert_tcp(const char *text, const char *host, int port, int db, const char *user,
                       const char *password)
{
    struct backend_url url = parsed(text);
    assert_string_equal(url.host, host);
    assert_null(url.path);
    assert_int_equal(url.port, port);
    assert_int_equal(url.db, db);
    assert_text(url.user, user);
    assert_text(url.password, password);
    backend_url_clear(&url);
}

static void tcp_urls_have_defaults(void **state)
{
    (void)state;
    assert_tcp("redis://", "127.0.0.1", 6379, 0, NULL, NULL);
    assert_tcp("redis://db.example", "db.example", 6379, 0, NULL, NULL);
    assert_tcp("redis://db.example/", "db.example", 6379, 0, NULL, NULL);
    assert_tcp("redis://db.example:7000/3", "db.example", 7000, 3, NULL, NULL);
    assert_tcp("redis://:7000", "127.0.0.1", 7000, 0, NULL, NULL);
}

static void addresses_of_ipv6_stand_in_brackets(void **state)
{
    (void)state;
    assert_tcp("redis://[::1]:7000/1", "::1", 7000, 1, NULL, NULL);
    assert_tcp("redis://u:p@[fe80::1]", "fe80::1", 6379, 0, "u", "p");
}

static void user_and_password_may_be_encoded(void **state)
{
    (void)state;
    assert_tcp("redis://:secret@h", "h", 6379, 0, NULL, "secret");
    assert_tcp("redis://me@h", "h", 6379, 0, "me", NULL);
    assert_tcp("redis://me:se%2Fcret%40%3a@h:1/2", "h", 1, 2, "me", "se/cret@:");
    assert_tcp("redis://me:a@b@h", "h", 6379, 0, "me", "a@b");
    assert_tcp("redis://me:a:b@h", "h", 6379, 0, "me", "a:b");
}

static void tls_is_noted(void **state)
{
    (void)state;
    struct backend_url url = parsed("rediss://h");
    assert_true(url.has_tls);
    backend_url_clear(&url);
    url = parsed("redis://h");
    assert_false(url.has_tls);
    backend_url_clear(&url);
}

static void unix_sockets_have_a_path(void **state)
{
    (void)state;
    struct backend_url url = parsed("unix://me:p%20w@/run/a%3Fb@c.sock?db=5");
    assert_null(url.host);
    assert_string_equal(url.path, "/run/a?b@c.sock");
    assert_string_equal(url.user, "me");
    assert_string_equal(url.password, "p w");
    assert_int_equal(url.db, 5);
    backend_url_clear(&url);
    url = parsed("unix:///tmp/s");
    assert_string_equal(url.path, "/tmp/s");
    assert_int_equal(url.db, 0);
    backend_url_clear(&url);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } wrong[] = {
        {"", "scheme"},
        {"http://h", "scheme"},
        {"redis:/h", "scheme"},
        {"REDIS://h", "scheme"},
        {"redis://h:0", "host or port"},
        {"redis://h:65536", "host or port"},
        {"redis://h:", "host or port"},
        {"redis://h:12x", "host or port"},
        {"redis://h:99999999999999999999", "host or port"},
        {"redis://[::1", "host or port"},
        {"redis://[::1]7", "host or port"},
        {"redis://h/x", "database number"},
        {"redis://h/-1", "database number"},
        {"redis://h/1/2", "database number"},
        {"redis://h/1?x", "database number"},
        {"redis://h?db=1", "behind the port"},
        {"redis://h#1", "behind the port"},
        {"redis://a%:b@h", "user or password"},
        {"redis://a:%4@h", "user or password"},
        {"redis://a:%zz@h", "user or password"},
        {"redis://a:%00@h", "user or password"},
        {"unix://", "path"},
        {"unix://relative", "path"},
        {"unix:///a%0", "path"},
        {"unix:///a?db=x", "database number"},
        {"unix:///a?database=1", "database number"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct backend_url url;
        const char *why = "";
        if (backend_url_parse(&url, wrong[i].text, &why))
            fail_msg("%s is taken", wrong[i].text);
        if (!strstr(why, wrong[i].why))
            fail_msg("%s is wrong in %s", wrong[i].text, why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_urls_have_defaults),
        cmocka_unit_test(addresses_of_ipv6_stand_in_brackets),
        cmocka_unit_test(user_and_password_may_be_encoded),
        cmocka_unit_test(tls_is_noted),
        cmocka_unit_test(unix_sockets_have_a_path),
        cmocka_unit_test(what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
