/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/server_fixture.h"

#define NIL         "$-1\r\n"
#define OK          "+OK\r\n"
#define SYNTAX      "-ERR syntax error\r\n"
#define NOT_INTEGER "-ERR value is not an integer or out of range\r\n"
#define WRONG_TYPE  "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"

static void a_value_comes_back_as_it_was_set(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "GET k", NIL);
    expect_reply(server, "SET k hello", OK);
    expect_reply(server, "GET k", "$5\r\nhello\r\n");
    expect_reply(server, "SET k \"\"", OK);
    expect_reply(server, "GET k", "$0\r\n\r\n");
    expect_reply(server, "SET k -9223372036854775808", OK);
    expect_reply(server, "GET k", "$20\r\n-9223372036854775808\r\n");
}

static void set_obeys_its_conditions(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SET k a XX", NIL);
    expect_reply(server, "SET k a NX", OK);
    expect_reply(server, "SET k b NX", NIL);
    expect_reply(server, "SET k c XX GET", "$1\r\na\r\n");
    expect_reply(server, "SET k d NX GET", "$1\r\nc\r\n");
    expect_reply(server, "GET k", "$1\r\nc\r\n");
    expect_reply(server, "SET new d NX GET", NIL);
    expect_reply(server, "GET new", "$1\r\nd\r\n");
    expect_reply(server, "SETNX k e", ":0\r\n");
    expect_reply(server, "SETNX other e", ":1\r\n");
}

static void nx_and_get_exclude_each_other_before_7(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *const[]){"emulate", "6.2", NULL});
    expect_reply(&server, "SET k a NX GET", SYNTAX);
    expect_reply(&server, "SET k a GET NX", SYNTAX);
    expect_reply(&server, "SET k a EX 0", "-ERR invalid expire time in set\r\n");
    expect_reply(&server, "MSET a", "-ERR wrong number of arguments for 'mset' command\r\n");
    expect_reply(&server, "MSET a b c", "-ERR wrong number of arguments for MSET\r\n");
    server_fixture_close(&server);
}

static void wrong_options_change_nothing(void **state)
{
    static const char *const lines[] = {
        "SET k v NX XX",         "SET k v EX",           "SET k v EX 1 PX 1",
        "SET k v EX 1 KEEPTTL",  "SET k v KEEPTTL PX 1", "SET k v PERSIST",
        "SET k v EX 1 PXAT 100", "SET k v nonsense",     "GETEX k KEEPTTL",
        "GETEX k EX 1 PERSIST",  "GETEX k PERSIST PX 1", "GETEX k NX",
    };
    struct server_fixture *server = *state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect_reply(server, lines[i], SYNTAX);
    expect_reply(server, "SET k v EX 0", "-ERR invalid expire time in 'set' command\r\n");
    expect_reply(server, "SET k v EX -1", "-ERR invalid expire time in 'set' command\r\n");
    expect_reply(server, "SET k v PX 9223372036854775807",
                 "-ERR invalid expire time in 'set' command\r\n");
    expect_reply(server, "SET k v EX one", NOT_INTEGER);
    expect_reply(server, "SETEX k 0 v", "-ERR invalid expire time in 'setex' command\r\n");
    expect_reply(server, "PSETEX k 0 v", "-ERR invalid expire time in 'psetex' command\r\n");
    expect_reply(server, "EXISTS k", ":0\r\n");
}

static void a_deadline_ends_the_key_at_its_millisecond(void **state)
{
    static const char *const lines[] = {
        "SET k v EX 2", "SET k v PX 2000", "SET k v EXAT 1704067202", "SET k v PXAT 1704067202000",
        "SETEX k 2 v",  "PSETEX k 2000 v",
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct server_fixture server;
        server_fixture_open(&server, NULL);
        expect_reply(&server, lines[i], OK);
        expect_reply(&server, "PTTL k", ":2000\r\n");
        virtual_clock_advance(&server.clock, 1999);
        expect_reply(&server, "GET k", "$1\r\nv\r\n");
        virtual_clock_advance(&server.clock, 1);
        expect_reply(&server, "GET k", NIL);
        expect_reply(&server, "DBSIZE", ":0\r\n");
        server_fixture_close(&server);
    }
}

