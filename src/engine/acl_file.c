/* SPDX-License-Identifier: MIT */
#include "engine/acl_file.h"

#include <errno.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/whole_file.h"
#include "engine/acl_rules.h"
#include "engine/acl_text.h"
#include "engine/config.h"
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

static bool read_file(const struct engine *engine, struct buffer *text)
{
    char *path = config_file_path(engine->config, CONFIG_ACLFILE);
    FILE *file = fopen(path, "re");
    int problem = errno;
    memory_free(path);
    errno = problem;
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
    bool is_read = read_file(engine, &text);
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

bool acl_file_save(struct engine *engine)
{
    char *path = config_file_path(engine->config, CONFIG_ACLFILE);
    struct buffer text = {0};
    acl_file_append_users(engine, &text);
    bool is_saved = whole_file_write(path, buffer_bytes(&text));
    if (!is_saved)
        engine_log(engine, 3, "Cannot write the ACL file %s: %s", path, strerror(errno));
    memory_free(path);
    buffer_clear(&text);
    return is_saved;
}

/* --- the start --- */

/* Why the words are no user's, or NULL; `*at` is the word that Redis names. */
static const char *apply_words(const struct engine *engine, struct acl_user *user,
                               const struct config_deed *deed, int *at)
{
    struct acl_texts rules = {0};
    const char *problem = NULL;
    int open;
    if (acl_rules_merge(deed->words + 2, deed->count - 2, &rules, &open) < 0) {
        *at = open + 2;
        problem = ERROR_ACL_RULE_PARENTHESIS;
    }
    for (size_t i = 0; !problem && i < rules.count; i++) {
        struct bytes rule = bytes_of(rules.items[i].text, rules.items[i].mark);
        enum acl_rules_result result = acl_rules_apply(engine, user, rule);
        /* Redis counts the rules, and names the word of that number. */
        *at = i < (size_t)deed->count ? (int)i : 0;
        if (result != ACL_RULES_DONE)
            problem = acl_rules_problem(result);
    }
    acl_user_clear_texts(&rules);
    return problem;
}

/* A line of redis.conf. The default user is there already, and begins anew. */
static bool configure_user(struct engine *engine, struct acl_users *seen, size_t index,
                           struct buffer *error)
{
    const struct config_deed *deed = config_deed(engine->config, index);
    struct bytes name = deed->words[1];
    int at = 1;
    const char *problem = NULL;
    if (acl_rules_has_blanks(name))
        problem = ERROR_ACL_NAME_BLANKS;
    else if (acl_users_find(seen, name))
        problem = ERROR_ACL_USER_TWICE;
    if (!problem) {
        struct acl_user *user = acl_user_new(name);
        acl_rules_start(engine, user);
        acl_users_add(seen, user);
        problem = apply_words(engine, user, deed, &at);
    }
    if (!problem)
        return true;
    struct buffer text = {0};
    buffer_append_format(&text, ERROR_ACL_DECLARATION, BYTES_PRINT(deed->words[at]), problem);
    buffer_append_byte(&text, '\0');
    config_refuse_deed(engine->config, index, text.data, error);
    buffer_clear(&text);
    return false;
}

/* The users that the configuration declares; those that it does not stay as they are. */
static bool configure_users(struct engine *engine, bool has_file, struct buffer *error)
{
    struct acl_users users = {0};
    const struct config_deed *deed;
    bool is_right = true, has_users = false;
    for (size_t i = 0; is_right && (deed = config_deed(engine->config, i)) != NULL; i++) {
        if (!bytes_equal_ignoring_case(deed->words[0], "user"))
            continue;
        is_right = configure_user(engine, &users, i, error);
        has_users = true;
    }
    if (is_right && has_users && has_file) {
        buffer_append_string(error, ERROR_ACL_TWO_PLACES);
        is_right = false;
    }
    if (is_right && has_users && !acl_users_find(&users, BYTES_LITERAL("default"))) {
        struct acl_user *user = acl_user_new(BYTES_LITERAL("default"));
        acl_user_assign(user, engine->acl.default_user);
        acl_users_add(&users, user);
    }
    if (is_right && has_users)
        acl_adopt(engine, &users);
    acl_users_clear(&users);
    return is_right;
}

bool acl_file_load_start(struct engine *engine, struct buffer *error)
{
    bool has_file = *config_string(engine->config, CONFIG_ACLFILE) != '\0';
    if (!configure_users(engine, has_file, error))
        return false;
    if (has_file && !acl_file_load(engine, error))
        return false;
    acl_settle_start(engine);
    return true;
}
