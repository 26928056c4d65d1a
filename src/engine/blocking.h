/* SPDX-License-Identifier: MIT */
/*
 * Clients that wait: for an element of a key (BLPOP and its kin), for time to pass (WAIT), for
 * something else that has a name (a topic), or because somebody holds their request (CLIENT PAUSE,
 * a gate, a delay) or the reply to it.
 *
 *     if (!entry) {
 *         struct block_request request = {.first_key = 1, .key_count = call->argc - 2, .key_step =
 * 1, .type = VALUE_LIST, .deadline_ms = deadline_ms, .timed_out = reply_null_array}; if
 * (!call_block(call, &request)) reply_null_array(call->reply);   // within MULTI or a script nobody
 * waits return;
 *     }
 *
 * A blocked command is run again, from its start, when one of its keys has changed and holds a
 * value of the right type: in the order in which keys became ready and clients began to wait, after
 * the command (or transaction, or script) that changed them. It answers then, or goes on waiting.
 */
#ifndef UNDERSTUDY_ENGINE_BLOCKING_H
#define UNDERSTUDY_ENGINE_BLOCKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/heap.h"
#include "base/list.h"
#include "engine/key_registry.h"
#include "values/value.h"

struct acl_request;
struct call;
struct command_state;
struct database;
struct engine;
struct reply;
struct session;

enum blocking_pause { PAUSE_NONE, PAUSE_WRITES, PAUSE_EVERYTHING };

/* Embedded in the engine. */
struct blocking {
    struct key_registry keys;   /* of struct blocked; marked: ready, in the order they became so */
    struct heap deadlines;      /* of struct blocked, ms since epoch */
    struct heap real_deadlines; /* of struct blocked, ms of clock_monotonic_us */
    struct list postponed;      /* of struct blocked: held by CLIENT PAUSE or a debugged
                                   script, oldest first */
    size_t count;               /* sessions that wait, held ones included, as in Redis */
    enum blocking_pause pause;
    int64_t pause_ends_ms; /* ms since epoch; meaningful while pause is not PAUSE_NONE */
    bool is_serving;
    bool is_resuming;
    bool is_expiring;
};

struct block_request {
    int first_key; /* argv position; with key_count 0 only time is waited for */
    int key_count;
    int key_step; /* distance of keys in argv */
    enum value_type type;
    struct bytes topic;  /* waits for this, too; see blocking_signal_topic; empty = none */
    int64_t deadline_ms; /* ms since epoch, or KEYSPACE_NEVER */
    /* Milliseconds from now of a clock that nobody stops, after which the wait ends as well; 0 =
     * none. */
    int64_t real_timeout_ms;
    /* What the client is told when its time is up. */
    void (*timed_out)(struct reply *reply);
    /* It is also run again when a key goes or gets another type: XREADGROUP, which then errs. */
    bool wakes_when_gone;
    /* What to run again in the place of call->argv (XREAD with its $ resolved), same size; or NULL.
     * It is copied. */
    const struct bytes *argv;
};

void blocking_init(struct blocking *blocking, uint64_t seed);
/* Sessions must be gone. */
void blocking_clear(struct blocking *blocking);

/* The command found nothing: its session waits, and the command returns without an answer. False
 * when it may not wait (in a transaction or a script): it answers at once then. */
bool call_block(struct call *call, const struct block_request *request);

/* Whether this is a blocked command that is run again. */
bool call_is_run_again(const struct call *call);

/* Whether a command with several keys may take from this one. Always, but for a blocked command
 * that is run again under an emulated version before 7.2: those serve from the key that became
 * ready, be it the last of the command's keys. */
bool call_may_serve(const struct call *call, struct bytes key);

/* The key changed, or came to be: whoever waits for it is looked at when the running command has
 * ended. */
void blocking_signal(struct engine *engine, struct database *db, struct bytes key);
/* Every key of this database may have come to be (SWAPDB). */
void blocking_signal_all(struct engine *engine, struct database *db);

/* Something happened that has this name: whoever waits for it is run again, as above. */
void blocking_signal_topic(struct engine *engine, struct bytes topic);

/* Runs the commands of those whose keys are ready. Only while no command runs. */
void blocking_serve(struct engine *engine);

/* Ends the waits whose time has come, and a pause; lets go what was held until now. */
void blocking_expire(struct engine *engine);

/* The earliest end of a wait or a pause: ms since epoch, or KEYSPACE_NEVER. */
int64_t blocking_next_deadline(const struct blocking *blocking);
/* The same by the clock that nobody stops: ms of clock_monotonic_us, or KEYSPACE_NEVER. */
int64_t blocking_next_real_deadline(const struct blocking *blocking);

/* CLIENT UNBLOCK: the wait ends as by its time, or with an error. False when it did not wait for a
 * key or for time. */
bool blocking_unblock(struct session *session, const char *error);

/* Ends the waits for keys of database 0 that are in vain now. `find_error` tells the error for a
 * request, borrowed until it is asked again, or NULL. */
void blocking_review(struct engine *engine,
                     const char *(*find_error)(const struct engine *engine,
                                               const struct acl_request *request));

/* Bytes of the arguments of the command that the session waits in. */
size_t blocking_argument_bytes(const struct session *session);

/* The session goes away: it waits no more. Nothing is answered. */
void blocking_cancel(struct session *session);

/* Whether the session's command has not answered yet. */
bool blocking_is_waiting(const struct session *session);

static inline bool blocking_has_waiters(const struct blocking *blocking)
{
    return key_registry_count(&blocking->keys) > 0;
}

/* CLIENT PAUSE and UNPAUSE. A pause that is there goes on until the later of both ends, and as the
 * stricter of both. */
void blocking_pause(struct engine *engine, enum blocking_pause pause, int64_t ends_ms);
void blocking_unpause(struct engine *engine);

/* Executes the requests that wait no more for a debugged script. Nothing, when there are none. Only
 * while no command runs. */
void blocking_resume(struct engine *engine);

/* --- holding: the session waits, and what it sends after waits behind it --- */

/* Keeps a request, which is copied, until it is released or, at the latest, until the deadline (ms
 * since epoch, or KEYSPACE_NEVER). Meanwhile the session stands in `holder`, at its end; a session
 * that goes away leaves it. `holder` must be empty before it is freed. */
void blocking_hold(struct session *session, const struct bytes *argv, int argc, struct list *holder,
                   int64_t deadline_ms);
/* Keeps the end of session->output, from `start` on, in the same way. */
void blocking_hold_reply(struct session *session, size_t start, struct list *holder,
                         int64_t deadline_ms);
/* Whether the session waits in such a way. */
bool blocking_is_held(const struct session *session);
/* The one that stands first in the holder; NULL when nobody does. */
struct session *blocking_first_held(const struct list *holder);
/* Those that stand there, first come first: their ids at the end of `ids`, as uint64_t. */
void blocking_list_held(const struct list *holder, struct buffer *ids);
/* All that stand in the holder now, in order. */
void blocking_release_all(struct list *holder);

#endif
