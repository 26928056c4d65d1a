/* SPDX-License-Identifier: MIT */
/* Locks and threads; what many processes do with them is in tests/integration/test_backend.py. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/backend.h"
#include "support/socket_client.h"
#include "understudy.h"

#define LIFETIME_MS 30000

struct fixture {
    struct understudy *server;
    struct backend *backend;
    int control; /* a client that is not the backend's */
};

static int set_up(void **state)
{
    static const struct backend_options options = {.lock_lifetime_ms = LIFETIME_MS};
    char error[UNDERSTUDY_ERROR_SIZE] = "";
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    fixture->server = understudy_new(NULL, error);
    if (!fixture->server || !understudy_start(fixture->server, error))
        fail_msg("%s", error);
    fixture->backend = backend_open(understudy_url(fixture->server), &options, error);
    assert_non_null(fixture->backend);
    fixture->control = socket_client_connect(understudy_port(fixture->server));
    socket_client_send(fixture->control, "MOCK CLOCK FREEZE 1000\r\n");
    socket_client_expect(fixture->control, ":1000\r\n");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    backend_close(fixture->backend);
    close(fixture->control);
    understudy_free(fixture->server);
    test_free(fixture);
    return 0;
}

static void advance(struct fixture *fixture, int ms, int now)
{
    char command[64], answer[64];
    snprintf(command, sizeof command, "MOCK CLOCK ADVANCE %d\r\n", ms);
    snprintf(answer, sizeof answer, ":%d\r\n", now);
    socket_client_send(fixture->control, command);
    socket_client_expect(fixture->control, answer);
}

enum call { ACQUIRE, EXTEND, RELEASE };

/* One call in a thread of its own, which then ends. */
struct errand {
    struct backend *backend;
    enum call what;
    enum backend_result result;
    int depth;
};

static void *run_errand(void *context)
{
    struct errand *errand = context;
    errand->result = errand->what == ACQUIRE  ? backend_acquire_lock(errand->backend, "job", 0)
                     : errand->what == EXTEND ? backend_extend_lock(errand->backend, "job")
                                              : backend_release_lock(errand->backend, "job");
    errand->depth = backend_lock_depth(errand->backend, "job");
    return NULL;
}

static enum backend_result elsewhere(struct fixture *fixture, enum call what)
{
    struct errand errand = {.backend = fixture->backend, .what = what};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_errand, &errand), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(errand.depth, what == ACQUIRE && errand.result == BACKEND_OK);
    return errand.result;
}

static void a_lock_is_its_threads(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(backend_acquire_lock(fixture->backend, "job", 0), BACKEND_OK);
    assert_int_equal(elsewhere(fixture, ACQUIRE), BACKEND_TIMEOUT);
    assert_int_equal(elsewhere(fixture, EXTEND), BACKEND_NOT_HELD);
    assert_int_equal(elsewhere(fixture, RELEASE), BACKEND_NOT_HELD);
    assert_int_equal(backend_lock_depth(fixture->backend, "job"), 1);
    assert_int_equal(backend_release_lock(fixture->backend, "job"), BACKEND_OK);
}

/* Threads that come one after the other often get the same pthread_t. */
static void a_later_thread_does_not_inherit_it(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(elsewhere(fixture, ACQUIRE), BACKEND_OK);
    assert_int_equal(elsewhere(fixture, ACQUIRE), BACKEND_TIMEOUT);
    assert_int_equal(elsewhere(fixture, RELEASE), BACKEND_NOT_HELD);
    advance(fixture, LIFETIME_MS, 1000 + LIFETIME_MS);
    assert_int_equal(elsewhere(fixture, ACQUIRE), BACKEND_OK);
}

static void what_threads_left_is_released_at_the_end(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(elsewhere(fixture, ACQUIRE), BACKEND_OK);
    backend_close(fixture->backend);
    fixture->backend = NULL;
    socket_client_send(fixture->control, "DBSIZE\r\n");
    socket_client_expect(fixture->control, ":0\r\n");
}

