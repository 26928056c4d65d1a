/* SPDX-License-Identifier: MIT */
/* The commands for keys whatever they hold, expiry and DUMP/RESTORE included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/server_fixture.h"

#define NIL "$-1\r\n"
#define OK  "+OK\r\n"

static void keys_are_deleted_counted_and_typed(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MSET a 1 b 2 c 3", OK);
    expect_reply(server, "EXISTS a a none b", ":3\r\n");
    expect_reply(server, "TOUCH a none", ":1\r\n");
    expect_reply(server, "TYPE a", "+string\r\n");
    expect_reply(server, "TYPE none", "+none\r\n");
    expect_reply(server, "DEL a a none", ":1\r\n");
    expect_reply(server, "UNLINK b c", ":2\r\n");
    expect_reply(server, "RANDOMKEY", NIL);
}

static void rename_takes_value_and_deadline_along(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "RENAME none x", "-ERR no such key\r\n");
    expect_reply(server, "SET a 1 EX 10", OK);
    expect_reply(server, "SET b 2", OK);
    expect_reply(server, "RENAMENX a b", ":0\r\n");
    expect_reply(server, "RENAME a b", OK);
    expect_reply(server, "GET b", "$1\r\n1\r\n");
    expect_reply(server, "TTL b", ":10\r\n");
    expect_reply(server, "EXISTS a", ":0\r\n");
    expect_reply(server, "RENAME b b", OK);
    expect_reply(server, "RENAMENX b b", ":0\r\n");
    expect_reply(server, "RENAMENX b c", ":1\r\n");
    expect_reply(server, "OBJECT ENCODING c", "$3\r\nint\r\n");
}

static void a_copy_is_independent(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SETRANGE a 200 x", ":201\r\n");
    expect_reply(server, "EXPIRE a 10", ":1\r\n");
    expect_reply(server, "COPY a b", ":1\r\n");
    expect_reply(server, "TTL b", ":10\r\n");
    expect_reply(server, "SETRANGE a 200 y", ":201\r\n");
    expect_reply(server, "GETRANGE b 200 200", "$1\r\nx\r\n");
    expect_reply(server, "COPY a b", ":0\r\n");
    expect_reply(server, "COPY a b REPLACE", ":1\r\n");
    expect_reply(server, "GETRANGE b 200 200", "$1\r\ny\r\n");
    expect_reply(server, "COPY a a", "-ERR source and destination objects are the same\r\n");
    expect_reply(server, "COPY a a DB 1", ":1\r\n");
    expect_reply(server, "COPY a b DB 16", "-ERR DB index is out of range\r\n");
    expect_reply(server, "COPY a b DB 99999999999",
                 "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n");
    expect_reply(server, "COPY none b", ":0\r\n");
}

static void keys_move_between_databases(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SET k v EX 10", OK);
    expect_reply(server, "MOVE k 0", "-ERR source and destination objects are the same\r\n");
    expect_reply(server, "MOVE k 1", ":1\r\n");
    expect_reply(server, "MOVE k 1", ":0\r\n");
    expect_reply(server, "SWAPDB 0 1", OK);
    expect_reply(server, "TTL k", ":10\r\n");
    expect_reply(server, "SWAPDB x 1", "-ERR invalid first DB index\r\n");
    expect_reply(server, "SWAPDB 0 x", "-ERR invalid second DB index\r\n");
    expect_reply(server, "SWAPDB 0 16", "-ERR DB index is out of range\r\n");
}

static void expire_obeys_its_conditions(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "EXPIRE none 10", ":0\r\n");
    expect_reply(server, "SET k v", OK);
    expect_reply(server, "EXPIRE k 10 XX", ":0\r\n");
    expect_reply(server, "EXPIRE k 10 GT", ":0\r\n");
    expect_reply(server, "EXPIRE k 10 LT", ":1\r\n");
    expect_reply(server, "EXPIRE k 20 NX", ":0\r\n");
    expect_reply(server, "EXPIRE k 10 GT", ":0\r\n");
    expect_reply(server, "EXPIRE k 20 GT", ":1\r\n");
    expect_reply(server, "EXPIRE k 30 LT", ":0\r\n");
    expect_reply(server, "EXPIRE k 30 XX GT", ":1\r\n");
    expect_reply(server, "TTL k", ":30\r\n");
    expect_reply(server, "PERSIST k", ":1\r\n");
    expect_reply(server, "PERSIST k", ":0\r\n");
    expect_reply(server, "EXPIRE k 1 Q", "-ERR Unsupported option Q\r\n");
    expect_reply(server, "EXPIRE k 1 NX XX",
                 "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n");
    expect_reply(server, "EXPIRE k 1 GT LT",
                 "-ERR GT and LT options at the same time are not compatible\r\n");
}

static void a_past_deadline_deletes_at_once(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MSET a 1 b 2 c 3", OK);
    expect_reply(server, "EXPIRE a 0", ":1\r\n");
    expect_reply(server, "PEXPIRE b -1", ":1\r\n");
    expect_reply(server, "EXPIREAT c 1", ":1\r\n");
    expect_reply(server, "DBSIZE", ":0\r\n");
}

static void times_left_are_rounded_to_seconds(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "TTL none", ":-2\r\n");
    expect_reply(server, "SET k v", OK);
    expect_reply(server, "PTTL k", ":-1\r\n");
    expect_reply(server, "EXPIRETIME k", ":-1\r\n");
    expect_reply(server, "PEXPIRE k 1499", ":1\r\n");
    expect_reply(server, "TTL k", ":1\r\n");
    expect_reply(server, "PEXPIRE k 1500", ":1\r\n");
    expect_reply(server, "TTL k", ":2\r\n");
    expect_reply(server, "EXPIRETIME k", ":1704067202\r\n");
    expect_reply(server, "PEXPIRETIME k", ":1704067201500\r\n");
}

static void expire_overflow_is_an_error(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SET k v", OK);
    expect_reply(server, "EXPIRE k 9223372036854775807",
                 "-ERR invalid expire time in 'expire' command\r\n");
    expect_reply(server, "PEXPIRE k 9223372036854775807",
                 "-ERR invalid expire time in 'pexpire' command\r\n");
    expect_reply(server, "EXPIREAT k -9223372036854775808",
                 "-ERR invalid expire time in 'expireat' command\r\n");
    expect_reply(server, "PEXPIREAT k 9223372036854775807", ":1\r\n");
    expect_reply(server, "GET k", "$1\r\nv\r\n");
}

static void a_scan_finds_every_key(void **state)
{
    struct server_fixture *server = *state;
    char line[64];
    for (int i = 0; i < 500; i++) {
        snprintf(line, sizeof line, "SET key:%03d v", i);
        expect_reply(server, line, OK);
    }
    bool seen[500] = {false};
    unsigned long long cursor = 0;
    do {
        snprintf(line, sizeof line, "SCAN %llu MATCH key:* COUNT 7 TYPE string", cursor);
        const char *reply = run_command(server->session, line);
        cursor =
            strtoull(strchr(reply, '\n') + strcspn(strchr(reply, '\n') + 1, "\n") + 2, NULL, 10);
        for (const char *key = reply; (key = strstr(key, "key:")) != NULL; key++)
            seen[atoi(key + 4)] = true;
    } while (cursor);
    for (int i = 0; i < 500; i++)
        assert_true(seen[i]);
    expect_reply(server, "SCAN 0 COUNT 1000 TYPE list", "*2\r\n$1\r\n0\r\n*0\r\n");
    expect_reply(server, "SCAN 0 COUNT 1000 MATCH none*", "*2\r\n$1\r\n0\r\n*0\r\n");
    expect_reply(server, "SCAN x", "-ERR invalid cursor\r\n");
    expect_reply(server, "SCAN 0 COUNT 0", "-ERR syntax error\r\n");
    expect_reply(server, "KEYS key:123", "*1\r\n$7\r\nkey:123\r\n");
}

static void object_tells_how_a_value_is_kept(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "OBJECT ENCODING none", NIL);
    expect_reply(server, "SET k 5", OK);
    expect_reply(server, "OBJECT REFCOUNT k", ":2147483647\r\n");
    expect_reply(server, "SET k 10000", OK);
    expect_reply(server, "OBJECT REFCOUNT k", ":1\r\n");
    expect_reply(server, "SET k 12345678901234567890123456789012345678901234", OK);
    expect_reply(server, "OBJECT ENCODING k", "$6\r\nembstr\r\n");
    expect_reply(server, "SET k 123456789012345678901234567890123456789012345", OK);
    expect_reply(server, "OBJECT ENCODING k", "$3\r\nraw\r\n");
    virtual_clock_advance(&server->clock, 7000);
    expect_reply(server, "OBJECT IDLETIME k", ":7\r\n");
    expect_reply(server, "EXISTS k", ":1\r\n");
    expect_reply(server, "OBJECT IDLETIME k", ":7\r\n");
    expect_reply(server, "TOUCH k", ":1\r\n");
    expect_reply(server, "OBJECT IDLETIME k", ":0\r\n");
}

/* RESTORE of what DUMP answered, as an argument quoted for a command line. */
static void restore_line(struct server_fixture *server, char *line, size_t size, const char *rest)
{
    const char *reply = run_command(server->session, "DUMP source");
    size_t length = (size_t)atoi(reply + 1);
    const char *payload = strchr(reply, '\n') + 1;
    size_t used = (size_t)snprintf(line, size, "RESTORE target ");
    used += (size_t)snprintf(line + used, size - used, "%.*s \"", (int)strcspn(rest, " "), rest);
    for (size_t i = 0; i < length; i++)
        used += (size_t)snprintf(line + used, size - used, "\\x%02x", (unsigned char)payload[i]);
    snprintf(line + used, size - used, "\"%s", rest + strcspn(rest, " "));
}

