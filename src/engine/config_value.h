/* SPDX-License-Identifier: MIT */
/*
 * One directive: its row, and its value from text and to text.
 *
 *     const struct directive *directive = directive_of(CONFIG_MAXMEMORY);
 *     struct config_value value = {0};
 *     char error[CONFIG_ERROR_SIZE];
 *     if (config_value_parse(directive, &value, words, 1, &fresh, error)) ...
 *
 * Knows no struct config and no reply.
 */
#ifndef UNDERSTUDY_ENGINE_CONFIG_VALUE_H
#define UNDERSTUDY_ENGINE_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

#define CONFIG_ERROR_SIZE 512

enum directive_type {
    DIRECTIVE_BOOLEAN,
    DIRECTIVE_INTEGER,
    DIRECTIVE_OCTAL,
    DIRECTIVE_MEMORY,      /* bytes, with a unit: 1kb is 1024, 1k is 1000 */
    DIRECTIVE_ENUMERATION, /* one of the words; with CONFIG_SEVERAL a set of them */
    DIRECTIVE_STRING,
    DIRECTIVE_VERSION,   /* a string that is one of the words */
    DIRECTIVE_FILENAME,  /* a string without slash */
    DIRECTIVE_DIRECTORY, /* a string: the path of a directory that exists */
    DIRECTIVE_HOSTNAME,
    DIRECTIVE_TITLE,         /* a string with variables in braces */
    DIRECTIVE_WORDS,         /* any number of words */
    DIRECTIVE_REPLICA_OF,    /* host and port, or "no one" */
    DIRECTIVE_SAVE,          /* pairs of seconds and changes */
    DIRECTIVE_BUFFER_LIMITS, /* class, hard limit, soft limit, seconds */
    DIRECTIVE_EVENTS,        /* letters of keyspace events; the integer is enum announce_class */
    DIRECTIVE_SCORES,        /* three integers */
    DIRECTIVE_PERCENTILES,
};

enum directive_flags {
    CONFIG_PLAIN = 0,
    CONFIG_IMMUTABLE = 1 << 0,   /* CONFIG SET refuses it */
    CONFIG_PROTECTED = 1 << 1,   /* CONFIG SET needs enable-protected-configs */
    CONFIG_SENSITIVE = 1 << 2,   /* not for a log */
    CONFIG_SEVERAL = 1 << 3,     /* takes several words */
    CONFIG_PERCENT = 1 << 4,     /* takes "50%", kept as -50 */
    CONFIG_HIDDEN = 1 << 5,      /* no pattern of CONFIG GET finds it */
    CONFIG_MAY_BE_FREE = 1 << 6, /* a port: takes "free", kept as CONFIG_FREE_PORT */
    CONFIG_BINARY = 1 << 7,      /* text that may hold a NUL, which ends all others */
    CONFIG_ABSENT = 1 << 8,      /* empty text is none: CONFIG REWRITE takes its line away */
    CONFIG_OURS = 1 << 9,        /* Redis has no such directive */
};

/* As `highest` of a memory size: all 64 bits. */
#define DIRECTIVE_UNBOUNDED INT64_C(-1)

struct directive {
    const char *name;
    const char *old_name; /* or NULL: still taken, and shown beside the new one */
    enum directive_type type;
    uint32_t flags;           /* enum directive_flags */
    const char *default_text; /* as CONFIG SET would take it */
    int64_t lowest, highest;  /* both inclusive; of a memory size that is no percentage, unsigned */
    const char *words;        /* of an enumeration, between blanks; its number is the position;
                                 "word@7.2" is one that came with that version */
    const char *since;        /* version of Redis in which the name came; NULL = before 6.2 */
    const char *until;        /* version that has it no more, or NULL */
};

struct config_value {
    int64_t integer; /* of text: its size */
    char *text;      /* owned, terminated; NULL for types that are integers */
};

/* `index` is an enum config_id. */
const struct directive *directive_of(size_t index);

/* Whether the value is text rather than an integer. */
bool directive_is_text(const struct directive *directive);

/* What a value is read against. */
struct config_reading {
    const struct config_value *old; /* the present value, which some are merged into; or NULL */
    uint32_t version;               /* of Redis, whose words are taken; 0 = any */
};

/* The value that the words say. True: `value` is filled, its text owned by the caller. False:
 * `error` (CONFIG_ERROR_SIZE bytes) is Redis's text. */
bool config_value_parse(const struct directive *directive, struct config_reading reading,
                        const struct bytes *words, int count, struct config_value *value,
                        char *error);

/* The same from one piece of text, split at blanks if the directive takes several words. */
bool config_value_parse_text(const struct directive *directive, struct config_reading reading,
                             struct bytes text, struct config_value *value, char *error);

/* As CONFIG GET shows it. */
void config_value_format(const struct directive *directive, const struct config_value *value,
                         struct buffer *out);

bool config_value_equals(const struct directive *directive, const struct config_value *a,
                         const struct config_value *b);

void config_value_clear(struct config_value *value);

/* "10mb" in bytes. As in Redis a number that 64 bits cannot hold is their largest, times the unit
 * in 64 bits. A negative or unreadable one is refused. */
bool config_value_parse_memory(struct bytes text, uint64_t *bytes);

/* The types that are more than one number or word (config_special.c). */
bool config_special_parse(const struct directive *directive, const struct config_value *old,
                          const struct bytes *words, int count, struct config_value *value,
                          char *error);
void config_special_format_events(int64_t events, struct buffer *out);

/* Writes an error for config_value_parse; returns false. */
bool config_value_refuse(char *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
