/* SPDX-License-Identifier: MIT */
/*
 * One execution of a command: what its function is handed, and what it does with the keyspace.
 *
 *     void hashes_hlen(struct call *call)
 *     {
 *         struct entry *entry;
 *         if (!call_find(call, call->argv[1], VALUE_HASH, ACCESS_READ, &entry))
 *             return;                                             // WRONGTYPE was answered
 *         reply_integer(call->reply, entry ? hash_size(entry_value(entry)) : 0);
 *     }
 *
 * Shape of every command: parse, look up, compute, mutate, announce, reply. Nothing is mutated
 * before the last possible failure. argv is borrowed and valid during the call only; what is stored
 * is copied.
 */
#ifndef UNDERSTUDY_ENGINE_CALL_H
#define UNDERSTUDY_ENGINE_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "engine/command.h"
#include "engine/config.h"
#include "keyspace/keyspace.h"
#include "reply/reply.h"

struct command_state;
struct engine;
struct session;

/* What the journal has of a call (engine/journal.h). */
enum call_record {
    CALL_RECORDED,        /* the call itself, if it changed something */
    CALL_RECORDED_ALWAYS, /* the call itself */
    CALL_REPLACED,        /* what was said in its place, if anything */
};

struct call {
    struct engine *engine;
    struct session *session;
    struct database *db; /* the session's selected database */
    const struct command *command;
    struct command_state *state; /* of that command */
    const struct bytes *argv;    /* argv[0] is the command's name, argv[1] a subcommand's */
    int argc;
    struct reply *reply;
    int64_t now_ms;     /* ms since epoch: the one instant that this command sees */
    int64_t now_us;     /* the same in microseconds */
    uint64_t redacted;  /* bit i: argv[i] is a secret; see call_redact */
    uint64_t began;     /* by engine->stopwatch; 0: its time is not taken */
    uint64_t ticks;     /* that it took; once it has ended */
    size_t reply_start; /* where its reply begins in session->output; means nothing in a script */
    enum call_record record;
};

/* Keyspace notification classes:
 * https://redis.io/docs/latest/develop/pubsub/keyspace-notifications/ */
enum announce_class {
    ANNOUNCE_GENERIC = 1 << 2,    /* g */
    ANNOUNCE_STRING = 1 << 3,     /* $ */
    ANNOUNCE_LIST = 1 << 4,       /* l */
    ANNOUNCE_SET = 1 << 5,        /* s */
    ANNOUNCE_HASH = 1 << 6,       /* h */
    ANNOUNCE_SORTED_SET = 1 << 7, /* z */
    ANNOUNCE_EXPIRED = 1 << 8,    /* x */
    ANNOUNCE_EVICTED = 1 << 9,    /* e */
    ANNOUNCE_STREAM = 1 << 10,    /* t */
    ANNOUNCE_KEY_MISS = 1 << 11,  /* m: not a change */
    ANNOUNCE_MODULE = 1 << 12,    /* d */
    ANNOUNCE_NEW = 1 << 13,       /* n: not a change; comes with the event that made the key */
};

/* Looks a key up and checks its type. True: `*entry` is the entry, or NULL when absent. False: the
 * key holds another type and WRONGTYPE was answered. ACCESS_READ that finds nothing announces
 * keymiss. */
bool call_find(struct call *call, struct bytes key, enum value_type type,
               enum database_access access, struct entry **entry);

/* Any type. */
struct entry *call_find_any(struct call *call, struct bytes key, enum database_access access);

/* The one way to tell that a write happened: call it after the change, once an event. Marks
 * watchers of the key, counts the change, serves notifications, tracking and blocked clients. */
void call_announce(struct call *call, enum announce_class class, const char *event,
                   struct bytes key);
/* The same for a key of another database. */
void call_announce_in(struct call *call, struct database *db, enum announce_class class,
                      const char *event, struct bytes key);
/* The same for an event that leaves alone those who watch the key or wait for it, as Redis has it
 * for consumer groups and XSETID. */
void call_announce_quietly(struct call *call, enum announce_class class, const char *event,
                           struct bytes key);
/* The same for an event that those who wait for the key are not told of. */
void call_announce_unseen(struct call *call, enum announce_class class, const char *event,
                          struct bytes key);
/* A change that has no event of its own (a second key of SWAPDB and the like). */
void call_touch(struct call *call, struct database *db, struct bytes key);

/* argv[index] is a secret: MONITOR and SLOWLOG show "(redacted)". A high index hides all behind it.
 */
void call_redact(struct call *call, int index);
/* What of argv[index] may be shown. */
struct bytes call_shown_argument(const struct call *call, int index);

/* Deletes the key because its last element went, and announces "del". */
void call_delete_emptied(struct call *call, struct bytes key);

/* Whether the emulated version is at least major.minor. */
bool call_emulates(const struct call *call, int major, int minor);

/* Whether a key that gets this deadline is gone at once: not while an append-only file is loaded,
 * which tells of a key's end itself. */
bool call_is_past(const struct call *call, int64_t deadline_ms);

/* A directive's value, as integer. */
int64_t call_config(const struct call *call, enum config_id id);

/* --- arguments: each answers the error and returns false when argv[index] is not what it should be
 * --- */

/* "ERR value is not an integer or out of range", or `error` if not NULL. */
bool call_integer(struct call *call, int index, int64_t *value, const char *error);
bool call_integer_between(struct call *call, int index, int64_t lowest, int64_t highest,
                          int64_t *value, const char *error);
/* "ERR value is not a valid float", or `error` if not NULL. */
bool call_double(struct call *call, int index, double *value, const char *error);

/* argv[index] is this word, case ignored. */
bool call_is(const struct call *call, int index, const char *word);

/* "ERR syntax error". */
void call_syntax_error(struct call *call);
/* "ERR wrong number of arguments for 'name' command", with the command's full lower-case name. */
void call_arity_error(struct call *call);

#endif
