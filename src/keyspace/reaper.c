/* SPDX-License-Identifier: MIT */
#include "keyspace/reaper.h"

#include <signal.h>

#include "base/check.h"
#include "base/memory.h"

struct reaper_work {
    struct reaper_work *next;
    void *thing;
    void (*dispose)(void *thing);
    uint64_t objects;
    size_t bytes;
};

void reaper_init(struct reaper *reaper)
{
    *reaper = (struct reaper){0};
    CHECK(pthread_mutex_init(&reaper->mutex, NULL) == 0);
    CHECK(pthread_cond_init(&reaper->changed, NULL) == 0);
}

/* The oldest piece of work, taken out; NULL at the end. Waits for one. The mutex is held. */
static struct reaper_work *take_work(struct reaper *reaper)
{
    while (!reaper->first && !reaper->is_ending)
        pthread_cond_wait(&reaper->changed, &reaper->mutex);
    struct reaper_work *work = reaper->first;
    if (work)
        reaper->first = work->next;
    return work;
}

static void *reap(void *context)
{
    struct reaper *reaper = context;
    pthread_mutex_lock(&reaper->mutex);
    for (struct reaper_work *work; (work = take_work(reaper)) != NULL;) {
        pthread_mutex_unlock(&reaper->mutex);
        work->dispose(work->thing);
        pthread_mutex_lock(&reaper->mutex);
        reaper->pending -= work->objects;
        reaper->pending_bytes -= work->bytes;
        reaper->freed += work->objects;
        memory_free(work);
        if (!reaper->first)
            pthread_cond_broadcast(&reaper->changed);
    }
    pthread_mutex_unlock(&reaper->mutex);
    return NULL;
}

/* Signals are for the thread that runs the server. */
static bool start_thread(struct reaper *reaper)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    reaper->has_thread = pthread_create(&reaper->thread, NULL, reap, reaper) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return reaper->has_thread;
}

void reaper_clear(struct reaper *reaper)
{
    if (reaper->has_thread) {
        pthread_mutex_lock(&reaper->mutex);
        reaper->is_ending = true;
        pthread_cond_broadcast(&reaper->changed);
        pthread_mutex_unlock(&reaper->mutex);
        CHECK(pthread_join(reaper->thread, NULL) == 0);
    }
    CHECK(!reaper->first);
    pthread_cond_destroy(&reaper->changed);
    pthread_mutex_destroy(&reaper->mutex);
}

void reaper_dispose(struct reaper *reaper, void *thing, void (*dispose)(void *thing),
                    uint64_t objects, size_t bytes)
{
    if (!reaper->has_thread && !start_thread(reaper)) {
        dispose(thing);
        reaper->freed += objects;
        return;
    }
    struct reaper_work *work = memory_allocate(sizeof *work);
    *work = (struct reaper_work){
        .thing = thing, .dispose = dispose, .objects = objects, .bytes = bytes};
    pthread_mutex_lock(&reaper->mutex);
    if (reaper->first)
        reaper->last->next = work;
    else
        reaper->first = work;
    reaper->last = work;
    reaper->pending += objects;
    reaper->pending_bytes += bytes;
    pthread_cond_broadcast(&reaper->changed);
    pthread_mutex_unlock(&reaper->mutex);
}

void reaper_wait(struct reaper *reaper)
{
    pthread_mutex_lock(&reaper->mutex);
    while (reaper->pending)
        pthread_cond_wait(&reaper->changed, &reaper->mutex);
    pthread_mutex_unlock(&reaper->mutex);
}

uint64_t reaper_pending(struct reaper *reaper)
{
    pthread_mutex_lock(&reaper->mutex);
    uint64_t pending = reaper->pending;
    pthread_mutex_unlock(&reaper->mutex);
    return pending;
}

size_t reaper_pending_bytes(struct reaper *reaper)
{
    pthread_mutex_lock(&reaper->mutex);
    size_t bytes = reaper->pending_bytes;
    pthread_mutex_unlock(&reaper->mutex);
    return bytes;
}

uint64_t reaper_freed(struct reaper *reaper)
{
    pthread_mutex_lock(&reaper->mutex);
    uint64_t freed = reaper->freed;
    pthread_mutex_unlock(&reaper->mutex);
    return freed;
}

void reaper_forget(struct reaper *reaper)
{
    pthread_mutex_lock(&reaper->mutex);
    reaper->freed = 0;
    pthread_mutex_unlock(&reaper->mutex);
}
