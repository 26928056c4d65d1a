/* SPDX-License-Identifier: MIT */
/*
 * The values of one server's directives, and CONFIG GET and SET on them. Every value is valid at
 * all times: text is checked before it is kept.
 */
#include "engine/config.h"

#include "base/check.h"
#include "base/glob.h"
#include "base/memory.h"
#include "engine/command.h"
#include "engine/config_private.h"
#include "reply/errors.h"
#include "reply/reply.h"

struct config *config_new(void)
{
    struct config *config = memory_zeroed(sizeof *config);
    for (size_t id = 0; id < CONFIG_COUNT; id++) {
        const struct directive *directive = directive_of(id);
        char error[CONFIG_ERROR_SIZE];
        bool is_valid = config_value_parse_text(directive, (struct config_reading){0},
                                                bytes_of_string(directive->default_text),
                                                &config->values[id], error);
        CHECK(is_valid);
    }
    return config;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t id = 0; id < CONFIG_COUNT; id++)
        config_value_clear(&config->values[id]);
    for (size_t i = 0; i < config->deed_count; i++)
        config_clear_deed(&config->deeds[i]);
    memory_free(config->deeds);
    memory_free(config->path);
    memory_free(config->fault.text);
    memory_free(config->fault.path);
    memory_free(config->fault.problem);
    memory_free(config);
}

void config_set_listener(struct config *config, struct config_listener listener)
{
    config->listener = listener;
}

int64_t config_integer(const struct config *config, enum config_id id)
{
    int64_t value = config->values[id].integer;
    if (value >= 0)
        return value;
    const struct directive *directive = directive_of(id);
    bool is_size = directive->type == DIRECTIVE_MEMORY && !(directive->flags & CONFIG_PERCENT);
    return is_size ? INT64_MAX : value;
}

const char *config_string(const struct config *config, enum config_id id)
{
    const char *text = config->values[id].text;
    return text ? text : "";
}

const char *config_path(const struct config *config)
{
    return config->path ? config->path : "";
}

char *config_file_path(const struct config *config, enum config_id id)
{
    const char *path = config_string(config, id), *directory = config_string(config, CONFIG_DIR);
    struct buffer whole = {0};
    if (*path && *path != '/' && *directory)
        buffer_append_format(&whole, "%s/", directory);
    buffer_append_string(&whole, path);
    buffer_append_byte(&whole, '\0');
    return whole.data;
}

bool config_is_sensitive(struct bytes name)
{
    struct config_name found;
    return config_find_name(name, &found) && directive_of(found.id)->flags & CONFIG_SENSITIVE;
}

void config_format(const struct config *config, enum config_id id, struct buffer *out)
{
    config_value_format(directive_of(id), &config->values[id], out);
}

void config_set_integer(struct config *config, enum config_id id, int64_t value)
{
    CHECK(!directive_is_text(directive_of(id)));
    config->values[id].integer = value;
}

void config_set_string(struct config *config, enum config_id id, const char *value)
{
    char error[CONFIG_ERROR_SIZE];
    struct config_value fresh;
    struct config_reading reading = {.old = &config->values[id]};
    bool is_valid =
        config_value_parse_text(directive_of(id), reading, bytes_of_string(value), &fresh, error);
    CHECK(is_valid);
    config_value_clear(&config->values[id]);
    config->values[id] = fresh;
}

static struct config_value copy_value(const struct config_value *value)
{
    struct config_value copy = *value;
    if (value->text)
        copy.text = memory_copy(value->text, (size_t)value->integer + 1);
    return copy;
}

struct config *config_copy(const struct config *config)
{
    struct config *copy = memory_zeroed(sizeof *copy);
    for (size_t id = 0; id < CONFIG_COUNT; id++)
        copy->values[id] = copy_value(&config->values[id]);
    memcpy(copy->is_given, config->is_given, sizeof copy->is_given);
    return copy;
}

bool config_tell(struct config *config, enum config_id id, char *error)
{
    error[0] = '\0';
    if (!config->listener.changed)
        return true;
    return config->listener.changed(config->listener.context, id, error, CONFIG_ERROR_SIZE);
}

void config_restore(struct config *config, const struct config *from)
{
    char error[CONFIG_ERROR_SIZE];
    for (size_t id = 0; id < CONFIG_COUNT; id++) {
        if (config_value_equals(directive_of(id), &config->values[id], &from->values[id]))
            continue;
        config_value_clear(&config->values[id]);
        config->values[id] = copy_value(&from->values[id]);
        config_tell(config, (enum config_id)id, error);
    }
}

/* --- names --- */

static uint32_t emulated_version(const struct config *config)
{
    return command_version_number(config_string(config, CONFIG_EMULATE));
}

static bool emulates_7(const struct config *config)
{
    return emulated_version(config) >= command_version_number("7.0");
}

