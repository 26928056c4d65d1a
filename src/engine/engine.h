/* SPDX-License-Identifier: MIT */
/*
 * One server without its sockets: keyspace, sessions, commands, configuration, time, chance,
 * counts.
 *
 *     struct engine_options options = {.clock = &clock, .families = command_families, .config =
 * config}; struct engine *engine = engine_new(&options); struct session *session =
 * session_new(engine, NULL, NULL); session_execute(session, argv, argc); engine_free(engine);
 *
 * Nothing in an engine knows that there may be others in the process.
 */
#ifndef UNDERSTUDY_ENGINE_ENGINE_H
#define UNDERSTUDY_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/random.h"
#include "base/stopwatch.h"
#include "base/table.h"
#include "engine/acl.h"
#include "engine/blocking.h"
#include "engine/client_limits.h"
#include "engine/command.h"
#include "engine/command_names.h"
#include "engine/config.h"
#include "engine/eviction.h"
#include "engine/footprint.h"
#include "engine/journal.h"
#include "engine/key_registry.h"
#include "engine/latency.h"
#include "engine/persistence.h"
#include "engine/pubsub.h"
#include "engine/replication.h"
#include "engine/slowlog.h"
#include "engine/throughput.h"
#include "engine/tracking.h"
#include "keyspace/keyspace.h"
#include "reply/reply.h"

struct cluster;
struct session;
struct controls;
struct interpreter;
struct snapshots;
struct driver;
struct virtual_clock;

/* A row of the command table at work in one engine: its statistics. */
struct command_state {
    const struct command *command;
    const struct command_state *parent; /* the container, for a subcommand */
    const char *name;                   /* borrowed: "get", "client|list" */
    size_t name_size;
    struct command_state *subcommands; /* borrowed array */
    size_t subcommand_count;           /* those that the emulated version has */
    uint32_t flags;                    /* the row's, as the emulated version has them */
    uint32_t categories;
    uint32_t id;     /* its place in the engine's command_states */
    bool is_renamed; /* clients do not find it by its own name (command_names.h) */
    bool is_removed; /* nor by another */
    uint64_t calls;
    uint64_t ticks;            /* spent in it: stopwatch_us(&engine->stopwatch, ticks) */
    uint64_t rejected;         /* refused before they ran */
    uint64_t failed;           /* ran and answered an error */
    uint32_t untimed;          /* calls since the last one whose time was taken */
    struct histogram *latency; /* owned: of durations in ns; NULL until there is one */
};

/* The command that a name led to last: names are few and come again and again. */
#define ENGINE_RECENT_COMMANDS 64
#define ENGINE_RECENT_NAME     16 /* bytes at most */
struct recent_command {
    struct command_state *state; /* NULL: none yet */
    uint64_t first, last;        /* the name as the client wrote it: its ends, which may overlap */
    size_t size;                 /* of the name */
};

struct engine_stats {
    uint64_t connections;          /* accepted since the start */
    uint64_t rejected_connections; /* over maxclients */
    uint64_t commands;
    uint64_t error_replies;
    uint64_t input_bytes;
    uint64_t output_bytes;
    size_t peak_memory;
    uint64_t changes; /* since the last save: INFO's rdb_changes_since_last_save */
    uint64_t reads;   /* of the sockets */
    uint64_t writes;
    uint64_t script_checks[4];           /* what script-checks found, by enum script_check */
    uint64_t query_limit_disconnections; /* client-query-buffer-limit */
    uint64_t output_limit_disconnections;
    uint64_t evicted_clients; /* maxmemory-clients */
    uint64_t evicted_scripts; /* that EVAL had cached */
    uint64_t forks;           /* what Redis would have forked for: background saves */
    int64_t last_fork_us;     /* how long the last one took */
    uint64_t expiry_ticks;    /* of the stopwatch, spent on keys that fell due */
    uint64_t command_ticks;   /* spent in commands of clients */
    uint64_t cycles;          /* turns of the loop in which there was something to do */
    uint64_t cycle_ticks;     /* spent in them */
    uint64_t longest_cycle_ticks;
    uint64_t most_commands_a_cycle;
};

/* What the stopwatch showed around the requests of one client that stand behind one another: it is
 * read once for each, where one ends and the next begins, and the clock once for as many as fit
 * into a few microseconds. Of ticks 0 is unknown. */
struct engine_batch {
    bool is_on;        /* what runs at depth 0 are requests of one batch */
    uint64_t began;    /* when the request began that is about to run */
    uint64_t ended;    /* when the one before ended */
    uint64_t clock;    /* when the clock was read */
    uint64_t patience; /* ticks for which that holds */
};

/* Something to ask of another server: MIGRATE. */
struct engine_exchange {
    const char *host; /* name or address */
    uint16_t port;
    struct bytes request; /* whole commands */
    size_t lines;         /* of its answer */
    int64_t timeout_ms;   /* for connecting, for writing and for reading */
};

