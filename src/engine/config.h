/* SPDX-License-Identifier: MIT */
/*
 * Configuration: every directive by name, typed and checked, for the command line, the
 * configuration file, CONFIG GET and CONFIG SET.
 *
 *     int64_t limit = config_integer(engine->config, CONFIG_HASH_MAX_LISTPACK_ENTRIES);
 *
 * The directives stand in config_directives.h, one line each: name, old name, type, flags, default,
 * bounds. A directive that has no meaning for Understudy is accepted and kept.
 */
#ifndef UNDERSTUDY_ENGINE_CONFIG_H
#define UNDERSTUDY_ENGINE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

/* CONFIG_PORT and so on: one for each directive. */
#define DIRECTIVE(id, ...) CONFIG_##id,
enum config_id {
#include "engine/config_directives.h"
    CONFIG_COUNT
};
#undef DIRECTIVE

#define CONFIG_FREE_PORT (-1) /* a port that is to be chosen */

/* The numbers of tls-auth-clients. */
enum config_tls_auth { CONFIG_TLS_AUTH_NO, CONFIG_TLS_AUTH_YES, CONFIG_TLS_AUTH_OPTIONAL };

/* Bits of shutdown-on-sigterm and shutdown-on-sigint; none is "default". */
enum config_shutdown {
    CONFIG_SHUTDOWN_SAVE = 1 << 0,
    CONFIG_SHUTDOWN_NOSAVE = 1 << 1,
    CONFIG_SHUTDOWN_NOW = 1 << 2,
    CONFIG_SHUTDOWN_FORCE = 1 << 3,
};

struct config;
struct reply;

struct config_listener {
    void *context;
    /* A directive has a new, valid value (CONFIG SET or start). False refuses it: `error`
     * (terminated, at most `size` bytes) says why, and the old value comes back. */
    bool (*changed)(void *context, enum config_id id, char *error, size_t size);
};

struct config *config_new(void);
void config_free(struct config *config);
void config_set_listener(struct config *config, struct config_listener listener);

/* Booleans are 0 or 1; memory sizes are bytes; enumerations are their number in the directive's
 * list; a percentage is negative. */
int64_t config_integer(const struct config *config, enum config_id id);
/* Text of a string directive: borrowed until it changes; "" when unset. */
const char *config_string(const struct config *config, enum config_id id);

/* The path that a directive names: a relative one starts at `dir`. Owned by the caller. */
char *config_file_path(const struct config *config, enum config_id id);

/* Whether the directive of that name, if there is one, holds a secret. */
bool config_is_sensitive(struct bytes name);

/* A directive's value as CONFIG GET shows it, at the end of `out`. */
void config_format(const struct config *config, enum config_id id, struct buffer *out);

/* Gives directives that nobody gave a value the default of the emulated version. */
void config_apply_version(struct config *config);

/* --- before start (config_file.c) --- */

/* One directive as a file or the command line gives it: name and its arguments, applied before
 * start. False: `error` says in one line what is wrong. */
bool config_load(struct config *config, const struct bytes *words, int count, struct buffer *error);
/* redis-server's command line behind the program's name: perhaps a file, includes followed, then
 * `--name value ...` in any order, which come after all files; a first or last "-" is standard
 * input. */
bool config_load_arguments(struct config *config, int argc, const char *const *argv,
                           struct buffer *error);

/* A line of the file that is no value but a deed: "user ...", "rename-command A B". */
struct config_deed {
    struct bytes *words; /* owned by the configuration, as are their bytes */
    int count;
};

/* In order; NULL past the last. */
const struct config_deed *config_deed(const struct config *config, size_t index);
/* Ends the loading at that line: `error` says where, and what is wrong. */
void config_refuse_deed(struct config *config, size_t index, const char *problem,
                        struct buffer *error);

/* Where the loading ended and why, as redis-server tells it before it exits. Nothing when it was
 * no line's fault. */
void config_append_fault(const struct config *config, const char *version, struct buffer *out);

/* Whether a file or the command line has said it, be it the default. */
bool config_is_given(const struct config *config, enum config_id id);

/* The file that was loaded, as an absolute path; "" when there was none. */
const char *config_path(const struct config *config);

/* CONFIG REWRITE: brings the file that was loaded up to date. `users` are lines that take the place
 * of the file's own for users. False: `error` has a whole error reply. */
bool config_rewrite(struct config *config, struct bytes users, struct buffer *error);

/* --- CONFIG GET for patterns, CONFIG SET for name/value pairs: atomic, answered in `reply` --- */

void config_reply_get(struct config *config, const struct bytes *patterns, int count,
                      struct reply *reply);
/* `is_local`: the client may do what the value "local" of enable-protected-configs allows. */
void config_reply_set(struct config *config, const struct bytes *pairs, int count, bool is_local,
                      struct reply *reply);

/* For embedding and tests: sets without listener or immutability checks. CHECKs that it is valid.
 */
void config_set_integer(struct config *config, enum config_id id, int64_t value);
void config_set_string(struct config *config, enum config_id id, const char *value);

/* A deep copy, without listener: MOCK RESET keeps the configuration at start. */
struct config *config_copy(const struct config *config);
/* Gives every directive the value it has in `from`, telling the listener of those that change. */
void config_restore(struct config *config, const struct config *from);

#endif