bool config_is_gone(const struct config *config, enum config_id id)
{
    const char *until = directive_of(id)->until;
    return until && command_version_number(until) <= emulated_version(config);
}

/* Whether the emulated version knows the directive by its new name. */
static bool is_known(const struct config *config, const struct directive *directive)
{
    uint32_t version = emulated_version(config);
    if (config_is_gone(config, (enum config_id)(directive - directive_of(0))))
        return false;
    return !directive->since || command_version_number(directive->since) <= version;
}

void config_apply_version(struct config *config)
{
    if (emulates_7(config))
        return;
    /* Channels were open unless closed, and replicas were sent files. */
    if (!config->is_given[CONFIG_ACL_PUBSUB_DEFAULT])
        config_set_string(config, CONFIG_ACL_PUBSUB_DEFAULT, "allchannels");
    if (!config->is_given[CONFIG_REPL_DISKLESS_SYNC])
        config_set_string(config, CONFIG_REPL_DISKLESS_SYNC, "no");
}

bool config_find_name(struct bytes name, struct config_name *found)
{
    for (size_t id = 0; id < CONFIG_COUNT; id++) {
        const struct directive *directive = directive_of(id);
        const char *spelling = NULL;
        if (bytes_equal_ignoring_case(name, directive->name))
            spelling = directive->name;
        else if (directive->old_name && bytes_equal_ignoring_case(name, directive->old_name))
            spelling = directive->old_name;
        if (spelling) {
            *found = (struct config_name){.id = (enum config_id)id, .spelling = spelling};
            return true;
        }
    }
    return false;
}

/* --- CONFIG GET --- */

static bool is_pattern(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (strchr("[*?", text.data[i]))
            return true;
    return false;
}

/* The first of the patterns that the name matches, or -1. */
static int find_match(const struct directive *directive, const char *name,
                      const struct bytes *patterns, int count)
{
    for (int i = 0; i < count; i++) {
        if (!is_pattern(patterns[i])) {
            if (bytes_equal_ignoring_case(patterns[i], name))
                return i;
        } else if (!(directive->flags & CONFIG_HIDDEN) &&
                   glob_matches_ignoring_case(patterns[i], bytes_of_string(name))) {
            return i;
        }
    }
    return -1;
}

static void reply_get_name(struct config *config, size_t id, const char *name,
                           const struct bytes *patterns, int count, struct reply *reply)
{
    const struct directive *directive = directive_of(id);
    int match = name ? find_match(directive, name, patterns, count) : -1;
    if (match < 0)
        return;
    struct buffer value = {0};
    config_value_format(directive, &config->values[id], &value);
    /* A name that was asked for in upper case is answered so. */
    if (is_pattern(patterns[match]))
        reply_bulk_string(reply, name);
    else
        reply_bulk(reply, patterns[match]);
    reply_bulk(reply, buffer_bytes(&value));
    buffer_clear(&value);
}

void config_reply_get(struct config *config, const struct bytes *patterns, int count,
                      struct reply *reply)
{
    reply_open(reply, REPLY_MAP, REPLY_UNSIZED);
    for (size_t id = 0; id < CONFIG_COUNT; id++) {
        const struct directive *directive = directive_of(id);
        if (is_known(config, directive))
            reply_get_name(config, id, directive->name, patterns, count, reply);
        reply_get_name(config, id, directive->old_name, patterns, count, reply);
    }
    reply_close(reply);
}

/* --- CONFIG SET --- */

struct assignment {
    struct config_name name;
    struct bytes given; /* the name as it was given */
    struct bytes text;
    struct config_value old;
};

/* Until 7.0 a directive that cannot be changed was as good as unknown. */
static void reply_unknown(const struct config *config, struct reply *reply, struct bytes name)
{
    if (emulates_7(config))
        reply_error_format(reply, ERROR_CONFIG_UNKNOWN, BYTES_PRINT(name));
    else
        reply_error_format(reply, ERROR_CONFIG_UNKNOWN_BEFORE_7, BYTES_PRINT(name));
}

static void reply_set_failed(const struct config *config, struct reply *reply, struct bytes name,
                             struct bytes text, const char *problem)
{
    if (!emulates_7(config) && *problem)
        reply_error_format(reply, ERROR_CONFIG_SET_WHY_BEFORE_7, BYTES_PRINT(text),
                           BYTES_PRINT(name), problem);
    else if (!emulates_7(config))
        reply_error_format(reply, ERROR_CONFIG_SET_BEFORE_7, BYTES_PRINT(text), BYTES_PRINT(name));
    else if (*problem)
        reply_error_format(reply, ERROR_CONFIG_SET_WHY, BYTES_PRINT(name), problem);
    else
        reply_error_format(reply, ERROR_CONFIG_SET, BYTES_PRINT(name));
}

