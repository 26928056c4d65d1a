/* SPDX-License-Identifier: MIT */
/* MIGRATE: keys to another server, as RESTORE commands over a connection of the host. */
#include "base/memory.h"
#include "dump/dump.h"
#include "engine/call.h"
#include "engine/dump_limits.h"
#include "engine/engine.h"
#include "engine/journal.h"
#include "reply/errors.h"

#define DEFAULT_TIMEOUT_MS 1000

struct migrate {
    bool copies;
    bool replaces;
    bool has_password;
    struct bytes user; /* data NULL: AUTH takes the password alone */
    struct bytes password;
    int64_t db;
    int64_t timeout_ms;
    int first_key; /* in argv */
    int key_count;
    struct bytes *keys; /* owned: those that are sent; of argv */
    size_t sent;
    size_t lines; /* of the answer before those of the keys */
    struct buffer request;
    struct buffer answer;
};

/* --- arguments --- */

/* False: they are wrong, and the error was answered. */
static bool parse_options(struct call *call, struct migrate *migrate)
{
    migrate->first_key = 3;
    migrate->key_count = 1;
    for (int i = 6; i < call->argc; i++) {
        int left = call->argc - i - 1;
        if (call_is(call, i, "COPY")) {
            migrate->copies = true;
        } else if (call_is(call, i, "REPLACE")) {
            migrate->replaces = true;
        } else if (call_is(call, i, "AUTH") && left >= 1) {
            call_redact(call, i + 1);
            migrate->has_password = true;
            migrate->password = call->argv[++i];
        } else if (call_is(call, i, "AUTH2") && left >= 2) {
            call_redact(call, i + 1);
            call_redact(call, i + 2);
            migrate->has_password = true;
            migrate->user = call->argv[++i];
            migrate->password = call->argv[++i];
        } else if (call_is(call, i, "KEYS")) {
            if (call->argv[3].size > 0) {
                reply_error(call->reply, ERROR_MIGRATE_KEYS);
                return false;
            }
            migrate->first_key = i + 1;
            migrate->key_count = left;
            break;
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    return true;
}

static bool parse(struct call *call, struct migrate *migrate)
{
    if (!parse_options(call, migrate) || !call_integer(call, 5, &migrate->timeout_ms, NULL) ||
        !call_integer(call, 4, &migrate->db, NULL))
        return false;
    if (migrate->timeout_ms <= 0)
        migrate->timeout_ms = DEFAULT_TIMEOUT_MS;
    return true;
}

/* --- the request --- */

static void append_word(struct buffer *out, struct bytes word)
{
    buffer_append_format(out, "$%zu\r\n", word.size);
    buffer_append_bytes(out, word);
    buffer_append(out, "\r\n", 2);
}

static void append_integer(struct buffer *out, int64_t integer)
{
    char digits[NUMBER_INTEGER_SIZE];
    append_word(out, bytes_of(digits, number_format_integer(digits, integer)));
}

static void append_greeting(struct migrate *migrate)
{
    struct buffer *out = &migrate->request;
    if (migrate->has_password) {
        buffer_append_format(out, "*%d\r\n", migrate->user.data ? 3 : 2);
        append_word(out, BYTES_LITERAL("AUTH"));
        if (migrate->user.data)
            append_word(out, migrate->user);
        append_word(out, migrate->password);
        migrate->lines++;
    }
    buffer_append_string(out, "*2\r\n");
    append_word(out, BYTES_LITERAL("SELECT"));
    append_integer(out, migrate->db);
    migrate->lines++;
}

static void append_restore(struct call *call, struct migrate *migrate, struct bytes key,
                           const struct entry *entry)
{
    int64_t deadline_ms = database_deadline(call->db, entry);
    int64_t ttl = deadline_ms == KEYSPACE_NEVER ? 0 : deadline_ms - call->now_ms;
    if (ttl < 0)
        return;
    struct buffer payload = {0};
    if (dump_value(&payload, entry_value(entry), dump_limits_rdb_version(call->engine),
                   call_config(call, CONFIG_RDBCOMPRESSION) != 0)) {
        struct buffer *out = &migrate->request;
        buffer_append_format(out, "*%d\r\n", migrate->replaces ? 5 : 4);
        append_word(out, call->engine->cluster ? BYTES_LITERAL("RESTORE-ASKING")
                                               : BYTES_LITERAL("RESTORE"));
        append_word(out, key);
        append_integer(out, ttl);
        append_word(out, buffer_bytes(&payload));
        if (migrate->replaces)
            append_word(out, BYTES_LITERAL("REPLACE"));
        migrate->keys[migrate->sent++] = key;
    }
    buffer_clear(&payload);
}

/* False: none of the keys is there. */
static bool append_keys(struct call *call, struct migrate *migrate)
{
    bool has_any = false;
    size_t room = migrate->key_count > 0 ? (size_t)migrate->key_count : 1;
    migrate->keys = memory_allocate(room * sizeof *migrate->keys);
    for (int i = 0; i < migrate->key_count; i++) {
        struct bytes key = call->argv[migrate->first_key + i];
        const struct entry *entry = call_find_any(call, key, ACCESS_READ);
        if (!entry)
            continue;
        has_any = true;
        append_restore(call, migrate, key, entry);
    }
    return has_any;
}

/* --- the answer --- */

/* The next line of the answer, without its end. False: there is no whole one. */
static bool take_line(struct bytes *answer, struct bytes *line)
{
    const char *end = answer->size ? memchr(answer->data, '\n', answer->size) : NULL;
    if (!end)
        return false;
    size_t size = (size_t)(end - answer->data);
    *line = bytes_of(answer->data, size && end[-1] == '\r' ? size - 1 : size);
    *answer = bytes_of(end + 1, answer->size - size - 1);
    return true;
}

static void drop(struct call *call, struct bytes key)
{
    call_announce(call, ANNOUNCE_GENERIC, "del", key);
    JOURNAL_REPLACE(call, BYTES_LITERAL("DEL"), key);
}

/* Takes away what the other server has; the first error it gave, data NULL if none. After an AUTH
 * or a SELECT that failed no key counts as arrived. */
static struct bytes take_answer(struct call *call, struct migrate *migrate)
{
    struct bytes answer = buffer_bytes(&migrate->answer), line, error = {0};
    bool is_welcome = true;
    for (size_t i = 0; i < migrate->lines + migrate->sent && take_line(&answer, &line); i++) {
        bool is_error = line.size && line.data[0] == '-';
        if (is_error && !error.data)
            error = bytes_of(line.data + 1, line.size - 1);
        if (i < migrate->lines) {
            is_welcome &= !is_error;
            continue;
        }
        struct bytes key = migrate->keys[i - migrate->lines];
        if (is_welcome && !is_error && !migrate->copies && database_delete(call->db, key))
            drop(call, key);
    }
    return error;
}

static void run(struct call *call, struct migrate *migrate)
{
    const struct engine_host *host = &call->engine->host;
    int64_t port = 0;
    number_parse_integer(call->argv[2], &port);
    append_greeting(migrate);
    if (!append_keys(call, migrate)) {
        reply_simple(call->reply, "NOKEY");
        return;
    }
    char *name = bytes_to_string(call->argv[1]);
    struct engine_exchange exchange = {.host = name,
                                       .port = (uint16_t)port,
                                       .request = buffer_bytes(&migrate->request),
                                       .lines = migrate->lines + migrate->sent,
                                       .timeout_ms = migrate->timeout_ms};
    enum engine_exchange_result result =
        host->exchange ? host->exchange(host->context, &exchange, &migrate->answer)
                       : EXCHANGE_NOT_CONNECTED;
    memory_free(name);
    struct bytes error = take_answer(call, migrate);
    if (error.data)
        reply_error_format(call->reply, ERROR_MIGRATE_TARGET, BYTES_PRINT(error));
    else if (result == EXCHANGE_NOT_CONNECTED)
        reply_error(call->reply, ERROR_MIGRATE_CONNECT);
    else if (result != EXCHANGE_DONE)
        reply_error_format(call->reply, ERROR_MIGRATE_IO,
                           result == EXCHANGE_NOT_WRITTEN ? "writing" : "reading");
    else
        reply_ok(call->reply);
}

static void migrate_run(struct call *call)
{
    struct migrate migrate = {0};
    if (parse(call, &migrate))
        run(call, &migrate);
    memory_free(migrate.keys);
    buffer_clear(&migrate.request);
    buffer_clear(&migrate.answer);
}

/* --- row --- */

static bool find_migrate_keys(const struct bytes *argv, int argc, struct key_references *found)
{
    const uint32_t flags = KEY_RW | KEY_ACCESS | KEY_DELETE;
    for (int i = 6; i < argc; i++) {
        if (bytes_equal_ignoring_case(argv[i], "AUTH")) {
            i++;
        } else if (bytes_equal_ignoring_case(argv[i], "AUTH2")) {
            i += 2;
        } else if (bytes_equal_ignoring_case(argv[i], "KEYS")) {
            if (argv[3].size > 0 && i + 1 == argc) /* it names none: the one key is meant */
                break;
            if (argv[3].size > 0)
                return false;
            for (int key = i + 1; key < argc; key++)
                key_references_add(found, key, flags);
            return true;
        }
    }
    key_references_add(found, 3, flags);
    return true;
}

static const struct command_argument key_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "empty_string", .type = ARGUMENT_PURE_TOKEN, .token = ""},
    {0},
};