enum engine_exchange_result {
    EXCHANGE_DONE,
    EXCHANGE_NOT_CONNECTED,
    EXCHANGE_NOT_WRITTEN,
    EXCHANGE_NOT_READ, /* some lines may have come */
};

/* What the one that runs the loop does for the engine. Callbacks may be NULL. */
struct engine_host {
    void *context;
    /* One gather and execute round in which others are told -BUSY, while a script is too slow. */
    void (*busy_turn)(void *context);
    /* SHUTDOWN or a signal: end the loop after this turn. */
    void (*stop)(void *context);
    /* The keyspace's next deadline may have moved earlier. */
    void (*deadline_moved)(void *context);
    /* A line for the log; level 0 debug, 1 verbose, 2 notice, 3 warning. */
    void (*log)(void *context, int level, const char *line);
    /* Connects, sends, and waits until the answer has come; it is appended to `answer`. */
    enum engine_exchange_result (*exchange)(void *context, const struct engine_exchange *exchange,
                                            struct buffer *answer);
    /* While the session's script stands still in the debugger: sends `output` on its stream, ahead
     * of session->output. Then, if `waits`, serves other streams until something has happened. What
     * has come from this one is appended to `input`. False: this stream has ended. */
    bool (*converse)(void *context, struct session *session, struct bytes output,
                     struct buffer *input, bool waits);
    /* A client logs in as this user. True: the host knows it, whatever the password, and has moved
     * the session to where it belongs (session_move). */
    bool (*log_in)(void *context, struct session *session, struct bytes user);
    /* MOCK WORLD: of servers besides this one the host alone knows. The answer to LIST; whether
     * there was one to drop; false when it cannot be kept. */
    void (*list_worlds)(void *context, struct reply *reply);
    bool (*drop_world)(void *context, struct bytes name);
    bool (*keep_world)(void *context, const struct bytes *name);
};

struct engine {
    struct config *config;     /* owned */
    const struct clock *clock; /* borrowed */
    struct random random;
    struct keyspace keyspace;
    struct list sessions;                 /* those with a stream, oldest first */
    struct command_state *command_states; /* owned: those of all commands and subcommands */
    size_t command_state_count;
    size_t command_states_size; /* bytes, with the names behind */
    struct table commands;      /* of struct command_state, by lower-case name */
    struct acl acl;             /* who may do what */
    struct recent_command recent[ENGINE_RECENT_COMMANDS];
    struct command_names names;  /* given by rename-command */
    struct table errors;         /* of struct error_count, by code: INFO errorstats */
    struct key_registry watched; /* keys watched, with the sessions that watch them */
    struct blocking blocking;    /* clients that wait */
    struct pubsub pubsub;        /* channels and who listens to them */
    struct client_limits limits;
    struct tracking tracking; /* what clients cache */
    struct list monitors;     /* of struct session, by `monitor`: MONITOR */
    struct list observers;    /* of struct observer: who watches commands (engine/observer.h) */
    uint32_t announced;       /* classes of events that are told over pub/sub (notify.c) */
    struct engine_stats stats;
    struct slowlog slowlog;
    struct latency latency;
    struct throughput throughput;
    struct persistence persistence; /* the data as a file */
    struct journal journal;         /* what commands did, for an append-only file */
    struct replication replication; /* whose replica this is */
    struct cluster *cluster;        /* owned; NULL: cluster-enabled is off */
    struct engine_host host;
    uint64_t next_session_id;
    uint32_t version;      /* emulated: 0x070200 */
    char version_text[16]; /* "7.2.4" */
    char run_id[41];
    int64_t started_us;         /* by the engine's clock */
    int64_t now_us;             /* the instant of the running command */
    struct stopwatch stopwatch; /* what the ticks of command_state are worth */
    struct engine_batch batch;
    int depth;                  /* commands that are running within one another */
    const struct call *running; /* innermost call, NULL when idle */
    struct session *current;    /* whose request is running; the caller's, for a script; or NULL */
    size_t maxmemory;           /* the directive: bytes; 0 = no limit */
    bool is_short_of_memory;    /* as the running request began; meaningful with maxmemory */
    struct eviction eviction;   /* how the limit is kept */
    bool owns_process;          /* engine/footprint.h */
    size_t startup_memory;      /* bytes without data and clients, added up */
    size_t process_startup_memory; /* the same as the allocator saw it */
    /* The scripting layer's share; NULL without one. */
    void (*measure_scripts)(const struct engine *engine, struct footprint_scripts *scripts);
    bool is_stopping;
    const char *busy_error;   /* others have a turn while a script runs: what most commands get; or
                                 NULL */
    bool is_held;             /* likewise, but they wait: a script stands still in the debugger */
    bool is_trial;            /* what happens now will be undone: nobody is told of it */
    bool expiry_is_off;       /* DEBUG SET-ACTIVE-EXPIRE 0 */
    bool cron_is_paused;      /* DEBUG PAUSE-CRON 1: what happens by itself does not */
    bool lets_scripts_debug;  /* DEBUG SET-DISABLE-DENY-SCRIPTS 1 */
    uint64_t next_peak_ticks; /* when the peak of memory is looked for again: footprint.c */
    uint64_t seed;            /* the last one set: MOCK SEED */
    struct config *config_at_start;  /* owned: MOCK RESET */
    struct interpreter *interpreter; /* owned by the composition root; see script/interpreter.h */
    struct driver *driver;           /* the loop's, that drives it: net/driver.h; or NULL */
    struct snapshots *snapshots;     /* owned by the composition root; see controls/snapshots.h */
    struct virtual_clock *virtual_clock; /* borrowed; NULL when the clock cannot be moved */
    struct controls *controls; /* owned by the composition root; see controls/controls.h */
    const char *script;        /* what runs: a script's SHA-1, or a function's name; or NULL */
    const char *library;       /* that function's library; or NULL */
};