/* Why the directive may not be set at all, or NULL. */
static const char *find_objection(const struct config *config, const struct assignment *assignments,
                                  int index, bool is_local)
{
    uint32_t flags = directive_of(assignments[index].name.id)->flags;
    int64_t allowed = config_integer(config, CONFIG_ENABLE_PROTECTED_CONFIGS); /* no, yes, local */
    if (flags & CONFIG_IMMUTABLE)
        return "can't set immutable config";
    if ((flags & CONFIG_PROTECTED) && emulates_7(config) &&
        !(allowed == 1 || (allowed == 2 && is_local)))
        return "can't set protected config";
    /* An old name beside its new one is no duplicate, as in Redis. */
    for (int i = 0; i < index; i++)
        if (assignments[i].name.spelling == assignments[index].name.spelling)
            return "duplicate parameter";
    return NULL;
}

/* Finds all names before anything is set. False: the error was answered. */
static bool resolve(const struct config *config, struct assignment *assignments,
                    const struct bytes *pairs, int count, bool is_local, struct reply *reply)
{
    for (int i = 0; i < count; i++) {
        struct assignment *assignment = &assignments[i];
        assignment->given = pairs[i * 2];
        assignment->text = pairs[i * 2 + 1];
        bool is_found = config_find_name(assignment->given, &assignment->name);
        if (is_found) {
            const struct directive *directive = directive_of(assignment->name.id);
            is_found = assignment->name.spelling != directive->name || is_known(config, directive);
        }
        if (!is_found) {
            reply_unknown(config, reply, assignment->given);
            return false;
        }
        const char *objection = find_objection(config, assignments, i, is_local);
        if (objection && !emulates_7(config)) {
            reply_unknown(config, reply, assignment->given);
            return false;
        }
        if (objection) {
            reply_set_failed(config, reply, assignment->given, assignment->text, objection);
            return false;
        }
    }
    return true;
}

/* Puts the old values of the first `count` assignments back, last first. */
static void take_back(struct config *config, struct assignment *assignments, int count)
{
    while (count-- > 0) {
        struct config_value *value = &config->values[assignments[count].name.id];
        config_value_clear(value);
        *value = assignments[count].old;
        assignments[count].old = (struct config_value){0};
    }
}

/* Sets all values, then tells the listener of all. False: nothing is changed, `failed` is the
 * assignment at fault and `error` says why. */
static bool assign(struct config *config, struct assignment *assignments, int count, int *failed,
                   char *error)
{
    for (int i = 0; i < count; i++) {
        struct config_value *value = &config->values[assignments[i].name.id];
        struct config_value fresh;
        struct config_reading reading = {.old = value, .version = emulated_version(config)};
        if (!config_value_parse_text(directive_of(assignments[i].name.id), reading,
                                     assignments[i].text, &fresh, error)) {
            take_back(config, assignments, i);
            *failed = i;
            return false;
        }
        assignments[i].old = *value;
        *value = fresh;
        config_clamp(config, assignments[i].name.id);
    }
    for (int i = 0; i < count; i++) {
        if (config_tell(config, assignments[i].name.id, error))
            continue;
        char ignored[CONFIG_ERROR_SIZE];
        take_back(config, assignments, count);
        for (int told = 0; told <= i; told++)
            config_tell(config, assignments[told].name.id, ignored);
        *failed = i;
        return false;
    }
    return true;
}

void config_clamp(struct config *config, enum config_id id)
{
    int64_t *value = &config->values[id].integer;
    if (id == CONFIG_HZ)
        *value = *value < 1 ? 1 : *value > 500 ? 500 : *value;
    if (id == CONFIG_REPL_BACKLOG_SIZE && *value < 16384)
        *value = 16384;
    int64_t two_ticks = 1000 / config->values[CONFIG_HZ].integer * 2;
    if (id == CONFIG_WATCHDOG_PERIOD && *value && *value < two_ticks)
        *value = two_ticks;
    if (id == CONFIG_OOM_SCORE_ADJ && *value == 2) /* "relative" is another word for "yes" */
        *value = 1;
}

void config_reply_set(struct config *config, const struct bytes *pairs, int count, bool is_local,
                      struct reply *reply)
{
    if (count % 2) {
        reply_error(reply, ERROR_SYNTAX);
        return;
    }
    count /= 2;
    struct assignment *assignments = memory_zeroed((size_t)count * sizeof *assignments);
    char error[CONFIG_ERROR_SIZE] = "";
    int failed = 0;
    if (resolve(config, assignments, pairs, count, is_local, reply)) {
        if (assign(config, assignments, count, &failed, error))
            reply_ok(reply);
        else
            reply_set_failed(config, reply, bytes_of_string(assignments[failed].name.spelling),
                             assignments[failed].text, error);
    }
    for (int i = 0; i < count; i++)
        config_value_clear(&assignments[i].old);
    memory_free(assignments);
}
