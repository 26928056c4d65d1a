/* SPDX-License-Identifier: MIT */
#include "net/listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    uv_loop_t uv;
    struct turn turn;
    char error[256];
    char directory[32];
    char path[64]; /* in the directory */
};

static int open_loop(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_int_equal(uv_loop_init(&fixture->uv), 0);
    turn_init(&fixture->turn, &fixture->uv, NULL);
    strcpy(fixture->directory, "/tmp/understudy-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->directory));
    snprintf(fixture->path, sizeof fixture->path, "%s/socket", fixture->directory);
    *state = fixture;
    return 0;
}

static int close_loop(void **state)
{
    struct fixture *fixture = *state;
    uv_run(&fixture->uv, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&fixture->uv), 0);
    unlink(fixture->path);
    rmdir(fixture->directory);
    free(fixture);
    return 0;
}

static struct listener *listen_tcp(struct fixture *fixture, const char *host, int port,
                                   enum listener_problem *problem)
{
    const struct listener_address address = {.host = host, .port = port, .backlog = 8};
    return listener_new_tcp(&fixture->turn, &address, fixture->error, sizeof fixture->error,
                            problem);
}

static struct listener *listen_unix(struct fixture *fixture, const char *path, unsigned permissions)
{
    return listener_new_unix(&fixture->turn, path, permissions, 8, fixture->error,
                             sizeof fixture->error);
}

static void port_zero_takes_a_free_one(void **state)
{
    struct fixture *fixture = *state;
    struct listener *a = listen_tcp(fixture, "127.0.0.1", 0, NULL);
    struct listener *b = listen_tcp(fixture, "127.0.0.1", 0, NULL);
    assert_true(listener_port(a) > 0);
    assert_true(listener_port(b) > 0);
    assert_int_not_equal(listener_port(a), listener_port(b));
    listener_close(a);
    listener_close(b);
}

static void port_in_use_is_an_error_that_names_it(void **state)
{
    struct fixture *fixture = *state;
    char expected[128];
    enum listener_problem problem = LISTENER_WRONG;
    struct listener *first = listen_tcp(fixture, "127.0.0.1", 0, NULL);
    assert_null(listen_tcp(fixture, "127.0.0.1", listener_port(first), &problem));
    snprintf(expected, sizeof expected, "cannot listen on 127.0.0.1:%d: address already in use",
             listener_port(first));
    assert_string_equal(fixture->error, expected);
    assert_int_equal(problem, LISTENER_TAKEN);
    listener_close(first);
}

static void foreign_address_is_an_error_of_its_own_kind(void **state)
{
    struct fixture *fixture = *state;
    enum listener_problem problem = LISTENER_WRONG;
    assert_null(listen_tcp(fixture, "192.0.2.1", 0, &problem)); /* TEST-NET-1: nobody has it */
    assert_non_null(strstr(fixture->error, "192.0.2.1"));
    assert_int_equal(problem, LISTENER_ABSENT);
}

static void unknown_name_is_simply_wrong(void **state)
{
    struct fixture *fixture = *state;
    enum listener_problem problem = LISTENER_TAKEN;
    assert_null(listen_tcp(fixture, "no such name", 0, &problem));
    assert_int_equal(problem, LISTENER_WRONG);
}

static void name_is_resolved(void **state)
{
    struct fixture *fixture = *state;
    struct listener *listener = listen_tcp(fixture, "localhost", 0, NULL);
    assert_non_null(listener);
    assert_string_equal(listener_address(listener), "localhost");
    listener_close(listener);
}

static void socket_has_the_permissions_asked_for(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    struct listener *listener = listen_unix(fixture, fixture->path, 0600);
    assert_non_null(listener);
    assert_int_equal(stat(fixture->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(listener_port(listener), 0);
    listener_close(listener);
}

static void stale_socket_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    strcpy(address.sun_path, fixture->path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    struct listener *listener = listen_unix(fixture, fixture->path, 0);
    assert_non_null(listener);
    listener_close(listener);
}

static void served_socket_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    struct listener *first = listen_unix(fixture, fixture->path, 0);
    assert_non_null(first);
    assert_null(listen_unix(fixture, fixture->path, 0));
    assert_non_null(strstr(fixture->error, "address already in use"));
    assert_int_equal(access(fixture->path, F_OK), 0);
    listener_close(first);
}

static void file_that_is_no_socket_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    FILE *file = fopen(fixture->path, "w");
    assert_non_null(file);
    fclose(file);
    assert_null(listen_unix(fixture, fixture->path, 0));
    assert_int_equal(access(fixture->path, F_OK), 0);
}

static void missing_directory_is_told_as_such(void **state)
{
    struct fixture *fixture = *state;
    assert_null(listen_unix(fixture, "/nonexistent/directory/socket", 0));
    assert_non_null(strstr(fixture->error, "no such file or directory"));
}

static void path_that_is_too_long_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char path[200];
    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    assert_null(listen_unix(fixture, path, 0));
    assert_non_null(strstr(fixture->error, "longer than 107 bytes"));
}

#define TEST(claim) cmocka_unit_test_setup_teardown(claim, open_loop, close_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(port_zero_takes_a_free_one),
        TEST(port_in_use_is_an_error_that_names_it),
        TEST(foreign_address_is_an_error_of_its_own_kind),
        TEST(unknown_name_is_simply_wrong),
        TEST(name_is_resolved),
        TEST(socket_has_the_permissions_asked_for),
        TEST(stale_socket_is_replaced),
        TEST(served_socket_is_left_alone),
        TEST(file_that_is_no_socket_is_left_alone),
        TEST(missing_directory_is_told_as_such),
        TEST(path_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
