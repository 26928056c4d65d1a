/* SPDX-License-Identifier: MIT */
#include "backend/caller.h"

#include "backend/backend.h"
#include "base/check.h"
#include "base/memory.h"

/* The thread ends. */
static void end(void *context)
{
    struct caller *caller = context;
    struct backend *backend = caller->backend;
    pthread_mutex_lock(&backend->mutex);
    list_remove(&backend->callers, &caller->node);
    lock_orphan(backend, caller);
    pthread_mutex_unlock(&backend->mutex);
    memory_free(caller);
}

bool caller_start(struct backend *backend)
{
    backend->has_caller_key = pthread_key_create(&backend->caller_key, end) == 0;
    return backend->has_caller_key;
}

struct caller *caller_self(struct backend *backend)
{
    struct caller *caller = pthread_getspecific(backend->caller_key);
    if (caller)
        return caller;
    caller = memory_zeroed(sizeof *caller);
    caller->backend = backend;
    pthread_mutex_lock(&backend->mutex);
    list_append(&backend->callers, &caller->node);
    pthread_mutex_unlock(&backend->mutex);
    CHECK(pthread_setspecific(backend->caller_key, caller) == 0);
    return caller;
}

void caller_stop(struct backend *backend)
{
    struct list_node *node;
    if (backend->has_caller_key)
        pthread_key_delete(backend->caller_key);
    while ((node = list_first(&backend->callers)) != NULL) {
        list_remove(&backend->callers, node);
        memory_free(LIST_ENTRY(node, struct caller, node));
    }
}
