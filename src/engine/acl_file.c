/* SPDX-License-Identifier: MIT */
#include "engine/acl_file.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "engine/acl_rules.h"
#include "engine/acl_text.h"
#include "engine/engine.h"
#include "reply/errors.h"

/* --- lines --- */

struct words {
    struct bytes *items; /* owned */
    int count;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct bytes trim(struct bytes text)
{
    while (text.size && is_blank(text.data[0]))
        text = bytes_of(text.data + 1, text.size - 1);
    while (text.size && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

/* Between single blanks: two in a row have an empty word between them. */
static struct words split(struct bytes line)
{
    struct words words = {0};
    int capacity = 1;
    for (size_t i = 0; i < line.size; i++)
        capacity += line.data[i] == ' ';
    words.items = memory_allocate((size_t)capacity * sizeof *words.items);
    size_t start = 0;
    for (size_t i = 0; i <= line.size; i++) {
        if (i < line.size && line.data[i] != ' ')
            continue;
        words.items[words.count++] = bytes_of(line.data + start, i - start);
        start = i + 1;
    }
    return words;
}

/* --- the file --- */

struct loading {
    const struct engine *engine;
    const char *path;
    int line;
    struct acl_users users;
    struct buffer *error;
};

static void apply_rules(struct loading *loading, struct acl_user *user,
                        const struct acl_texts *rules)
{
    bool has_failed = false;
    for (size_t i = 0; i < rules->count; i++) {
        struct bytes rule = trim(bytes_of_string(rules->items[i].text));
        enum acl_rules_result result = acl_rules_apply(loading->engine, user, rule);
        if (result == ACL_RULES_UNKNOWN)
            buffer_append_format(loading->error, ERROR_ACL_FILE_OPERATION, loading->path,
                                 loading->line, rules->items[i].text, acl_rules_problem(result));
        else if (result != ACL_RULES_DONE && !has_failed)
            buffer_append_format(loading->error, ERROR_ACL_FILE_RULE, loading->path, loading->line,
                                 acl_rules_problem(result));
        has_failed |= result != ACL_RULES_DONE && result != ACL_RULES_UNKNOWN;
    }
}

static void load_user(struct loading *loading, const struct bytes *words, int count)
{
    struct bytes name = words[1];
    if (acl_rules_has_blanks(name)) {
        buffer_append_format(loading->error, ERROR_ACL_FILE_NAME, loading->path, loading->line,
                             BYTES_PRINT(name));
        return;
    }
    if (acl_users_find(&loading->users, name)) {
        buffer_append_format(loading->error, ERROR_ACL_FILE_TWICE, BYTES_PRINT(name),
                             loading->line);
        return;
    }
    struct acl_user *user = acl_user_new(name);
    acl_rules_start(loading->engine, user);
    acl_users_add(&loading->users, user);
    struct acl_texts rules = {0};
    int open;
    if (acl_rules_merge(words + 2, count - 2, &rules, &open) >= 0)
        apply_rules(loading, user, &rules);
    else
        buffer_append_format(loading->error, ERROR_ACL_FILE_PARENTHESIS, loading->path,
                             loading->line);
    acl_user_clear_texts(&rules);
}

static void load_line(struct loading *loading, struct bytes line)
{
    line = trim(line);
    if (line.size == 0)
        return;
    struct words words = split(line);
    if (words.count < 2 || !bytes_equal_string(words.items[0], "user"))
        buffer_append_format(loading->error, ERROR_ACL_FILE_LINE, loading->path, loading->line);
    else
        load_user(loading, words.items, words.count);
    memory_free(words.items);
}

static void load_text(struct loading *loading, struct bytes text)
{
    while (text.size) {
        const char *end = memchr(text.data, '\n', text.size);
        size_t size = end ? (size_t)(end - text.data) : text.size;
        loading->line++;
        load_line(loading, bytes_of(text.data, size));
        size += end != NULL;
        text = bytes_of(text.data + size, text.size - size);
    }
}

static bool read_file(const char *path, struct buffer *text)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t size;
    do {
        size = fread(buffer_reserve(text, 4096), 1, 4096, file);
        text->size += size;
    } while (size > 0);
    bool is_read = !ferror(file);
    fclose(file);
    return is_read;
}

bool acl_file_load(struct engine *engine, struct buffer *error)
{
    struct loading loading = {
        .engine = engine, .path = config_string(engine->config, CONFIG_ACLFILE), .error = error};
    struct buffer text = {0};
    size_t start = error->size;
    bool is_read = read_file(loading.path, &text);
    if (is_read)
        load_text(&loading, buffer_bytes(&text));
    else
        buffer_append_format(error, ERROR_ACL_FILE_OPEN, loading.path, strerror(errno));
    buffer_clear(&text);
    bool is_loaded = error->size == start;
    if (is_loaded)
        acl_adopt(engine, &loading.users);
    else if (is_read)
        buffer_append_string(error, ERROR_ACL_FILE_UNCHANGED);
    acl_users_clear(&loading.users);
    return is_loaded;
}

/* --- writing --- */

void acl_file_append_users(const struct engine *engine, struct buffer *out)
{
    const struct acl_user *user;
    for (size_t i = 0; (user = acl_at(engine, i)) != NULL; i++) {
        buffer_append_format(out, "user %s ", user->name);
        acl_text_append_user(engine, user, out);
        buffer_append_byte(out, '\n');
    }
}

/* Written beside it and renamed, so that no reader ever sees half a file. */
static bool replace_file(const char *path, struct bytes text)
{
    struct buffer beside = {0};
    buffer_append_format(&beside, "%s.tmp-%ld", path, (long)getpid());
    buffer_append_byte(&beside, '\0');
    FILE *file = fopen(beside.data, "we");
    bool is_written = file && fwrite(text.data, 1, text.size, file) == text.size;
    is_written = file && fclose(file) == 0 && is_written;
    is_written = is_written && rename(beside.data, path) == 0;
    int problem = errno;
    if (file && !is_written)
        unlink(beside.data);
    errno = problem;
    buffer_clear(&beside);
    return is_written;
}

bool acl_file_save(struct engine *engine)
{
    const char *path = config_string(engine->config, CONFIG_ACLFILE);
    struct buffer text = {0};
    acl_file_append_users(engine, &text);
    bool is_saved = replace_file(path, buffer_bytes(&text));
    if (!is_saved)
        engine_log(engine, 3, "Cannot write the ACL file %s: %s", path, strerror(errno));
    buffer_clear(&text);
    return is_saved;
}

/* --- the start --- */

/* A line of redis.conf. The default user is there already, and begins anew. */
static bool configure_user(struct engine *engine, struct bytes line, struct buffer *error)
{
    struct words words = split(line);
    bool is_default = bytes_equal_string(words.items[1], "default");
    if (acl_rules_has_blanks(words.items[1])) {
        buffer_append_string(error, "Spaces not allowed in ACL usernames");
    } else if (acl_find(engine, words.items[1]) && !is_default) {
        buffer_append_format(error, "the user '%.*s' is defined twice",
                             BYTES_PRINT(words.items[1]));
    } else {
        if (is_default)
            acl_rules_apply(engine, engine->acl.default_user, BYTES_LITERAL("reset"));
        acl_set_user(engine, words.items[1], words.items + 2, words.count - 2, error);
    }
    memory_free(words.items);
    return error->size == 0;
}

bool acl_file_load_start(struct engine *engine, struct buffer *error)
{
    bool has_file = *config_string(engine->config, CONFIG_ACLFILE) != '\0';
    const char *line;
    for (size_t i = 0; (line = config_line(engine->config, i)) != NULL; i++) {
        if (strncasecmp(line, "user ", 5) != 0)
            continue;
        if (has_file) {
            buffer_append_string(error, "users stand in an ACL file or in the configuration, but "
                                        "not in both");
            return false;
        }
        if (!configure_user(engine, bytes_of_string(line), error))
            return false;
    }
    if (has_file && !acl_file_load(engine, error))
        return false;
    acl_settle_start(engine);
    return true;
}
