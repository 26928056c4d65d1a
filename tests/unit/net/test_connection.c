/* SPDX-License-Identifier: MIT */
#include "net/connection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "support/socket_client.h"
#include "understudy.h"

static struct understudy *start(int count, const char *const *words)
{
    char error[UNDERSTUDY_ERROR_SIZE];
    const struct understudy_options options = {.words = words, .word_count = count};
    struct understudy *server = understudy_new(&options, error);
    if (!server || !understudy_start(server, error))
        fail_msg("%s", error);
    return server;
}

#define START(...)                                                                                 \
    start((int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)),                      \
          (const char *const[]){__VA_ARGS__})

static int open_server(void **state)
{
    *state = START("--enable-mock-command", "yes");
    return 0;
}

static int close_server(void **state)
{
    understudy_free(*state);
    return 0;
}

static int client_of(void **state)
{
    return socket_client_connect(understudy_port(*state));
}

static void append_command(struct buffer *out, const char *name, const char *key,
                           struct bytes value)
{
    buffer_append_format(out, "*3\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n$%zu\r\n", strlen(name), name,
                         strlen(key), key, value.size);
    buffer_append_bytes(out, value);
    buffer_append_string(out, "\r\n");
}

static void request_may_come_byte_by_byte(void **state)
{
    int client = client_of(state);
    const char *request = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n";
    for (; *request; request++)
        socket_client_send_bytes(client, request, 1);
    socket_client_expect(client, "+OK\r\n");
    close(client);
}

static void pipeline_is_answered_in_order(void **state)
{
    int client = client_of(state);
    socket_client_send(client, "SET a 1\r\nINCR a\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\nPING\r\n");
    socket_client_expect(client, "+OK\r\n:2\r\n$1\r\n2\r\n+PONG\r\n");
    close(client);
}

static void large_value_comes_back_whole(void **state)
{
    int client = client_of(state);
    size_t size = 20 * 1024 * 1024 + 1;
    struct buffer value = {0}, request = {0}, got = {0};
    buffer_reserve(&value, size);
    for (value.size = 0; value.size < size; value.size++)
        value.data[value.size] = (char)(value.size * 2654435761U >> 13);
    append_command(&request, "SET", "large", buffer_bytes(&value));
    socket_client_send_bytes(client, request.data, request.size);
    socket_client_expect(client, "+OK\r\n");
    socket_client_send(client, "GET large\r\n");
    socket_client_expect(client, "$20971521\r\n");
    buffer_reserve(&got, size);
    assert_int_equal(socket_client_read(client, got.data, size), size);
    assert_memory_equal(got.data, value.data, size);
    socket_client_expect(client, "\r\n");
    buffer_clear(&value);
    buffer_clear(&request);
    buffer_clear(&got);
    close(client);
}

/* Far more replies than sockets hold: the server takes all requests before the first reply is read,
 * as Redis does, or a client that writes first and reads afterwards would hang. */
static void client_may_send_all_before_it_reads(void **state)
{
    enum { REQUESTS = 20000, VALUE_SIZE = 1000, REPLY_SIZE = 7 + VALUE_SIZE + 2 };
    int client = client_of(state);
    char value[VALUE_SIZE], reply[REPLY_SIZE];
    memset(value, 'x', sizeof value);
    struct buffer request = {0};
    append_command(&request, "SET", "k", bytes_of(value, sizeof value));
    for (int i = 0; i < REQUESTS; i++)
        buffer_append_string(&request, "GET k\r\n");
    socket_client_send_bytes(client, request.data, request.size);
    socket_client_expect(client, "+OK\r\n");
    for (int i = 0; i < REQUESTS; i++) {
        assert_int_equal(socket_client_read(client, reply, REPLY_SIZE), REPLY_SIZE);
        assert_memory_equal(reply, "$1000\r\nx", 8);
        assert_memory_equal(reply + REPLY_SIZE - 3, "x\r\n", 3);
    }
    buffer_clear(&request);
    close(client);
}

static void client_that_ends_its_side_gets_all_replies(void **state)
{
    int client = client_of(state);
    socket_client_send(client, "PING\r\nPING\r\nECHO partial");
    shutdown(client, SHUT_WR);
    socket_client_expect(client, "+PONG\r\n+PONG\r\n");
    assert_true(socket_client_is_at_end(client));
    close(client);
}

static void nothing_is_executed_after_quit(void **state)
{
    int client = client_of(state);
    socket_client_send(client, "SET q 1\r\nQUIT\r\nSET q 2\r\n");
    socket_client_expect(client, "+OK\r\n+OK\r\n");
    assert_true(socket_client_is_at_end(client));
    close(client);
    client = client_of(state);
    socket_client_send(client, "GET q\r\n");
    socket_client_expect(client, "$1\r\n1\r\n");
    close(client);
}

static void protocol_error_is_answered_and_ends_the_connection(void **state)
{
    int client = client_of(state);
    socket_client_send(client, "PING\r\n*1\r\nPING\r\n");
    socket_client_expect(client, "+PONG\r\n-ERR Protocol error: expected '$', got 'P'\r\n");
    assert_true(socket_client_is_at_end(client));
    close(client);
}

