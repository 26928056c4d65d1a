/* SPDX-License-Identifier: MIT */
/* What backend.c, caller.c, state.c and lock.c share: the insides of a struct backend. */
#ifndef UNDERSTUDY_BACKEND_BACKEND_H
#define UNDERSTUDY_BACKEND_BACKEND_H

#include <pthread.h>
#include <stdbool.h>

#include "backend/caller.h"
#include "backend/link.h"
#include "backend/script.h"
#include "backend/understudy_backend.h"
#include "base/list.h"

struct backend_scripts {
    struct script load;
    struct script save;
    struct script save_if_version;
    struct script delete;
    struct script extend;
    struct script release;
};

struct backend {
    struct link_pool links;
    struct backend_scripts scripts;
    char *prefix; /* owned */
    enum backend_serializer serializer;
    int64_t lock_lifetime_ms;
    pthread_mutex_t mutex;  /* guards all below */
    pthread_cond_t changed; /* for the keeper: the end has come */
    struct list callers;    /* of struct caller: threads that have called and not ended */
    struct list holds;      /* of struct hold (lock.c): locks that threads of this process hold */
    pthread_t keeper;       /* extends them */
    bool has_keeper;
    bool is_closing;
    pthread_key_t caller_key; /* each thread's struct caller */
    bool has_caller_key;
};

/* The key's name: prefix, `kind`, id. Owned by the caller. */
char *backend_key(const struct backend *backend, const char *kind, const char *id);

/* Keeps the text for backend_error; returns the result. */
enum backend_result backend_fail(struct backend *backend, enum backend_result result,
                                 const char *text);

/* --- lock.c, for open and close, and for threads that end --- */

/* Whether the thread that extends locks could be started. */
bool lock_start_keeper(struct backend *backend);
/* Ends that thread, and releases what is held. */
void lock_end(struct backend *backend);
/* The mutex is held. The caller's thread ends: what it holds is nobody's from here on, and is left
 * to its lifetime. */
void lock_orphan(struct backend *backend, const struct caller *caller);

#endif
