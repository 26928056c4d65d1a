/* SPDX-License-Identifier: MIT */
/*
 * A thread that has called the backend: who it is, and why its last call failed. It goes when the
 * thread ends, so that a later thread of the same pthread_t is somebody else.
 *
 *     caller_start(backend);
 *     struct caller *caller = caller_self(backend);
 *     snprintf(caller->failure, sizeof caller->failure, "...");
 *     caller_stop(backend);
 */
#ifndef UNDERSTUDY_BACKEND_CALLER_H
#define UNDERSTUDY_BACKEND_CALLER_H

#include <stdbool.h>

#include "backend/understudy_backend.h"
#include "base/list.h"

struct caller {
    struct list_node node;   /* in backend->callers */
    struct backend *backend; /* borrowed */
    char failure[BACKEND_ERROR_SIZE];
};

/* False: the process has used up its thread-specific keys. */
bool caller_start(struct backend *backend);

/* The calling thread, made when it calls for the first time. Borrowed until it ends. */
struct caller *caller_self(struct backend *backend);

/* Frees all of them. */
void caller_stop(struct backend *backend);

#endif
