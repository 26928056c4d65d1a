/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a hold is in backend->holds from the acquisition that made it to the release that
 * undid its last, and belongs to one thread; only the keeper looks at the holds of others. While
 * its owner or the keeper talks to the server about it, the mutex is not held.
 */
#include <errno.h>
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
    struct list_node node; /* in backend->holds */
    pthread_t thread;
    char *id;  /* owned */
    char *key; /* owned */
    char token[TOKEN_SIZE];
    int depth;             /* acquisitions that are not released */
    bool is_lost;          /* it ran out, or somebody took it */
    bool is_half_released; /* its last release was sent, and nobody knows what became of it */
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

static bool is_mine(const struct hold *hold, const char *id)
{
    return pthread_equal(hold->thread, pthread_self()) && strcmp(hold->id, id) == 0;
}

/* This thread's hold of the lock, or NULL. It stays: nobody else removes it. */
static struct hold *find_hold(struct backend *backend, const char *id)
{
    struct hold *found = NULL;
    pthread_mutex_lock(&backend->mutex);
    struct list_node *node = list_first(&backend->holds);
    for (; node && !found; node = list_next(node))
        if (is_mine(LIST_ENTRY(node, struct hold, node), id))
            found = LIST_ENTRY(node, struct hold, node);
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
    hold->thread = pthread_self();
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
    snprintf(lifetime, sizeof lifetime, "%lld", (long long)backend->lock_lifetime_ms);
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

/* --- acquire --- */

static enum backend_result set_if_absent(struct backend *backend, const struct hold *hold,
                                         struct link_answer *answer)
{
    char lifetime[NUMBER_SIZE];
    snprintf(lifetime, sizeof lifetime, "%lld", (long long)backend->lock_lifetime_ms);
    const char *words[] = {"SET", hold->key, hold->token, "NX", "PX", lifetime};
    return link_ask(&backend->links, words, NULL, 6, answer);
}

/* One attempt: BACKEND_OK, BACKEND_TIMEOUT (somebody has it), or what went wrong. */
static enum backend_result try_to_take(struct backend *backend, const struct hold *hold)
{
    struct link_answer answer;
    enum backend_result result = set_if_absent(backend, hold, &answer);
    if (result == BACKEND_UNREACHABLE && answer.was_sent) {
        /* The server may have set the key all the same: then it is there with our token. */
        bool is_ours;
        result = ask_to_extend(backend, hold->key, hold->token, &is_ours, &answer);
        link_answer_clear(&answer);
        if (is_ours)
            return BACKEND_OK;
        if (result == BACKEND_OK)
            result = set_if_absent(backend, hold, &answer);
    }
    if (result != BACKEND_OK)
        return fail_by(backend, result, &answer);
    bool is_set = answer.reply->type == REDIS_REPLY_STATUS;
    link_answer_clear(&answer);
    return is_set ? BACKEND_OK
                  : backend_fail(backend, BACKEND_TIMEOUT, "somebody else holds the lock");
}

static void pause_for(int64_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

/* Attempts at growing intervals, each of random length, so that those who wait do not come
 * together. */
static enum backend_result take(struct backend *backend, const struct hold *hold,
                                int64_t timeout_ms)
{
    struct random random;
    random_seed(&random, random_system_seed());
    int64_t ends_ms = timeout_ms < 0 ? INT64_MAX : now_ms() + timeout_ms;
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

/* The thread had released it, and the answer was lost. True: the lock is still its own, and it
 * holds it again. False, with BACKEND_OK: it is over, the hold is gone. */
static bool take_up(struct backend *backend, struct hold *hold, enum backend_result *result)
{
    *result = is_lost(backend, hold) ? BACKEND_LOST : extend(backend, hold);
    if (*result == BACKEND_LOST) {
        remove_hold(backend, hold);
        *result = BACKEND_OK;
        return false;
    }
    if (*result != BACKEND_OK)
        return false;
    pthread_mutex_lock(&backend->mutex);
    hold->is_half_released = false;
    pthread_mutex_unlock(&backend->mutex);
    return true;
}

enum backend_result backend_acquire_lock(struct backend *backend, const char *id,
                                         int64_t timeout_ms)
{
    enum backend_result result;
    struct hold *hold = find_hold(backend, id);
    if (hold && !hold->is_half_released)
        return acquire_again(backend, hold);
    if (hold && (take_up(backend, hold, &result) || result != BACKEND_OK))
        return result;
    hold = memory_zeroed(sizeof *hold);
    hold->id = memory_copy(id, strlen(id) + 1);
    hold->key = backend_key(backend, "lock:", id);
    result = make_token(hold->token)
                 ? take(backend, hold, timeout_ms)
                 : backend_fail(backend, BACKEND_REFUSED, "the system gives no random bytes");
    if (result == BACKEND_OK)
        add_hold(backend, hold);
    else
        hold_free(hold);
    return result;
}

/* --- while it is held --- */

enum backend_result backend_extend_lock(struct backend *backend, const char *id)
{
    struct hold *hold = find_hold(backend, id);
    if (!hold || hold->is_half_released)
        return backend_fail(backend, BACKEND_NOT_HELD, "this thread does not hold the lock");
    return is_lost(backend, hold) ? lose(backend, hold) : extend(backend, hold);
}

int backend_lock_depth(struct backend *backend, const char *id)
{
    const struct hold *hold = find_hold(backend, id);
    return hold && !hold->is_half_released ? hold->depth : 0;
}

/* --- release --- */

static enum backend_result ask_to_release(struct backend *backend, const struct hold *hold,
                                          struct link_answer *answer)
{
    const char *words[] = {hold->key, hold->token};
    return script_run(&backend->scripts.release, &backend->links, 1, words, NULL, 2, false, answer);
}

static enum backend_result release_last(struct backend *backend, struct hold *hold)
{
    struct link_answer answer;
    pthread_mutex_lock(&backend->mutex);
    bool was_sent_before = hold->is_half_released;
    hold->is_half_released = true; /* the keeper leaves it alone from here on */
    pthread_mutex_unlock(&backend->mutex);
    enum backend_result result = ask_to_release(backend, hold, &answer);
    if (result != BACKEND_OK)
        return fail_by(backend, result, &answer);
    bool was_ours = answer.reply->integer >= 0;
    link_answer_clear(&answer);
    remove_hold(backend, hold);
    /* When an earlier release was carried out and only its answer was lost, there is nothing left
     * to delete: that is what was wanted. */
    if (was_ours || was_sent_before)
        return BACKEND_OK;
    return backend_fail(backend, BACKEND_LOST, "the lock ran out, or somebody took it");
}

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
        if (hold->is_lost || hold->is_half_released)
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
        if (strcmp(hold->token, token) == 0 && !hold->is_half_released)
            hold->is_lost = true;
    }
    pthread_mutex_unlock(&backend->mutex);
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
        if (ask_to_extend(backend, promise->key, promise->token, &is_ours, &answer) == BACKEND_OK &&
            !is_ours)
            note_loss(backend, promise->token);
        link_answer_clear(&answer);
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