static void client_that_vanishes_harms_nobody(void **state)
{
    for (int i = 0; i < 50; i++) {
        int client = client_of(state);
        for (int j = 0; j < 100; j++)
            socket_client_send(client, "INFO\r\n");
        setsockopt(client, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
                   sizeof(struct linger));
        close(client);
    }
    int client = client_of(state);
    socket_client_send(client, "PING\r\n");
    socket_client_expect(client, "+PONG\r\n");
    close(client);
}

/* The server reads from both clients in one turn, in the order in which they sent: it has been kept
 * busy since before. */
static void half_a_request_of_one_who_is_killed_is_nobody_elses(void **state)
{
    int killed = client_of(state), killer = client_of(state), busy = client_of(state);
    char line[64], id[16] = "";
    size_t size = 0;
    socket_client_send(killed, "CLIENT ID\r\n");
    while (socket_client_read(killed, &id[size], 1) && id[size] != '\r')
        size++;
    socket_client_expect(killed, "\n");
    socket_client_send(killed, "*3\r\n$4\r\nECHO\r\n$5\r\nab");
    socket_client_send(killer, "PING\r\n");
    socket_client_expect(killer, "+PONG\r\n");
    snprintf(line, sizeof line, "CLIENT KILL ID %.*s\r\n", (int)size - 1, id + 1);
    socket_client_send(busy, "EVAL 'for i = 1, 2e7 do end' 0\r\n");
    socket_client_send(killer, line);
    socket_client_send(killed, "cde\r\n");
    socket_client_expect(busy, "$-1\r\n");
    socket_client_expect(killer, ":1\r\n");
    socket_client_send(busy, "*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n");
    socket_client_expect(busy, "$2\r\nhi\r\n");
    assert_true(socket_client_is_at_end(killed));
    close(killed);
    close(killer);
    close(busy);
}

static void client_over_maxclients_is_refused(void **state)
{
    (void)state;
    struct understudy *server = START("--maxclients", "1");
    int first = socket_client_connect(understudy_port(server));
    socket_client_send(first, "PING\r\n");
    socket_client_expect(first, "+PONG\r\n");
    int second = socket_client_connect(understudy_port(server));
    socket_client_expect(second, "-ERR max number of clients reached\r\n");
    assert_true(socket_client_is_at_end(second));
    close(second);
    close(first);
    understudy_free(server);
}

static void client_that_floods_its_query_buffer_is_closed(void **state)
{
    (void)state;
    enum { CHUNK = 64 * 1024 };
    struct understudy *server = START("--client-query-buffer-limit", "1mb");
    int client = socket_client_connect(understudy_port(server));
    char *chunk = calloc(1, CHUNK);
    socket_client_send(client, "*2\r\n$4\r\nECHO\r\n$400000000\r\n");
    int sent = 0;
    while (sent < 1000 && send(client, chunk, CHUNK, MSG_NOSIGNAL) > 0)
        sent++;
    assert_true(sent < 1000);
    free(chunk);
    close(client);
    understudy_free(server);
}

static void idle_client_is_closed_after_timeout(void **state)
{
    (void)state;
    struct understudy *server = START("--timeout", "60", "--enable-mock-command", "yes");
    int idle = socket_client_connect(understudy_port(server));
    int client = socket_client_connect(understudy_port(server));
    socket_client_send(idle, "PING\r\n");
    socket_client_expect(idle, "+PONG\r\n");
    socket_client_send(client, "MOCK CLOCK ADVANCE 61000\r\n");
    assert_true(socket_client_is_at_end(idle));
    close(idle);
    close(client);
    understudy_free(server);
}

static void unix_socket_serves(void **state)
{
    (void)state;
    char directory[] = "/tmp/understudy-test-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/s", directory);
    struct understudy *server = START("--unixsocket", path);
    assert_int_equal(understudy_port(server), 0);
    int client = socket_client_connect_unix(understudy_socket_path(server));
    socket_client_send(client, "PING\r\n");
    socket_client_expect(client, "+PONG\r\n");
    close(client);
    understudy_free(server);
    assert_int_not_equal(access(path, F_OK), 0);
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_may_come_byte_by_byte),
        cmocka_unit_test(pipeline_is_answered_in_order),
        cmocka_unit_test(large_value_comes_back_whole),
        cmocka_unit_test(client_may_send_all_before_it_reads),
        cmocka_unit_test(client_that_ends_its_side_gets_all_replies),
        cmocka_unit_test(nothing_is_executed_after_quit),
        cmocka_unit_test(protocol_error_is_answered_and_ends_the_connection),
        cmocka_unit_test(client_that_vanishes_harms_nobody),
        cmocka_unit_test(half_a_request_of_one_who_is_killed_is_nobody_elses),
        cmocka_unit_test(client_over_maxclients_is_refused),
        cmocka_unit_test(client_that_floods_its_query_buffer_is_closed),
        cmocka_unit_test(idle_client_is_closed_after_timeout),
        cmocka_unit_test(unix_socket_serves),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}
