/* SPDX-License-Identifier: MIT */
/*
 * A server in the test's own process: no port to find, no process to wait for, and the test moves
 * the clock, orders a fault and goes back to a known state by calling functions.
 *
 *     cc embedding.c $(pkg-config --cflags --libs understudy) -o embedding && ./embedding
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <understudy.h>

static int failures;

/* Runs a command and compares its reply, as redis-cli would show it. */
static void expect(struct understudy_reply *reply, const char *expected)
{
    char *text = reply ? understudy_reply_print(reply) : strdup("(no reply)");
    if (strcmp(text, expected) != 0) {
        printf("expected %s, got %s\n", expected, text);
        failures++;
    }
    free(text);
    understudy_reply_free(reply);
}

static void check(int is_done, const char *error)
{
    if (is_done)
        return;
    printf("%s\n", error);
    failures++;
}

int main(void)
{
    char error[UNDERSTUDY_ERROR_SIZE];
    const char *words[] = {"--databases", "2"};
    const struct understudy_options options = {.words = words, .word_count = 2};
    struct understudy *server = understudy_new(&options, error);
    if (!server || !understudy_start(server, error)) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    printf("Any Redis client finds it at %s\n", understudy_url(server));

    /* Time: a key that lives for a minute is gone a minute later, which takes no time at all. */
    check(understudy_clock_freeze(server, error), error);
    expect(understudy_command(server, "SET", "session", "42", "EX", "60", NULL), "OK");
    check(understudy_clock_advance(server, 60000, error), error);
    expect(understudy_command(server, "GET", "session", NULL), "(nil)");

    /* State: each test starts from the same data. */
    expect(understudy_command(server, "HSET", "user:1", "name", "Ada", NULL), "(integer) 1");
    check(understudy_snapshot_save(server, "fixture", error), error);
    expect(understudy_command(server, "FLUSHALL", NULL), "OK");
    check(understudy_snapshot_restore(server, "fixture", error), error);
    expect(understudy_command(server, "HGET", "user:1", "name", NULL), "\"Ada\"");

    /* Faults: the first GET fails as it does while a server loads its data. */
    check(understudy_fault_add(server, "loading", "COMMAND get TIMES 1 LOADING", error), error);
    struct understudy_reply *reply = understudy_command(server, "GET", "k", NULL);
    if (!reply || reply->type != UNDERSTUDY_ERROR)
        failures++;
    understudy_reply_free(reply);
    expect(understudy_command(server, "GET", "k", NULL), "(nil)");

    /* A client of its own has a database, transactions and subscriptions. */
    struct understudy_client *client = understudy_client_new(server);
    const char *select[] = {"SELECT", "1"};
    expect(understudy_client_call(client, 2, select, NULL), "OK");
    understudy_client_free(client);

    understudy_free(server);
    printf(failures ? "%d failed\n" : "all is well\n", failures);
    return failures != 0;
}