static void a_dumped_value_is_restored(void **state)
{
    struct server_fixture *server = *state;
    char line[2000];
    expect_reply(server, "DUMP source", NIL);
    expect_reply(server, "SET source hello", OK);
    restore_line(server, line, sizeof line, "0");
    expect_reply(server, line, OK);
    expect_reply(server, "GET target", "$5\r\nhello\r\n");
    expect_reply(server, "TTL target", ":-1\r\n");
    expect_reply(server, line, "-BUSYKEY Target key name already exists.\r\n");
    restore_line(server, line, sizeof line, "5000 REPLACE IDLETIME 30");
    expect_reply(server, line, OK);
    expect_reply(server, "PTTL target", ":5000\r\n");
    expect_reply(server, "OBJECT IDLETIME target", ":30\r\n");
    restore_line(server, line, sizeof line, "1704067201000 REPLACE ABSTTL");
    expect_reply(server, line, OK);
    expect_reply(server, "PTTL target", ":1000\r\n");
    restore_line(server, line, sizeof line, "1 REPLACE ABSTTL");
    expect_reply(server, line, OK);
    expect_reply(server, "EXISTS target", ":0\r\n");
}

static void restore_refuses_what_is_wrong(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "RESTORE k 0 nonsense",
                 "-ERR DUMP payload version or checksum are wrong\r\n");
    expect_reply(server, "RESTORE k -1 x", "-ERR Invalid TTL value, must be >= 0\r\n");
    expect_reply(server, "RESTORE k 0 x IDLETIME -1",
                 "-ERR Invalid IDLETIME value, must be >= 0\r\n");
    expect_reply(server, "RESTORE k 0 x FREQ 256",
                 "-ERR Invalid FREQ value, must be >= 0 and <= 255\r\n");
    expect_reply(server, "RESTORE k 0 x FREQ 1 IDLETIME 1", "-ERR syntax error\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(keys_are_deleted_counted_and_typed, NULL),
        SERVER_TEST(rename_takes_value_and_deadline_along, NULL),
        SERVER_TEST(a_copy_is_independent, NULL),
        SERVER_TEST(keys_move_between_databases, NULL),
        SERVER_TEST(expire_obeys_its_conditions, NULL),
        SERVER_TEST(a_past_deadline_deletes_at_once, NULL),
        SERVER_TEST(times_left_are_rounded_to_seconds, NULL),
        SERVER_TEST(expire_overflow_is_an_error, NULL),
        SERVER_TEST(a_scan_finds_every_key, NULL),
        SERVER_TEST(object_tells_how_a_value_is_kept, NULL),
        SERVER_TEST(a_dumped_value_is_restored, NULL),
        SERVER_TEST(restore_refuses_what_is_wrong, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