static void a_deadline_in_the_past_hides_the_key_from_the_next_command(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SET k v PXAT 1", OK);
    expect_reply(server, "GET k", NIL);
    expect_reply(server, "MULTI", OK);
    expect_reply(server, "SET k v EXAT 1", "+QUEUED\r\n");
    expect_reply(server, "GET k", "+QUEUED\r\n");
    expect_reply(server, "EXEC", "*2\r\n+OK\r\n" NIL);
}

static void setting_drops_the_deadline_and_keepttl_keeps_it(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SET k v EX 10", OK);
    expect_reply(server, "SET k w KEEPTTL", OK);
    expect_reply(server, "TTL k", ":10\r\n");
    expect_reply(server, "APPEND k x", ":2\r\n");
    expect_reply(server, "TTL k", ":10\r\n");
    expect_reply(server, "SET k w", OK);
    expect_reply(server, "TTL k", ":-1\r\n");
}

static void getex_changes_the_deadline(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "GETEX k EX nonsense", NIL);
    expect_reply(server, "SET k v", OK);
    expect_reply(server, "GETEX k EX 0", "-ERR invalid expire time in 'getex' command\r\n");
    expect_reply(server, "GETEX k EX 10", "$1\r\nv\r\n");
    expect_reply(server, "TTL k", ":10\r\n");
    expect_reply(server, "GETEX k", "$1\r\nv\r\n");
    expect_reply(server, "TTL k", ":10\r\n");
    expect_reply(server, "GETEX k PERSIST", "$1\r\nv\r\n");
    expect_reply(server, "TTL k", ":-1\r\n");
    expect_reply(server, "GETEX k PXAT 1", "$1\r\nv\r\n");
    expect_reply(server, "EXISTS k", ":0\r\n");
}

static void getting_may_replace_or_delete(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "GETSET k a", NIL);
    expect_reply(server, "GETSET k b", "$1\r\na\r\n");
    expect_reply(server, "GETDEL k", "$1\r\nb\r\n");
    expect_reply(server, "GETDEL k", NIL);
}

static void many_keys_are_set_and_read_at_once(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MSET a 1 b 2", OK);
    expect_reply(server, "MGET a none b", "*3\r\n$1\r\n1\r\n$-1\r\n$1\r\n2\r\n");
    expect_reply(server, "MSETNX c 3 b 4", ":0\r\n");
    expect_reply(server, "EXISTS c", ":0\r\n");
    expect_reply(server, "MSETNX c 3 c 4", ":1\r\n");
    expect_reply(server, "GET c", "$1\r\n4\r\n");
    expect_reply(server, "MSET a 1 b", "-ERR wrong number of arguments for 'mset' command\r\n");
    expect_reply(server, "MSETNX a 1 b", "-ERR wrong number of arguments for 'msetnx' command\r\n");
}

static void counters_count(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "INCR k", ":1\r\n");
    expect_reply(server, "INCRBY k 41", ":42\r\n");
    expect_reply(server, "DECR k", ":41\r\n");
    expect_reply(server, "DECRBY k -1", ":42\r\n");
    expect_reply(server, "OBJECT ENCODING k", "$3\r\nint\r\n");
    expect_reply(server, "SET k 9223372036854775807", OK);
    expect_reply(server, "INCR k", "-ERR increment or decrement would overflow\r\n");
    expect_reply(server, "DECRBY k -9223372036854775808", "-ERR decrement would overflow\r\n");
    expect_reply(server, "GET k", "$19\r\n9223372036854775807\r\n");
    expect_reply(server, "INCRBY k one", NOT_INTEGER);
    expect_reply(server, "SET k text", OK);
    expect_reply(server, "INCR k", NOT_INTEGER);
    expect_reply(server, "SET k \" 1\"", OK);
    expect_reply(server, "INCR k", NOT_INTEGER);
}

