/* SPDX-License-Identifier: MIT */
/*
 * A command's row: all that the server knows of it, beside the function that runs it. The row
 * stands at the end of its family's file; COMMAND, GETKEYS, ACL categories, version emulation and
 * the documentation all read it.
 *
 *     { .name = "GET", .arity = 2, .flags = COMMAND_READONLY | COMMAND_FAST,
 *       .categories = CATEGORY_STRING, KEYS_AT(1, KEY_READ_ACCESS), .since = "1.0.0",
 *       .group = "string", .summary = "...", .complexity = "O(1)", .run = strings_get }
 */
#ifndef UNDERSTUDY_ENGINE_COMMAND_H
#define UNDERSTUDY_ENGINE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct call;
struct engine;
struct session;

/* In the order in which COMMAND INFO lists their names. */
enum command_flags {
    COMMAND_WRITE = 1 << 0,
    COMMAND_READONLY = 1 << 1,
    COMMAND_DENYOOM = 1 << 2,
    COMMAND_MODULE = 1 << 3,
    COMMAND_ADMIN = 1 << 4,
    COMMAND_PUBSUB = 1 << 5,
    COMMAND_NOSCRIPT = 1 << 6,
    COMMAND_BLOCKING = 1 << 7,
    COMMAND_LOADING = 1 << 8,
    COMMAND_STALE = 1 << 9,
    COMMAND_SKIP_MONITOR = 1 << 10,
    COMMAND_SKIP_SLOWLOG = 1 << 11,
    COMMAND_ASKING = 1 << 12,
    COMMAND_FAST = 1 << 13,
    COMMAND_NO_AUTH = 1 << 14,
    COMMAND_MAY_REPLICATE = 1 << 15,
    COMMAND_NO_ASYNC_LOADING = 1 << 16,
    COMMAND_NO_MULTI = 1 << 17,
    COMMAND_ALLOW_BUSY = 1 << 18,
    COMMAND_MOVABLE_KEYS = 1 << 19, /* shown in COMMAND INFO; keys need `find_keys` */
    COMMAND_NO_MANDATORY_KEYS = 1 << 20,
    COMMAND_PROTECTED = 1 << 21, /* needs enable-debug-command and its kin */
    COMMAND_TOUCHES_ARBITRARY_KEYS = 1 << 22,
    COMMAND_ENDS_QUEUEING = 1 << 23,      /* runs at once inside MULTI: EXEC, DISCARD, MULTI, WATCH,
                                             QUIT,      RESET. Ours; not shown. */
    COMMAND_ABORTS_TRANSACTION = 1 << 25, /* EXEC: refused within MULTI, it ends it. Ours. */
    COMMAND_WHILE_SUBSCRIBED = 1 << 26,   /* runs in the subscribed state of RESP2. Ours. */
    COMMAND_KEEPS_CACHING = 1 << 27,      /* CLIENT: CLIENT CACHING still holds after it. Ours. */
    COMMAND_SCRIPTS_SINCE_7_2 = 1 << 29,  /* NOSCRIPT before that: BLPOP and its kin. Ours. */
    COMMAND_LEAVES_MULTI = 1 << 30, /* EXEC, DISCARD, QUIT, RESET: even when memory is short */
    COMMAND_INTERNAL = 1 << 28,     /* documented as "syscmd": PFDEBUG and its kin. Ours. */
    COMMAND_OURS = 1 << 24,         /* not a Redis command (MOCK): left out of COMMAND's lists */
};

enum command_category {
    CATEGORY_KEYSPACE = 1 << 0,
    CATEGORY_READ = 1 << 1,
    CATEGORY_WRITE = 1 << 2,
    CATEGORY_SET = 1 << 3,
    CATEGORY_SORTED_SET = 1 << 4,
    CATEGORY_LIST = 1 << 5,
    CATEGORY_HASH = 1 << 6,
    CATEGORY_STRING = 1 << 7,
    CATEGORY_BITMAP = 1 << 8,
    CATEGORY_HYPERLOGLOG = 1 << 9,
    CATEGORY_GEO = 1 << 10,
    CATEGORY_STREAM = 1 << 11,
    CATEGORY_PUBSUB = 1 << 12,
    CATEGORY_ADMIN = 1 << 13,
    CATEGORY_FAST = 1 << 14,
    CATEGORY_SLOW = 1 << 15,
    CATEGORY_BLOCKING = 1 << 16,
    CATEGORY_DANGEROUS = 1 << 17,
    CATEGORY_CONNECTION = 1 << 18,
    CATEGORY_TRANSACTION = 1 << 19,
    CATEGORY_SCRIPTING = 1 << 20,
};

