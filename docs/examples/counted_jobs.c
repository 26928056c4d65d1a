/* SPDX-License-Identifier: MIT */
/*
 * A job that many workers may run, one at a time, and its test.
 *
 * The first half is a program as it might be: run_job() takes the job's lock, reads how far the job
 * has come, does a step, and saves that. The second half tests it against a server in this very
 * process, with a clock that it moves: nothing sleeps, nothing listens on a fixed port.
 *
 *     cc counted_jobs.c $(pkg-config --cflags --libs understudy-backend understudy)
 *     ./a.out
 */
#include <stdio.h>
#include <stdlib.h>

#include <understudy.h>
#include <understudy_backend.h>

/* --- the program --- */

/* What takes long; a test may let things happen meanwhile. */
struct work {
    void (*run)(void *context);
    void *context;
};

/* How far the job has come; 0 when nobody has begun. */
static enum backend_result load_steps(struct backend *backend, const char *job, json_int_t *steps,
                                      int64_t *version)
{
    struct backend_value state;
    enum backend_result result = backend_load_state(backend, job, &state, version);
    *steps = result == BACKEND_OK ? json_integer_value(json_object_get(state.tree, "steps")) : 0;
    backend_value_clear(&state);
    return result == BACKEND_ABSENT ? BACKEND_OK : result;
}

static enum backend_result save_steps(struct backend *backend, const char *job, json_int_t steps,
                                      int64_t version)
{
    /* The lock may have run out by now. Then another worker may be here, and our version is old. */
    struct backend_save_options options = {.checks_version = 1, .version = version};
    struct backend_value state = {.tree = json_pack("{s:I}", "steps", steps)};
    enum backend_result result = backend_save_state(backend, job, &state, &options, NULL);
    backend_value_clear(&state);
    return result;
}

/* One step. BACKEND_TIMEOUT: another worker is at it. BACKEND_CONFLICT: this one was too slow, and
 * another has done the step. */
static enum backend_result run_job(struct backend *backend, const char *job, struct work work)
{
    json_int_t steps;
    int64_t version;
    enum backend_result result = backend_acquire_lock(backend, job, 0);
    if (result != BACKEND_OK)
        return result;
    result = load_steps(backend, job, &steps, &version);
    if (result == BACKEND_OK) {
        work.run(work.context);
        result = save_steps(backend, job, steps + 1, version);
    }
    backend_release_lock(backend, job);
    return result;
}

/* --- its test --- */

static void expect(int holds, const char *what)
{
    printf("%s %s\n", holds ? "ok    " : "FAILED", what);
    if (!holds)
        exit(1);
}

static void do_nothing(void *context)
{
    (void)context;
}

static const struct work quick = {.run = do_nothing};

/* Another worker comes along while the job runs. */
struct visit {
    struct understudy *server;
    struct backend *other;
    int late_ms;                /* it comes after so long */
    enum backend_result result; /* what it got */
};

static void visit(void *context)
{
    struct visit *visit = context;
    if (visit->late_ms)
        expect(understudy_clock_advance(visit->server, visit->late_ms, NULL), "time passes");
    visit->result = run_job(visit->other, "report", quick);
}

static json_int_t steps_of(struct backend *backend)
{
    json_int_t steps;
    int64_t version;
    return load_steps(backend, "report", &steps, &version) == BACKEND_OK ? steps : -1;
}

static void test_jobs(struct understudy *server, struct backend *a, struct backend *b)
{
    struct visit visitor = {.server = server, .other = b};
    struct work interrupted = {.run = visit, .context = &visitor};
    expect(understudy_clock_freeze(server, NULL), "the clock stands");

    expect(run_job(a, "report", interrupted) == BACKEND_OK, "a worker does its step");
    expect(visitor.result == BACKEND_TIMEOUT, "and nobody else at the same time");
    expect(steps_of(a) == 1, "that is one step");

    visitor.late_ms = 30000; /* the lifetime of locks */
    expect(run_job(a, "report", interrupted) == BACKEND_CONFLICT, "a worker that was too slow");
    expect(visitor.result == BACKEND_OK, "has lost the lock to another");
    expect(steps_of(a) == 2, "and its step counts once");

    const char *rule = "COMMAND set KEY *lock* TIMES 1 CLOSE AFTER";
    expect(understudy_fault_add(server, "lost", rule, NULL), "an answer will be lost");
    expect(run_job(a, "report", quick) == BACKEND_OK, "a lost answer does not lock it out");
    expect(run_job(b, "report", quick) == BACKEND_OK, "nor others, afterwards");

    understudy_reply_free(understudy_mock(server, "SETERROR 'LOADING not yet'"));
    expect(run_job(a, "report", quick) == BACKEND_REFUSED, "a server that is not ready says so");
    understudy_reply_free(understudy_mock(server, "SETERROR ''"));
    expect(steps_of(a) == 4, "four steps were done");
}

int main(void)
{
    char error[UNDERSTUDY_ERROR_SIZE];
    struct understudy *server = understudy_new(NULL, error);
    if (!server || !understudy_start(server, error)) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    struct backend *a = backend_open(understudy_url(server), NULL, error);
    struct backend *b = backend_open(understudy_url(server), NULL, error);
    test_jobs(server, a, b);
    backend_close(a);
    backend_close(b);
    understudy_free(server);
    return 0;
}