static int ask_number(struct fixture *fixture, const char *line)
{
    char digits[32] = "";
    size_t size = 0;
    socket_client_send(fixture->control, line);
    while (size < sizeof digits - 1 && socket_client_read(fixture->control, &digits[size], 1) &&
           digits[size] != '\n')
        size++;
    assert_int_equal(digits[0], ':');
    return atoi(digits + 1);
}

/* When the keeper has seen to the lock that this thread holds, it has passed the other. */
static void what_a_thread_left_is_not_kept(void **state)
{
    struct fixture *fixture = *state;
    static const struct backend_options options = {.lock_lifetime_ms = 3000, .keeps_locks = 1};
    char error[BACKEND_ERROR_SIZE];
    struct backend *keeping = backend_open(understudy_url(fixture->server), &options, error);
    struct fixture other = {.backend = keeping};
    assert_int_equal(elsewhere(&other, ACQUIRE), BACKEND_OK);
    assert_int_equal(backend_acquire_lock(keeping, "mine", 0), BACKEND_OK);
    advance(fixture, 2000, 3000);
    while (ask_number(fixture, "PTTL state:lock:mine\r\n") < 3000)
        sched_yield();
    assert_int_equal(ask_number(fixture, "PTTL state:lock:job\r\n"), 1000);
    advance(fixture, 1000, 4000);
    assert_int_equal(backend_acquire_lock(keeping, "job", 0), BACKEND_OK);
    backend_close(keeping);
}

static void *fail_once(void *context)
{
    struct backend *backend = context;
    assert_string_equal(backend_error(backend), "");
    assert_int_equal(backend_release_lock(backend, "job"), BACKEND_NOT_HELD);
    assert_string_equal(backend_error(backend), "this thread does not hold the lock");
    return NULL;
}

static void each_thread_has_its_own_error(void **state)
{
    struct fixture *fixture = *state;
    socket_client_send(fixture->control, "SET state:lock:job other\r\n");
    socket_client_expect(fixture->control, "+OK\r\n");
    assert_int_equal(backend_acquire_lock(fixture->backend, "job", 0), BACKEND_TIMEOUT);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, fail_once, fixture->backend), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_string_equal(backend_error(fixture->backend), "somebody else holds the lock");
}

static void a_thread_that_has_ended_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 20; i++)
        assert_int_equal(elsewhere(fixture, RELEASE), BACKEND_NOT_HELD);
    assert_true(list_count(&fixture->backend->callers) <= 1);
}

static void two_backends_of_one_thread_are_two(void **state)
{
    struct fixture *fixture = *state;
    char error[BACKEND_ERROR_SIZE];
    struct backend *other = backend_open(understudy_url(fixture->server), NULL, error);
    assert_int_equal(backend_acquire_lock(fixture->backend, "job", 0), BACKEND_OK);
    assert_int_equal(backend_acquire_lock(other, "job", 0), BACKEND_TIMEOUT);
    assert_int_equal(backend_release_lock(other, "job"), BACKEND_NOT_HELD);
    backend_close(other);
}

static void results_have_names(void **state)
{
    (void)state;
    assert_string_equal(backend_result_name(BACKEND_OK), "ok");
    assert_string_equal(backend_result_name(BACKEND_LOST), "lost");
    assert_string_equal(backend_result_name((enum backend_result)99), "unknown");
}

#define LOCK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOCK_TEST(a_lock_is_its_threads),
        LOCK_TEST(a_later_thread_does_not_inherit_it),
        LOCK_TEST(what_threads_left_is_released_at_the_end),
        LOCK_TEST(what_a_thread_left_is_not_kept),
        LOCK_TEST(each_thread_has_its_own_error),
        LOCK_TEST(a_thread_that_has_ended_leaves_nothing),
        LOCK_TEST(two_backends_of_one_thread_are_two),
        cmocka_unit_test(results_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