struct engine_options {
    const struct command *const
        *families;             /* arrays of rows, each ending with a NULL name; ends NULL */
    const struct engine *like; /* borrowed: one that has the same families, whose command table
                                  may be copied; or NULL */
    const struct clock *clock; /* borrowed */
    struct config *config;     /* taken */
    uint64_t seed;
    struct engine_host host;
};

struct engine *engine_new(const struct engine_options *options);

/* Sessions must be gone. */
void engine_free(struct engine *engine);

/* Reads the clock and lets what fell due happen (expiry). session_execute does it itself; a loop
 * calls it when a timer fires. Not while a command runs. */
void engine_tick(struct engine *engine);

/* The requests that run until the end come from one client, one right behind the other. */
void engine_begin_batch(struct engine *engine);
void engine_end_batch(struct engine *engine);

/* The clock was moved, or something is due earlier than it was: the next request reads the clock,
 * and the host is told. */
void engine_deadline_moved(struct engine *engine);

/* When the loop should call engine_tick next: ms since epoch, or KEYSPACE_NEVER. */
int64_t engine_next_deadline(const struct engine *engine);

/* When something will happen indeed, not to be early: ms since epoch, or KEYSPACE_NEVER. */
int64_t engine_exact_deadline(struct engine *engine);

/* The directive `timeout`: drops clients that have said nothing for so long and wait for nothing;
 * and when the next will have to go, ms since epoch or KEYSPACE_NEVER. O(N) for N clients. Those
 * that are above a soft limit of their output for too long go, too. */
void engine_close_idle(struct engine *engine);
int64_t engine_idle_deadline(const struct engine *engine);

/* FLUSHALL, configuration, scripts, seed, statistics: as after the start. Sessions stay, out of
 * MULTI, in database 0. */
void engine_reset(struct engine *engine);

/* The counts of INFO as after the start: CONFIG RESETSTAT. */
void engine_reset_stats(struct engine *engine);

/* A directive was changed: what the engine keeps elsewhere follows. For the config listener. */
void engine_config_changed(struct engine *engine, enum config_id id);

/* Random replies follow the seed from here on; on an empty server the orders in tables do, too. */
void engine_seed(struct engine *engine, uint64_t seed);

/* The state of "get" or, with a subcommand's word, "client|list"; NULL if unknown to the emulated
 * version. `subcommand` may be NULL. For a container without a known subcommand: NULL when
 * `subcommand` is given. Case is ignored. */
struct command_state *engine_find_command(const struct engine *engine, struct bytes name,
                                          const struct bytes *subcommand);

/* The same by the full name: "get", "client|list". NULL if there is none. */
struct command_state *engine_find_full_name(const struct engine *engine, struct bytes name);
/* The same by its own name, whatever rename-command says. */
struct command_state *engine_find_own_command(const struct engine *engine, struct bytes name,
                                              const struct bytes *subcommand);
/* Names mean other commands from now on. */
void engine_forget_recent(struct engine *engine);

/* "7.2.4" for "7.2", what `emulate` takes. */
const char *engine_full_version(const char *emulate);

bool engine_emulates(const struct engine *engine, int major, int minor);

/* Whether the running request began with more memory in use than maxmemory allows. */
static inline bool engine_lacks_memory(const struct engine *engine)
{
    return engine->maxmemory && engine->is_short_of_memory;
}

/* Counts an error reply by its code. */
void engine_count_error(struct engine *engine, const char *code);

struct error_count {
    uint64_t count;
    size_t code_size;
    char code[];
};

/* A line for the log, printf-like. Levels as in engine_host.log. */
void engine_log(struct engine *engine, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct session *engine_find_session(const struct engine *engine, uint64_t id);

#endif