/* Key specifications: https://redis.io/docs/latest/develop/reference/key-specs/
 * Flags in the order in which COMMAND INFO lists them. */
enum key_flags {
    KEY_RO = 1 << 0,
    KEY_RW = 1 << 1,
    KEY_OW = 1 << 2,
    KEY_RM = 1 << 3,
    KEY_ACCESS = 1 << 4,
    KEY_UPDATE = 1 << 5,
    KEY_INSERT = 1 << 6,
    KEY_DELETE = 1 << 7,
    KEY_NOT_KEY = 1 << 8,
    KEY_INCOMPLETE = 1 << 9,
    KEY_VARIABLE_FLAGS = 1 << 10,
    KEY_READ_ACCESS = KEY_RO | KEY_ACCESS,
};

enum key_begin { KEY_BEGIN_INDEX, KEY_BEGIN_KEYWORD, KEY_BEGIN_UNKNOWN };
enum key_find { KEY_FIND_RANGE, KEY_FIND_NUMBER, KEY_FIND_UNKNOWN };

struct key_spec {
    uint32_t flags;
    enum key_begin begin;
    int begin_position; /* INDEX: argv position; KEYWORD: where the search starts (< 0: from end) */
    const char *begin_keyword; /* KEYWORD */
    enum key_find find;
    int last;          /* RANGE: last key relative to the first; negative: from the end of argv */
    int step;          /* RANGE and NUMBER: distance between keys */
    int limit;         /* RANGE with last == -1: 0 or 1 no limit, 2 half of the arguments, ... */
    int number_index;  /* NUMBER: position of the count, relative to the beginning */
    int first_key;     /* NUMBER: position of the first key, relative to the beginning */
    const char *notes; /* or NULL */
};

#define KEY_SPECS(...)                                                                             \
    .key_specs = (const struct key_spec[]){__VA_ARGS__},                                           \
    .key_spec_count = sizeof((const struct key_spec[]){__VA_ARGS__}) / sizeof(struct key_spec)
/* One key at a position. */
#define KEYS_AT(position, key_flags_)                                                              \
    KEY_SPECS({.flags = (key_flags_), .begin_position = (position), .step = 1})
/* Keys from a position to `last_` (as RANGE) by `step_`. */
#define KEYS_RANGE(position, last_, step_, key_flags_)                                             \
    KEY_SPECS(                                                                                     \
        {.flags = (key_flags_), .begin_position = (position), .last = (last_), .step = (step_)})
/* A count at a position, its keys right behind: EVAL, ZUNION ... */
#define KEYS_COUNTED(position, key_flags_)                                                         \
    KEY_SPECS({.flags = (key_flags_),                                                              \
               .begin_position = (position),                                                       \
               .find = KEY_FIND_NUMBER,                                                            \
               .first_key = 1,                                                                     \
               .step = 1})

/* COMMAND DOCS: the argument tree. An array of these ends with a row whose name is NULL. */
enum command_argument_type {
    ARGUMENT_STRING,
    ARGUMENT_INTEGER,
    ARGUMENT_DOUBLE,
    ARGUMENT_KEY,
    ARGUMENT_PATTERN,
    ARGUMENT_UNIX_TIME,
    ARGUMENT_PURE_TOKEN,
    ARGUMENT_ONEOF,
    ARGUMENT_BLOCK,
};
enum command_argument_flags {
    ARGUMENT_OPTIONAL = 1,
    ARGUMENT_MULTIPLE = 2,
    ARGUMENT_MULTIPLE_TOKEN = 4,
};
struct command_argument {
    const char *name;
    enum command_argument_type type;
    const char *token; /* or NULL; "" is a token too (an empty string) */
    uint32_t flags;
    int key_spec;                             /* for ARGUMENT_KEY: index of its specification */
    const char *since;                        /* or NULL */
    const struct command_argument *arguments; /* of ONEOF and BLOCK */
    const char *deprecated_since;             /* or NULL */
};

