/* SPDX-License-Identifier: MIT */
#include "backend/backend.h"

#include <stdio.h>
#include <string.h>

#include "backend/lua_libraries.h"
#include "base/memory.h"

#define DEFAULT_PREFIX             "state:"
#define DEFAULT_LOCK_LIFETIME_MS   30000
#define DEFAULT_CONNECT_TIMEOUT_MS 2000
#define DEFAULT_ANSWER_TIMEOUT_MS  5000

const char *backend_result_name(enum backend_result result)
{
    static const char *const names[] = {
        [BACKEND_OK] = "ok",
        [BACKEND_ABSENT] = "absent",
        [BACKEND_UNDECODABLE] = "undecodable",
        [BACKEND_UNENCODABLE] = "unencodable",
        [BACKEND_UNREACHABLE] = "unreachable",
        [BACKEND_REFUSED] = "refused",
        [BACKEND_CONFLICT] = "conflict",
        [BACKEND_TIMEOUT] = "timeout",
        [BACKEND_NOT_HELD] = "not held",
        [BACKEND_LOST] = "lost",
    };
    return result <= BACKEND_LOST ? names[result] : "unknown";
}

enum backend_result backend_fail(struct backend *backend, enum backend_result result,
                                 const char *text)
{
    struct caller *caller = caller_self(backend);
    snprintf(caller->failure, sizeof caller->failure, "%s", text);
    return result;
}

const char *backend_error(struct backend *backend)
{
    return caller_self(backend)->failure;
}

char *backend_key(const struct backend *backend, const char *kind, const char *id)
{
    size_t sizes[] = {strlen(backend->prefix), strlen(kind), strlen(id)};
    char *key = memory_allocate(sizes[0] + sizes[1] + sizes[2] + 1);
    memcpy(key, backend->prefix, sizes[0]);
    memcpy(key + sizes[0], kind, sizes[1]);
    memcpy(key + sizes[0] + sizes[1], id, sizes[2] + 1);
    return key;
}

static int64_t or_default(int64_t value, int64_t otherwise)
{
    return value > 0 ? value : otherwise;
}

static void init_scripts(struct backend_scripts *scripts)
{
    const char *state = lua_source_libraries_state, *lock = lua_source_libraries_lock;
    size_t state_size = lua_source_libraries_state_size, lock_size = lua_source_libraries_lock_size;
    script_init(&scripts->load, state, state_size, "state_load");
    script_init(&scripts->save, state, state_size, "state_save");
    script_init(&scripts->save_if_version, state, state_size, "state_save_if_version");
    script_init(&scripts->delete, state, state_size, "state_delete");
    script_init(&scripts->extend, lock, lock_size, "lock_extend");
    script_init(&scripts->release, lock, lock_size, "lock_release");
}

static void clear_scripts(struct backend_scripts *scripts)
{
    script_clear(&scripts->load);
    script_clear(&scripts->save);
    script_clear(&scripts->save_if_version);
    script_clear(&scripts->delete);
    script_clear(&scripts->extend);
    script_clear(&scripts->release);
}

/* A condition that waits by the clock that nobody sets. */
static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct backend *backend_open(const char *url, const struct backend_options *options,
                             char error[BACKEND_ERROR_SIZE])
{
    static const struct backend_options none = {0};
    struct backend_url where;
    const char *why;
    if (!options)
        options = &none;
    if (!backend_url_parse(&where, url, &why)) {
        snprintf(error, BACKEND_ERROR_SIZE, "the URL is wrong in %s", why);
        return NULL;
    }
    struct backend *backend = memory_zeroed(sizeof *backend);
    link_pool_init(&backend->links, &where,
                   or_default(options->connect_timeout_ms, DEFAULT_CONNECT_TIMEOUT_MS),
                   or_default(options->answer_timeout_ms, DEFAULT_ANSWER_TIMEOUT_MS),
                   options->ca_file);
    init_scripts(&backend->scripts);
    const char *prefix = options->prefix ? options->prefix : DEFAULT_PREFIX;
    backend->prefix = memory_copy(prefix, strlen(prefix) + 1);
    backend->serializer = options->serializer;
    backend->lock_lifetime_ms = or_default(options->lock_lifetime_ms, DEFAULT_LOCK_LIFETIME_MS);
    pthread_mutex_init(&backend->mutex, NULL);
    init_condition(&backend->changed);
    bool is_started = caller_start(backend);
    if (!is_started)
        snprintf(error, BACKEND_ERROR_SIZE, "the process has too many thread-specific keys");
    if (is_started && options->keeps_locks && !lock_start_keeper(backend)) {
        is_started = false;
        snprintf(error, BACKEND_ERROR_SIZE, "the system refuses a thread");
    }
    if (!is_started) {
        backend_close(backend);
        return NULL;
    }
    return backend;
}

void backend_close(struct backend *backend)
{
    if (!backend)
        return;
    lock_end(backend);
    link_pool_clear(&backend->links);
    clear_scripts(&backend->scripts);
    caller_stop(backend);
    pthread_cond_destroy(&backend->changed);
    pthread_mutex_destroy(&backend->mutex);
    memory_free(backend->prefix);
    memory_free(backend);
}