static void a_counter_that_was_appended_to_still_counts(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "APPEND k 1", ":1\r\n");
    expect_reply(server, "OBJECT ENCODING k", "$3\r\nint\r\n");
    expect_reply(server, "APPEND k 2", ":2\r\n");
    expect_reply(server, "OBJECT ENCODING k", "$3\r\nraw\r\n");
    expect_reply(server, "EXPIRE k 100", ":1\r\n");
    expect_reply(server, "INCR k", ":13\r\n");
    expect_reply(server, "OBJECT ENCODING k", "$3\r\nint\r\n");
    expect_reply(server, "TTL k", ":100\r\n");
}

static void floats_are_added_as_decimals(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "INCRBYFLOAT k 10.5", "$4\r\n10.5\r\n");
    expect_reply(server, "INCRBYFLOAT k 0.1", "$4\r\n10.6\r\n");
    expect_reply(server, "INCRBYFLOAT k -5.6", "$1\r\n5\r\n");
    expect_reply(server, "OBJECT ENCODING k", "$6\r\nembstr\r\n");
    expect_reply(server, "INCR k", ":6\r\n");
    expect_reply(server, "INCRBYFLOAT k 5e3", "$4\r\n5006\r\n");
    expect_reply(server, "INCRBYFLOAT k nan", "-ERR value is not a valid float\r\n");
    expect_reply(server, "INCRBYFLOAT k inf", "-ERR increment would produce NaN or Infinity\r\n");
    expect_reply(server, "SET k text", OK);
    expect_reply(server, "INCRBYFLOAT k 1", "-ERR value is not a valid float\r\n");
}

static void ranges_are_cut_at_both_ends(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SET k \"Hello World\"", OK);
    expect_reply(server, "GETRANGE k 0 4", "$5\r\nHello\r\n");
    expect_reply(server, "GETRANGE k -5 -1", "$5\r\nWorld\r\n");
    expect_reply(server, "GETRANGE k 0 -1", "$11\r\nHello World\r\n");
    expect_reply(server, "GETRANGE k -100 100", "$11\r\nHello World\r\n");
    expect_reply(server, "GETRANGE k -1 -100", "$0\r\n\r\n");
    expect_reply(server, "GETRANGE k -100 -200", "$0\r\n\r\n");
    expect_reply(server, "GETRANGE k 5 4", "$0\r\n\r\n");
    expect_reply(server, "GETRANGE k 11 20", "$0\r\n\r\n");
    expect_reply(server, "GETRANGE k 9223372036854775807 -9223372036854775808", "$0\r\n\r\n");
    expect_reply(server, "GETRANGE none 0 -1", "$0\r\n\r\n");
    expect_reply(server, "SUBSTR k 0 0", "$1\r\nH\r\n");
    expect_reply(server, "SET k 12345", OK);
    expect_reply(server, "GETRANGE k 1 2", "$2\r\n23\r\n");
    expect_reply(server, "STRLEN k", ":5\r\n");
    expect_reply(server, "STRLEN none", ":0\r\n");
}

static void setrange_pads_with_zeros(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SETRANGE k 5 \"\"", ":0\r\n");
    expect_reply(server, "EXISTS k", ":0\r\n");
    expect_reply(server, "SETRANGE k 1 ab", ":3\r\n");
    expect_reply(server, "GETRANGE k 1 -1", "$2\r\nab\r\n");
    expect_reply(server, "SET k 12345", OK);
    expect_reply(server, "SETRANGE k 1 xx", ":5\r\n");
    expect_reply(server, "GET k", "$5\r\n1xx45\r\n");
    expect_reply(server, "SETRANGE k -1 x", "-ERR offset is out of range\r\n");
    expect_reply(server, "SETRANGE k 536870912 x",
                 "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n");
    expect_reply(server, "SETRANGE k 9223372036854775807 x",
                 "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n");
    expect_reply(server, "SETRANGE k 9223372036854775807 \"\"", ":5\r\n");
}

