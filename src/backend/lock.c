/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a hold is in backend->holds from the acquisition that made it to the release that
 * undid its last, and belongs to one thread; only the keeper looks at the holds of others. While
 * its owner or the keeper talks to the server about it, the mutex is not held.
 *
 * No token is used for two acquisitions: a request that the server carries out late, when nobody
 * waits for its answer any more, then meets nothing that it could free or take.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "backend/backend.h"
#include "base/check.h"
#include "base/memory.h"
#include "base/random.h"

#define TOKEN_BYTES 16
#define TOKEN_SIZE  (2 * TOKEN_BYTES + 1) /* hexadecimal, terminated */
#define NUMBER_SIZE 24

#define SHORTEST_PAUSE_MS 2
#define LONGEST_PAUSE_MS  100

/* A lock that a thread holds. */
struct hold {
    struct list_node node;      /* in backend->holds */
    const struct caller *owner; /* borrowed; NULL: its thread has ended */
    char *id;                   /* owned */
    char *key;                  /* owned */
    char token[TOKEN_SIZE];
    int depth;            /* acquisitions that are not released */
    bool may_be_set;      /* a request to set the key was sent, and its answer did not come */
    bool is_lost;         /* it ran out, or somebody took it */
    bool is_left;         /* its thread has released it; the server has not said that it did */
    bool may_be_released; /* that was sent, and its answer did not come */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Nobody can guess it, and no two processes make the same. False: the system gave no randomness. */
static bool make_token(char token[TOKEN_SIZE])
{
    unsigned char bytes[TOKEN_BYTES];
    ssize_t size;
    do
        size = getrandom(bytes, sizeof bytes, 0);
    while (size < 0 && errno == EINTR);
    if (size != TOKEN_BYTES)
        return false;
    for (int i = 0; i < TOKEN_BYTES; i++)
        snprintf(token + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

/* This thread's hold of the lock, or NULL. It stays: nobody else removes it. */
static struct hold *find_hold(struct backend *backend, const char *id)
{
    const struct caller *self = caller_self(backend);
    struct hold *found = NULL;
    pthread_mutex_lock(&backend->mutex);
    struct list_node *node = list_first(&backend->holds);
    for (; node && !found; node = list_next(node)) {
        struct hold *hold = LIST_ENTRY(node, struct hold, node);
        if (hold->owner == self && strcmp(hold->id, id) == 0)
            found = hold;
    }
    pthread_mutex_unlock(&backend->mutex);
    return found;
}

static void hold_free(struct hold *hold)
{
    memory_free(hold->id);
    memory_free(hold->key);
    memory_free(hold);
}

static void add_hold(struct backend *backend, struct hold *hold)
{
    hold->owner = caller_self(backend);
    hold->depth = 1;
    pthread_mutex_lock(&backend->mutex);
    list_append(&backend->holds, &hold->node);
    pthread_mutex_unlock(&backend->mutex);
}

static void remove_hold(struct backend *backend, struct hold *hold)
{
    pthread_mutex_lock(&backend->mutex);
    list_remove(&backend->holds, &hold->node);
    pthread_mutex_unlock(&backend->mutex);
    hold_free(hold);
}

static bool is_lost(struct backend *backend, const struct hold *hold)
{
    pthread_mutex_lock(&backend->mutex);
    bool lost = hold->is_lost;
    pthread_mutex_unlock(&backend->mutex);
    return lost;
}

static enum backend_result lose(struct backend *backend, struct hold *hold)
{
    pthread_mutex_lock(&backend->mutex);
    hold->is_lost = true;
    pthread_mutex_unlock(&backend->mutex);
    return backend_fail(backend, BACKEND_LOST, "the lock ran out, or somebody took it");
}

static enum backend_result fail_by(struct backend *backend, enum backend_result result,
                                   struct link_answer *answer)
{
    link_answer_clear(answer);
    return backend_fail(backend, result, answer->error);
}

/* Whether the server says that the key is still the token's; then it lives for another lifetime. */
static enum backend_result ask_to_extend(struct backend *backend, const char *key,
                                         const char *token, bool *is_ours,
                                         struct link_answer *answer)
{
    char lifetime[NUMBER_SIZE];
    snprintf(lifetime, sizeof lifetime, "%" PRId64, backend->lock_lifetime_ms);
    const char *words[] = {key, token, lifetime};
    enum backend_result result =
        script_run(&backend->scripts.extend, &backend->links, 1, words, NULL, 3, true, answer);
    *is_ours = result == BACKEND_OK && answer->reply->integer == 1;
    return result;
}

static enum backend_result extend(struct backend *backend, struct hold *hold)
{
    struct link_answer answer;
    bool is_ours;
    enum backend_result result = ask_to_extend(backend, hold->key, hold->token, &is_ours, &answer);
    if (result != BACKEND_OK)
        return fail_by(backend, result, &answer);
    link_answer_clear(&answer);
    return is_ours ? BACKEND_OK : lose(backend, hold);
}

/* --- attempts --- */

static enum backend_result set_if_absent(struct backend *backend, const struct hold *hold,
                                         struct link_answer *answer)
{
    char lifetime[NUMBER_SIZE];
    snprintf(lifetime, sizeof lifetime, "%" PRId64, backend->lock_lifetime_ms);
    const char *words[] = {"SET", hold->key, hold->token, "NX", "PX", lifetime};
    return link_ask(&backend->links, words, NULL, 6, answer);
}

/* Sets the key, unless it is there: `is_ours` tells. When the answer does not come it may have been
 * set all the same, so then, and ever after, a key that is there is asked for its token. */
static enum backend_result ask_to_take(struct backend *backend, struct hold *hold, bool *is_ours,
                                       struct link_answer *answer)
{
    enum backend_result result = set_if_absent(backend, hold, answer);
    if (result == BACKEND_UNREACHABLE && answer->was_sent) {
        hold->may_be_set = true;
        result = set_if_absent(backend, hold, answer);
    }
    *is_ours = result == BACKEND_OK && answer->reply->type == REDIS_REPLY_STATUS;
    if (result != BACKEND_OK || *is_ours || !hold->may_be_set)
        return result;
    link_answer_clear(answer);
    return ask_to_extend(backend, hold->key, hold->token, is_ours, answer);
}

/* One attempt: BACKEND_OK, BACKEND_TIMEOUT (somebody has it), or what went wrong. */
static enum backend_result try_to_take(struct backend *backend, struct hold *hold)
{
    struct link_answer answer;
    bool is_ours;
    int64_t began_ms = now_ms();
    enum backend_result result = ask_to_take(backend, hold, &is_ours, &answer);
    if (result != BACKEND_OK)
        return fail_by(backend, result, &answer);
    link_answer_clear(&answer);
    if (!is_ours)
        return backend_fail(backend, BACKEND_TIMEOUT, "somebody else holds the lock");
    if (now_ms() - began_ms < backend->lock_lifetime_ms)
        return BACKEND_OK;
    hold->may_be_set = true;
    return backend_fail(backend, BACKEND_TIMEOUT, "answers take longer than the lock lives");
}

static void pause_for(int64_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

/* Attempts at growing intervals, each of random length, so that those who wait do not come
 * together. */
static enum backend_result take(struct backend *backend, struct hold *hold, int64_t timeout_ms)
{
    struct random random;
    random_seed(&random, random_system_seed());
    int64_t began_ms = now_ms();
    bool is_endless = timeout_ms < 0 || timeout_ms > INT64_MAX - began_ms;
    int64_t ends_ms = is_endless ? INT64_MAX : began_ms + timeout_ms;
    for (int64_t longest = SHORTEST_PAUSE_MS;; longest *= 2) {
        enum backend_result result = try_to_take(backend, hold);
        int64_t left_ms = ends_ms - now_ms();
        if (result != BACKEND_TIMEOUT || left_ms <= 0)
            return result;
        if (longest > LONGEST_PAUSE_MS)
            longest = LONGEST_PAUSE_MS;
        int64_t pause_ms = 1 + (int64_t)random_below(&random, (uint64_t)longest);
        pause_for(pause_ms < left_ms ? pause_ms : left_ms);
    }
}

static enum backend_result acquire_again(struct backend *backend, struct hold *hold)
{
    if (is_lost(backend, hold))
        return lose(backend, hold);
    enum backend_result result = extend(backend, hold);
    if (result == BACKEND_OK)
        hold->depth++;
    return result;
}

static enum backend_result ask_to_release(struct backend *backend, const struct hold *hold,
                                          struct link_answer *answer)
{
    const char *words[] = {hold->key, hold->token};
    return script_run(&backend->scripts.release, &backend->links, 1, words, NULL, 2, false, answer);
}

/* The end of a hold, unless the server could not be asked or refuses. */
static enum backend_result release_last(struct backend *backend, struct hold *hold)
{
    struct link_answer answer;
    pthread_mutex_lock(&backend->mutex);
    hold->is_left = true; /* the keeper leaves it alone from here on */
    pthread_mutex_unlock(&backend->mutex);
    enum backend_result result = ask_to_release(backend, hold, &answer);
    if (result == BACKEND_UNREACHABLE && answer.was_sent)
        hold->may_be_released = true;
    if (result != BACKEND_OK)
        return fail_by(backend, result, &answer);
    /* When an earlier release was carried out and only its answer was lost, there is nothing left
     * to delete: that is what was wanted. */
    bool is_released = answer.reply->integer >= 0 || hold->may_be_released;
    link_answer_clear(&answer);
    remove_hold(backend, hold);
    return is_released
               ? BACKEND_OK
               : backend_fail(backend, BACKEND_LOST, "the lock ran out, or somebody took it");
}

/* --- acquire --- */

enum backend_result backend_acquire_lock(struct backend *backend, const char *id,
                                         int64_t timeout_ms)
{
    struct link_answer answer;
    struct hold *hold = find_hold(backend, id);
    if (hold && !hold->is_left)
        return acquire_again(backend, hold);
    enum backend_result result = hold ? release_last(backend, hold) : BACKEND_OK;
    if (result != BACKEND_OK && result != BACKEND_LOST)
        return result;
    hold = memory_zeroed(sizeof *hold);
    hold->id = memory_copy(id, strlen(id) + 1);
    hold->key = backend_key(backend, "lock:", id);
    result = make_token(hold->token)
                 ? take(backend, hold, timeout_ms)
                 : backend_fail(backend, BACKEND_REFUSED, "the system gives no random bytes");
    if (result == BACKEND_OK) {
        add_hold(backend, hold);
        return BACKEND_OK;
    }
    if (result != BACKEND_UNREACHABLE && hold->may_be_set) {
        ask_to_release(backend, hold, &answer);
        link_answer_clear(&answer);
    }
    hold_free(hold);
    return result;
}

/* --- while it is held --- */

enum backend_result backend_extend_lock(struct backend *backend, const char *id)
{
    struct hold *hold = find_hold(backend, id);
    if (!hold || hold->is_left)
        return backend_fail(backend, BACKEND_NOT_HELD, "this thread does not hold the lock");
    return is_lost(backend, hold) ? lose(backend, hold) : extend(backend, hold);
}

int backend_lock_depth(struct backend *backend, const char *id)
{
    const struct hold *hold = find_hold(backend, id);
    return hold && !hold->is_left ? hold->depth : 0;
}

/* --- release --- */

enum backend_result backend_release_lock(struct backend *backend, const char *id)
{
    struct hold *hold = find_hold(backend, id);
    if (!hold)
        return backend_fail(backend, BACKEND_NOT_HELD, "this thread does not hold the lock");
    bool lost = is_lost(backend, hold);
    if (hold->depth > 1) {
        hold->depth--;
        return lost ? lose(backend, hold) : BACKEND_OK;
    }
    if (!lost)
        return release_last(backend, hold);
    remove_hold(backend, hold);
    return backend_fail(backend, BACKEND_LOST, "the lock ran out, or somebody took it");
}

/* --- the keeper --- */

/* What the keeper must know of a hold while its owner may let go of it. */
struct promise {
    struct list_node node;
    char *key; /* owned */
    char token[TOKEN_SIZE];
};

/* The mutex is held. */
static void list_promises(const struct backend *backend, struct list *promises)
{
    struct list_node *node = list_first(&backend->holds);
    for (; node; node = list_next(node)) {
        const struct hold *hold = LIST_ENTRY(node, struct hold, node);
        if (hold->is_lost || hold->is_left || !hold->owner)
            continue;
        struct promise *promise = memory_zeroed(sizeof *promise);
        promise->key = memory_copy(hold->key, strlen(hold->key) + 1);
        memcpy(promise->token, hold->token, sizeof promise->token);
        list_append(promises, &promise->node);
    }
}

static void note_loss(struct backend *backend, const char *token)
{
    pthread_mutex_lock(&backend->mutex);
    struct list_node *node = list_first(&backend->holds);
    for (; node; node = list_next(node)) {
        struct hold *hold = LIST_ENTRY(node, struct hold, node);
        if (strcmp(hold->token, token) == 0)
            hold->is_lost = true;
    }
    pthread_mutex_unlock(&backend->mutex);
}

static bool is_closing(struct backend *backend)
{
    pthread_mutex_lock(&backend->mutex);
    bool closing = backend->is_closing;
    pthread_mutex_unlock(&backend->mutex);
    return closing;
}

/* A server that cannot be reached now may be at the next look: a lifetime has three. */
static void keep(struct backend *backend, struct list *promises)
{
    struct list_node *node;
    while ((node = list_first(promises)) != NULL) {
        struct promise *promise = LIST_ENTRY(node, struct promise, node);
        struct link_answer answer;
        bool is_ours;
        list_remove(promises, node);
        if (!is_closing(backend)) {
            if (ask_to_extend(backend, promise->key, promise->token, &is_ours, &answer) ==
                    BACKEND_OK &&
                !is_ours)
                note_loss(backend, promise->token);
            link_answer_clear(&answer);
        }
        memory_free(promise->key);
        memory_free(promise);
    }
}

static void *keep_locks(void *context)
{
    struct backend *backend = context;
    pthread_mutex_lock(&backend->mutex);
    while (!backend->is_closing) {
        int64_t wakes_ms = now_ms() + (backend->lock_lifetime_ms + 2) / 3;
        struct timespec wakes = {.tv_sec = wakes_ms / 1000, .tv_nsec = wakes_ms % 1000 * 1000000};
        if (pthread_cond_timedwait(&backend->changed, &backend->mutex, &wakes) != ETIMEDOUT)
            continue;
        struct list promises = {0};
        list_promises(backend, &promises);
        pthread_mutex_unlock(&backend->mutex);
        keep(backend, &promises);
        pthread_mutex_lock(&backend->mutex);
    }
    pthread_mutex_unlock(&backend->mutex);
    return NULL;
}

bool lock_start_keeper(struct backend *backend)
{
    backend->has_keeper = pthread_create(&backend->keeper, NULL, keep_locks, backend) == 0;
    return backend->has_keeper;
}

void lock_orphan(struct backend *backend, const struct caller *caller)
{
    struct list_node *node = list_first(&backend->holds);
    for (; node; node = list_next(node)) {
        struct hold *hold = LIST_ENTRY(node, struct hold, node);
        if (hold->owner == caller)
            hold->owner = NULL;
    }
}

void lock_end(struct backend *backend)
{
    if (backend->has_keeper) {
        pthread_mutex_lock(&backend->mutex);
        backend->is_closing = true;
        pthread_cond_signal(&backend->changed);
        pthread_mutex_unlock(&backend->mutex);
        CHECK(pthread_join(backend->keeper, NULL) == 0);
    }
    bool is_reachable = true; /* one long wait for a server that is gone is enough */
    struct list_node *node;
    while ((node = list_first(&backend->holds)) != NULL) {
        struct hold *hold = LIST_ENTRY(node, struct hold, node);
        struct link_answer answer;
        list_remove(&backend->holds, node);
        if (!hold->is_lost && is_reachable) {
            is_reachable = ask_to_release(backend, hold, &answer) != BACKEND_UNREACHABLE;
            link_answer_clear(&answer);
        }
        hold_free(hold);
    }
}