static const struct command_argument user_arguments[] = {
    {.name = "username", .type = ARGUMENT_STRING},
    {.name = "password", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument authentication_arguments[] = {
    {.name = "password",
     .type = ARGUMENT_STRING,
     .token = "AUTH",
     .flags = ARGUMENT_OPTIONAL,
     .since = "4.0.7"},
    {.name = "username_password",
     .type = ARGUMENT_BLOCK,
     .token = "AUTH2",
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.0.0",
     .arguments = user_arguments},
    {0},
};

static const struct command_argument migrate_arguments[] = {
    {.name = "host", .type = ARGUMENT_STRING},
    {.name = "port", .type = ARGUMENT_INTEGER},
    {.name = "key_or_empty_string", .type = ARGUMENT_ONEOF, .arguments = key_arguments},
    {.name = "destination-db", .type = ARGUMENT_INTEGER},
    {.name = "timeout", .type = ARGUMENT_INTEGER},
    {.name = "copy",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "COPY",
     .flags = ARGUMENT_OPTIONAL,
     .since = "3.0.0"},
    {.name = "replace",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "REPLACE",
     .flags = ARGUMENT_OPTIONAL,
     .since = "3.0.0"},
    {.name = "authentication",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = authentication_arguments},
    {.name = "key",
     .type = ARGUMENT_KEY,
     .token = "KEYS",
     .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE,
     .key_spec = 1,
     .since = "3.0.6"},
    {0},
};

const struct command migrate_commands[] = {
    {.name = "MIGRATE",
     .arity = -6,
     .flags = COMMAND_WRITE,
     .categories = CATEGORY_KEYSPACE | CATEGORY_DANGEROUS,
     .since = "2.6.0",
     .group = "generic",
     .summary = "Moves or copies keys to another server.",
     .complexity = "As DUMP, RESTORE and DEL of each key, and O(N) for N bytes sent",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .begin_position = 3, .step = 1},
               {.flags = KEY_RW | KEY_ACCESS | KEY_DELETE | KEY_INCOMPLETE,
                .begin = KEY_BEGIN_KEYWORD,
                .begin_keyword = "KEYS",
                .begin_position = -2,
                .last = -1,
                .step = 1}),
     .arguments = migrate_arguments,
     .serves_open_slots = true,
     .run = migrate_run,
     .find_keys = find_migrate_keys},
    {0},
};