static void lcs_finds_what_two_strings_share(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MSET a ohmytext b mynewtext", OK);
    expect_reply(server, "LCS a b", "$6\r\nmytext\r\n");
    expect_reply(server, "LCS a b LEN", ":6\r\n");
    expect_reply(server, "LCS a b IDX",
                 "*4\r\n$7\r\nmatches\r\n*2\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n"
                 "*2\r\n*2\r\n:2\r\n:3\r\n*2\r\n:0\r\n:1\r\n$3\r\nlen\r\n:6\r\n");
    expect_reply(server, "LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN",
                 "*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n"
                 "$3\r\nlen\r\n:6\r\n");
    expect_reply(server, "LCS a none", "$0\r\n\r\n");
    expect_reply(server, "LCS a b LEN IDX",
                 "-ERR If you want both the length and indexes, please just use IDX.\r\n");
    expect_reply(server, "LCS a b nonsense", SYNTAX);
}

static void lcs_spends_no_more_memory_than_a_bulk_may_have(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *const[]){"proto-max-bulk-len", "1048576", NULL});
    expect_reply(&server, "SETRANGE a 999 x", ":1000\r\n");
    expect_reply(&server, "SETRANGE b 999 x", ":1000\r\n");
    expect_reply(
        &server, "LCS a b",
        "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len\r\n");
    server_fixture_close(&server);
}

static void other_types_are_refused(void **state)
{
    static const char *const lines[] = {
        "GET k",   "GETSET k v",      "SET k v GET",    "GETDEL k",
        "GETEX k", "APPEND k v",      "STRLEN k",       "GETRANGE k 0 -1",
        "INCR k",  "INCRBYFLOAT k 1", "SETRANGE k 0 v",
    };
    struct server_fixture *server = *state;
    expect_reply(server, "HSET k f v", ":1\r\n");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect_reply(server, lines[i], WRONG_TYPE);
    expect_reply(server, "LCS k k", "-ERR The specified keys must contain string values\r\n");
    expect_reply(server, "MGET k", "*1\r\n$-1\r\n");
    expect_reply(server, "SETNX k v", ":0\r\n");
    expect_reply(server, "SET k v", OK);
    expect_reply(server, "TYPE k", "+string\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_value_comes_back_as_it_was_set, NULL),
        SERVER_TEST(set_obeys_its_conditions, NULL),
        cmocka_unit_test(nx_and_get_exclude_each_other_before_7),
        SERVER_TEST(wrong_options_change_nothing, NULL),
        cmocka_unit_test(a_deadline_ends_the_key_at_its_millisecond),
        SERVER_TEST(a_deadline_in_the_past_hides_the_key_from_the_next_command, NULL),
        SERVER_TEST(setting_drops_the_deadline_and_keepttl_keeps_it, NULL),
        SERVER_TEST(getex_changes_the_deadline, NULL),
        SERVER_TEST(getting_may_replace_or_delete, NULL),
        SERVER_TEST(many_keys_are_set_and_read_at_once, NULL),
        SERVER_TEST(counters_count, NULL),
        SERVER_TEST(a_counter_that_was_appended_to_still_counts, NULL),
        SERVER_TEST(floats_are_added_as_decimals, NULL),
        SERVER_TEST(ranges_are_cut_at_both_ends, NULL),
        SERVER_TEST(setrange_pads_with_zeros, NULL),
        SERVER_TEST(lcs_finds_what_two_strings_share, NULL),
        cmocka_unit_test(lcs_spends_no_more_memory_than_a_bulk_may_have),
        SERVER_TEST(other_types_are_refused, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