/* One key of a given call: its position in argv and what happens to it. */
struct key_reference {
    int position;
    uint32_t flags; /* enum key_flags */
};

struct key_references {
    struct key_reference *keys; /* owned: memory_free */
    size_t count;
    size_t capacity;
};

/* Arguments that name channels of pub/sub. */
enum command_channels {
    CHANNELS_NONE,
    CHANNELS_FIRST, /* PUBLISH */
    CHANNELS_ALL,   /* SUBSCRIBE */
    CHANNELS_PATTERNS,
};

struct command {
    const char *name; /* upper case in rows: "GET"; a subcommand's own word: "LIST" */
    int arity;        /* argc with the name(s); negative: at least that many */
    uint32_t flags;
    uint32_t categories; /* those not implied by flags (command_categories adds the others) */
    const char *since;   /* "1.0.0": hidden by --emulate of an older version */
    const char *until;   /* "7.2.0": from that version on a later row of the same name takes this
                            one's place; or NULL */
    const char *group;   /* as COMMAND DOCS: "string", "generic", "sorted-set" ... */
    const char *summary; /* in our own words */
    const char *complexity;
    const char *const *tips; /* ends with NULL; NULL = none: "nondeterministic_output" ... */
    const struct key_spec *key_specs;
    size_t key_spec_count;
    const struct command_argument *arguments;
    const struct command *subcommands; /* ends with a row whose name is NULL */
    void (*run)(struct call *call);    /* NULL for a mere container */
    /* The error that refuses the command to this session, in MULTI as well; it answers NULL when
     * the command may run. NULL: it always may. */
    const char *(*find_refusal)(const struct session *session);
    /* What this call does, where that is not for the command to say: EVAL's script has flags. In
     * the place of `flags` where memory is short or clients are paused. NULL: `flags` tell all. */
    uint32_t (*find_flags)(const struct engine *engine, uint32_t flags, const struct bytes *argv,
                           int argc);
    /* Keys that the specifications can't tell (SORT ... STORE, XREAD). False: the arguments are
     * invalid. NULL: the specifications tell all. */
    bool (*find_keys)(const struct bytes *argv, int argc, struct key_references *found);
    enum command_channels channels; /* which arguments name channels, for ACLs */
    bool serves_open_slots; /* MIGRATE: in a cluster it runs here while its slot comes or goes */
    const char *deprecated_since; /* or NULL; with what replaces it, for COMMAND DOCS */
    const char *replaced_by;
    /* What later versions added to it stands in commands/command_history.c, by name. */
};

/* All categories, those that flags imply included. */
uint32_t command_categories(const struct command *command);

/* The category of that name, "read"; case is ignored. 0: there is none. */
uint32_t command_category_find(struct bytes name);
/* The names in Redis's order, "keyspace" first; NULL past the last. */
const char *command_category_name(size_t index);
uint32_t command_category_at(size_t index);

/* Adds one key to a find_keys result. */
void key_references_add(struct key_references *found, int position, uint32_t flags);

/* The keys of a call, by find_keys or the specifications. False when the arguments are invalid. An
 * argument behind KEY_NOT_KEY is left out. Release with memory_free(found->keys). */
bool command_find_keys(const struct command *command, const struct bytes *argv, int argc,
                       struct key_references *found);

/* The same for the hash slot of a cluster: what is behind KEY_NOT_KEY counts, too. */
bool command_find_slot_keys(const struct command *command, const struct bytes *argv, int argc,
                            struct key_references *found);

/* Whether a call of the command can have keys at all. */
bool command_has_keys(const struct command *command);

/* Whether the same call on the same data may be answered otherwise: a tip says so. */
bool command_is_random(const struct command *command);

/* The first, last and step that COMMAND INFO had before key specifications, all 0 when there is no
 * such range. A negative last counts from the end of argv. */
struct command_range {
    int first;
    int last;
    int step;
    bool is_partial; /* there are keys outside the range: "movablekeys" */
};
struct command_range command_legacy_range(const struct command *command);

/* "7.2.4" as 0x070204, "7.2" as 0x070200. A version that cannot be read is 0. */
uint32_t command_version_number(const char *version);

#endif
