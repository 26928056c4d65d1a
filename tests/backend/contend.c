/* SPDX-License-Identifier: MIT */
/*
 * Processes and threads that contend for locks. Whoever holds one writes its own number into memory
 * that all share, expects to find nobody there, and counts without any other protection; so a
 * second holder shows at once, or in the sum.
 *
 *     contend URL PROCESSES THREADS LOCKS ACQUISITIONS
 *
 * ACQUISITIONS is for each thread. Prints "acquisitions N intruders N crashed N failed N", all
 * summed up; the first should be what was asked for, the rest 0.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/understudy_backend.h"

#define MOST_LOCKS   64
#define MOST_THREADS 64
#define ID_SIZE      16
#define PATIENCE_MS  60000

struct place {
    atomic_long holder;  /* 0 = nobody */
    volatile long count; /* protected by nothing but the lock */
};

struct shared {
    struct place places[MOST_LOCKS];
    atomic_long intruders, failed;
};

struct contest {
    struct backend *backend;
    struct shared *shared;
    int locks, acquisitions;
};

struct contender {
    struct contest *contest;
    long number; /* 1 or more, unlike any other's */
    pthread_t thread;
};

static void meet(struct place *place, struct shared *shared, long number)
{
    if (atomic_exchange(&place->holder, number) != 0)
        atomic_fetch_add(&shared->intruders, 1);
    long count = place->count;
    if (count % 64 == 0)
        sched_yield();
    place->count = count + 1;
    if (atomic_exchange(&place->holder, 0) != number)
        atomic_fetch_add(&shared->intruders, 1);
}

static void acquire_once(struct contest *contest, long number, unsigned *chance)
{
    struct shared *shared = contest->shared;
    int index = rand_r(chance) % contest->locks;
    int depth = rand_r(chance) % 8 == 0 ? 2 : 1;
    char id[ID_SIZE];
    snprintf(id, sizeof id, "lock%d", index);
    for (int i = 0; i < depth; i++)
        if (backend_acquire_lock(contest->backend, id, PATIENCE_MS) != BACKEND_OK) {
            fprintf(stderr, "acquire: %s\n", backend_error(contest->backend));
            atomic_fetch_add(&shared->failed, 1);
            return;
        }
    meet(&shared->places[index], shared, number);
    for (int i = 0; i < depth; i++)
        if (backend_release_lock(contest->backend, id) != BACKEND_OK) {
            fprintf(stderr, "release: %s\n", backend_error(contest->backend));
            atomic_fetch_add(&shared->failed, 1);
        }
}

static void *contend(void *context)
{
    struct contender *contender = context;
    unsigned chance = (unsigned)contender->number;
    for (int i = 0; i < contender->contest->acquisitions; i++)
        acquire_once(contender->contest, contender->number, &chance);
    return NULL;
}

/* One process: its backend, its threads. */
static int run_process(struct contest *contest, const char *url, int process, int threads)
{
    char error[BACKEND_ERROR_SIZE];
    struct contender contenders[MOST_THREADS];
    contest->backend = backend_open(url, NULL, error);
    if (!contest->backend) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    for (int i = 0; i < threads; i++) {
        contenders[i] =
            (struct contender){.contest = contest, .number = (long)process * threads + i + 1};
        if (pthread_create(&contenders[i].thread, NULL, contend, &contenders[i]) != 0)
            return 1;
    }
    for (int i = 0; i < threads; i++)
        pthread_join(contenders[i].thread, NULL);
    backend_close(contest->backend);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return 2;
    int processes = atoi(argv[2]), threads = atoi(argv[3]);
    struct contest contest = {.locks = atoi(argv[4]), .acquisitions = atoi(argv[5])};
    if (threads > MOST_THREADS || contest.locks > MOST_LOCKS)
        return 2;
    contest.shared = mmap(NULL, sizeof *contest.shared, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (contest.shared == MAP_FAILED)
        return 1;
    for (int i = 0; i < processes; i++)
        if (fork() == 0)
            exit(run_process(&contest, argv[1], i, threads));
    int status = 0, crashed = 0;
    while (wait(&status) > 0)
        crashed += status != 0;
    long sum = 0;
    for (int i = 0; i < contest.locks; i++)
        sum += contest.shared->places[i].count;
    printf("acquisitions %ld intruders %ld crashed %d failed %ld\n", sum,
           atomic_load(&contest.shared->intruders), crashed, atomic_load(&contest.shared->failed));
    return 0;
}
