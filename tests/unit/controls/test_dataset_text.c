/* SPDX-License-Identifier: MIT */
#include "controls/dataset_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "controls/seed_file.h"
#include "support/server_fixture.h"

static void run_all(struct server_fixture *server, const char *const *lines)
{
    for (; *lines; lines++)
        assert_int_not_equal(*run_command(server->session, *lines), '-');
}

/* Owned, terminated. */
static char *text_of(struct engine *engine, const char *glob)
{
    struct buffer text = {0};
    dataset_text_append(engine, bytes_of_string(glob), &text);
    buffer_append_byte(&text, '\0');
    return text.data;
}

static void expect_text(struct server_fixture *server, const char *glob, const char *expected)
{
    char *text = text_of(server->engine, glob);
    assert_string_equal(text, expected);
    free(text);
}

static void keys_are_commands_in_order(void **state)
{
    struct server_fixture *server = *state;
    run_all(server,
            (const char *const[]){"SET b \"two words\\n\"", "SET a 5 PX 1000", "RPUSH l x \"\" 1",
                                  "HSET h f v", "SADD s 2 1", "ZADD z 1.5 m -inf n", "SELECT 3",
                                  "SET a \"\\xff\"", NULL});
    expect_text(server, "",
                "SET a 5\nPEXPIREAT a 1704067201000\nSET b \"two words\\n\"\nHSET h f v\n"
                "RPUSH l x \"\" 1\nSADD s 1 2\nZADD z -inf n 1.5 m\nSELECT 3\nSET a \"\\xff\"\n");
    expect_text(server, "[bs]", "SET b \"two words\\n\"\nSADD s 1 2\n");
    expect_text(server, "none", "");
}

static void streams_come_with_all_they_know(void **state)
{
    struct server_fixture *server = *state;
    run_all(server, (const char *const[]){
                        "XADD x 1-1 f v", "XADD x 2-1 f w g h", "XADD x 3-1 f v", "XDEL x 3-1",
                        "XGROUP CREATE x g 0",
                        "XREADGROUP GROUP g c COUNT 1 "
                        "STREAMS x >",
                        "XGROUP CREATE x h 1-1 ENTRIESREAD 1", "XADD gone 5-5 f v", "XDEL gone 5-5",
                        "XGROUP CREATE never g 0 MKSTREAM", "XGROUP DESTROY never g", NULL});
    expect_text(server, "",
                "XADD gone MAXLEN 0 5-5 field value\n"
                "XSETID gone 5-5 ENTRIESADDED 1 MAXDELETEDID 5-5\n"
                "XGROUP CREATE never understudy 0 MKSTREAM\nXGROUP DESTROY never understudy\n"
                "XADD x 1-1 f v\nXADD x 2-1 f w g h\n"
                "XSETID x 3-1 ENTRIESADDED 3 MAXDELETEDID 3-1\n"
                "XGROUP CREATE x g 1-1\nXGROUP CREATECONSUMER x g c\n"
                "XCLAIM x g c 0 1-1 TIME 1704067200000 RETRYCOUNT 1 JUSTID FORCE\n"
                "XGROUP CREATE x h 1-1 ENTRIESREAD 1\n");
}

/* The text, run by another server, makes data that has the same text and digest. */
static void expect_round_trip(struct server_fixture *server, const char *emulate)
{
    struct server_fixture other;
    struct buffer problem = {0};
    server_fixture_open(&other, (const char *const[]){"emulate", emulate, NULL});
    char *text = text_of(server->engine, "");
    if (seed_file_run(other.engine, "text", bytes_of_string(text), &problem) < 0)
        fail_msg("%.*s\n%s", BYTES_PRINT(buffer_bytes(&problem)), text);
    char *again = text_of(other.engine, "");
    assert_string_equal(text, again);
    char *digest = strdup(run_command(server->session, "DEBUG DIGEST"));
    assert_string_equal(digest, run_command(other.session, "DEBUG DIGEST"));
    free(digest);
    free(text);
    free(again);
    server_fixture_close(&other);
}

static void text_makes_the_same_data_again(void **state)
{
    struct server_fixture *server = *state;
    streams_come_with_all_they_know(state);
    run_all(server,
            (const char *const[]){"SET a \"\\x00\\r\\n '\\\"\\\\\"", "SET \"\" empty", "SET # 1",
                                  "SELECT 9", "PFADD hll a b c", "SET e v EXAT 2000000000", NULL});
    for (int i = 0; i < 1000; i++) {
        char line[96];
        snprintf(line, sizeof line, "HSET bighash field:%d %d", i * 7919 % 1000, i);
        run_command(server->session, line);
        snprintf(line, sizeof line, "SADD bigset m%d", i * 7919 % 1000);
        run_command(server->session, line);
        snprintf(line, sizeof line, "ZADD bigzset %d.1 m%d", i % 10, i);
        run_command(server->session, line);
        snprintf(line, sizeof line, "RPUSH biglist \"element %d\"", i);
        run_command(server->session, line);
    }
    expect_round_trip(server, "7.2");
}

static void fields_that_expire_come_with_their_deadlines(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *const[]){"emulate", "8.0", NULL});
    run_all(&server,
            (const char *const[]){"HSET h a 1 b 2 c 3", "HPEXPIRE h 1000 FIELDS 1 b", NULL});
    expect_text(&server, "", "HSET h b 2 a 1 c 3\nHPEXPIREAT h 1704067201000 FIELDS 1 b\n");
    expect_round_trip(&server, "8.0");
    server_fixture_close(&server);
}

static void order_of_members_follows_their_bytes_when_they_have_none(void **state)
{
    struct server_fixture *server = *state;
    run_all(server, (const char *const[]){"CONFIG SET hash-max-listpack-entries 1",
                                          "HSET h c 3 a 1 b 2", NULL});
    expect_text(server, "", "HSET h a 1 b 2 c 3\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(keys_are_commands_in_order, NULL),
        SERVER_TEST(streams_come_with_all_they_know, NULL),
        SERVER_TEST(text_makes_the_same_data_again, NULL),
        cmocka_unit_test(fields_that_expire_come_with_their_deadlines),
        SERVER_TEST(order_of_members_follows_their_bytes_when_they_have_none, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
