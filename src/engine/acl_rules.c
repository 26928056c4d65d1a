/* SPDX-License-Identifier: MIT */
#include "engine/acl_rules.h"

#include <ctype.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "engine/engine.h"
#include "reply/errors.h"
#include "resp/request_parser.h"

const char *acl_rules_problem(enum acl_rules_result result)
{
    switch (result) {
    case ACL_RULES_UNKNOWN:
        return ERROR_ACL_RULE_UNKNOWN;
    case ACL_RULES_KEYS_COVERED:
        return ERROR_ACL_RULE_KEYS_COVERED;
    case ACL_RULES_CHANNELS_COVERED:
        return ERROR_ACL_RULE_CHANNELS_COVERED;
    case ACL_RULES_NO_SUCH_PASSWORD:
        return ERROR_ACL_RULE_NO_SUCH_PASSWORD;
    case ACL_RULES_HASH:
        return ERROR_ACL_RULE_HASH;
    case ACL_RULES_FIRST_ARGUMENT:
        return ERROR_ACL_RULE_FIRST_ARGUMENT;
    default:
        return ERROR_ACL_RULE_SYNTAX;
    }
}

bool acl_rules_has_blanks(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '\0' || isspace((unsigned char)text.data[i]))
            return true;
    return false;
}

static struct bytes skip(struct bytes text, size_t count)
{
    return bytes_of(text.data + count, text.size - count);
}

static bool is(struct bytes rule, const char *word, const char *other)
{
    return bytes_equal_ignoring_case(rule, word) || bytes_equal_ignoring_case(rule, other);
}

/* --- commands --- */

static void forget_first_arguments(struct acl_selector *selector, uint32_t id)
{
    for (size_t i = selector->first_arguments.count; i-- > 0;)
        if (selector->first_arguments.items[i].mark == id)
            acl_user_remove_text(&selector->first_arguments, &selector->first_arguments.items[i]);
}

void acl_rules_set_command(struct acl_selector *selector, const struct command_state *state,
                           bool is_allowed)
{
    acl_user_set_command(selector, state->id, is_allowed);
    forget_first_arguments(selector, state->id);
    for (size_t i = 0; i < state->subcommand_count; i++)
        acl_user_set_command(selector, state->subcommands[i].id, is_allowed);
}

void acl_rules_set_category(const struct engine *engine, struct acl_selector *selector,
                            uint32_t category, bool is_allowed)
{
    struct table_iterator iterator;
    table_iterator_begin(&iterator, (struct table *)&engine->commands);
    const struct command_state *state;
    while ((state = table_iterator_next(&iterator)) != NULL) {
        if (state->categories & category)
            acl_rules_set_command(selector, state, is_allowed);
        for (size_t i = 0; i < state->subcommand_count; i++)
            if (state->subcommands[i].categories & category)
                acl_rules_set_command(selector, &state->subcommands[i], is_allowed);
    }
    table_iterator_end(&iterator);
}

/* What was said of the command, or of its subcommands, before holds no more. */
static void note_rule(struct acl_selector *selector, struct bytes name, bool is_allowed)
{
    struct buffer rule = {0};
    buffer_append_byte(&rule, is_allowed ? '+' : '-');
    for (size_t i = 0; i < name.size; i++)
        buffer_append_byte(&rule, (char)tolower((unsigned char)name.data[i]));
    for (size_t i = selector->rules.count; i-- > 0;) {
        struct acl_text *old = &selector->rules.items[i];
        size_t size = strlen(old->text);
        if (size >= rule.size && memcmp(old->text + 1, rule.data + 1, rule.size - 1) == 0 &&
            (size == rule.size || old->text[rule.size] == '|'))
            acl_user_remove_text(&selector->rules, old);
    }
    acl_user_add_text(&selector->rules, buffer_bytes(&rule), 0);
    buffer_clear(&rule);
}

/* "get", "config", "config|get"; NULL when there is none. */
static const struct command_state *find_command(const struct engine *engine, struct bytes name)
{
    const char *bar = name.size ? memchr(name.data, '|', name.size) : NULL;
    if (!bar)
        return engine_find_own_command(engine, name, NULL);
    struct bytes container = bytes_of(name.data, (size_t)(bar - name.data));
    struct bytes word = skip(name, container.size + 1);
    const struct command_state *state = engine_find_own_command(engine, container, NULL);
    return state && state->subcommand_count ? engine_find_own_command(engine, container, &word)
                                            : NULL;
}

static void allow_first_argument(struct acl_selector *selector, uint32_t id, struct bytes word)
{
    for (size_t i = 0; i < selector->first_arguments.count; i++)
        if (selector->first_arguments.items[i].mark == id &&
            bytes_equal_ignoring_case(word, selector->first_arguments.items[i].text))
            return;
    acl_user_add_text(&selector->first_arguments, word, id);
}

static enum acl_rules_result set_command(const struct engine *engine, struct acl_selector *selector,
                                         struct bytes name, bool is_allowed)
{
    const struct command_state *state = find_command(engine, name);
    size_t bar = name.size;
    while (is_allowed && bar > 0 && name.data[bar - 1] != '|')
        bar--;
    if (is_allowed && bar > 0) {
        const struct command_state *head = find_command(engine, bytes_of(name.data, bar - 1));
        struct bytes word = skip(name, bar);
        if (!head)
            return ACL_RULES_UNKNOWN;
        if (head->parent)
            return ACL_RULES_FIRST_ARGUMENT;
        if (word.size == 0)
            return ACL_RULES_SYNTAX;
        if (head->subcommand_count == 0) {
            allow_first_argument(selector, head->id, word);
            note_rule(selector, name, true);
            return ACL_RULES_DONE;
        }
    }
    if (!state)
        return ACL_RULES_UNKNOWN;
    acl_rules_set_command(selector, state, is_allowed);
    note_rule(selector, bytes_of(state->name, state->name_size), is_allowed);
    return ACL_RULES_DONE;
}

static enum acl_rules_result set_category(const struct engine *engine,
                                          struct acl_selector *selector, struct bytes name,
                                          bool is_allowed)
{
    uint32_t category = command_category_find(skip(name, 1));
    if (!category)
        return ACL_RULES_UNKNOWN;
    acl_rules_set_category(engine, selector, category, is_allowed);
    note_rule(selector, name, is_allowed);
    return ACL_RULES_DONE;
}

/* --- keys and channels --- */

static enum acl_rules_result add_keys(struct acl_selector *selector, struct bytes rule)
{
    uint32_t access = rule.data[0] == '~' ? ACL_READ | ACL_WRITE : 0;
    size_t start = 1;
    if (selector->flags & ACL_ALL_KEYS)
        return ACL_RULES_KEYS_COVERED;
    for (; rule.data[0] == '%' && start < rule.size; start++) {
        int letter = toupper((unsigned char)rule.data[start]);
        uint32_t added = letter == 'R' ? ACL_READ : letter == 'W' ? ACL_WRITE : 0;
        if (letter == '~' && access)
            break;
        if (!added || access & added)
            return ACL_RULES_SYNTAX;
        access |= added;
    }
    if (rule.data[0] == '%' && start < rule.size)
        start++; /* over the ~, which may be missing at the end */
    struct bytes pattern = skip(rule, start);
    if (!access || acl_rules_has_blanks(pattern))
        return ACL_RULES_SYNTAX;
    struct acl_text *known = acl_user_find_text(&selector->keys, pattern);
    if (known)
        known->mark |= access;
    else
        acl_user_add_text(&selector->keys, pattern, access);
    return ACL_RULES_DONE;
}

static enum acl_rules_result add_channels(struct acl_selector *selector, struct bytes pattern)
{
    if (selector->flags & ACL_ALL_CHANNELS)
        return ACL_RULES_CHANNELS_COVERED;
    if (acl_rules_has_blanks(pattern))
        return ACL_RULES_SYNTAX;
    if (!acl_user_find_text(&selector->channels, pattern))
        acl_user_add_text(&selector->channels, pattern, 0);
    return ACL_RULES_DONE;
}

static void set_all_keys(struct acl_selector *selector, bool is_allowed)
{
    selector->flags &= (uint32_t)~ACL_ALL_KEYS;
    selector->flags |= is_allowed ? ACL_ALL_KEYS : 0;
    acl_user_clear_texts(&selector->keys);
}

static void set_all_channels(struct acl_selector *selector, bool is_allowed)
{
    selector->flags &= (uint32_t)~ACL_ALL_CHANNELS;
    selector->flags |= is_allowed ? ACL_ALL_CHANNELS : 0;
    acl_user_clear_texts(&selector->channels);
}

/* --- a selector's rules --- */

static enum acl_rules_result apply_to_selector(const struct engine *engine,
                                               struct acl_selector *selector, struct bytes rule)
{
    if (is(rule, "allkeys", "~*"))
        set_all_keys(selector, true);
    else if (is(rule, "resetkeys", "resetkeys"))
        set_all_keys(selector, false);
    else if (is(rule, "allchannels", "&*"))
        set_all_channels(selector, true);
    else if (is(rule, "resetchannels", "resetchannels"))
        set_all_channels(selector, false);
    else if (is(rule, "allcommands", "+@all"))
        acl_user_set_all_commands(selector, true);
    else if (is(rule, "nocommands", "-@all"))
        acl_user_set_all_commands(selector, false);
    else if (rule.size == 0)
        return ACL_RULES_SYNTAX;
    else if (rule.data[0] == '~' || rule.data[0] == '%')
        return add_keys(selector, rule);
    else if (rule.data[0] == '&')
        return add_channels(selector, skip(rule, 1));
    else if (rule.data[0] != '+' && rule.data[0] != '-')
        return ACL_RULES_SYNTAX;
    else if (rule.size > 1 && rule.data[1] == '@')
        return set_category(engine, selector, skip(rule, 1), rule.data[0] == '+');
    else
        return set_command(engine, selector, skip(rule, 1), rule.data[0] == '+');
    return ACL_RULES_DONE;
}

static uint32_t initial_selector_flags(const struct engine *engine)
{
    return config_integer(engine->config, CONFIG_ACL_PUBSUB_DEFAULT) == 0 ? ACL_ALL_CHANNELS : 0;
}

void acl_rules_start(const struct engine *engine, struct acl_user *user)
{
    user->selectors[0].flags = initial_selector_flags(engine);
    if (engine_emulates(engine, 7, 2))
        user->flags |= ACL_USER_SANITIZES;
}

/* "(+get ~a*)" */
static enum acl_rules_result add_selector(const struct engine *engine, struct acl_user *user,
                                          struct bytes rule)
{
    struct acl_selector selector = {.flags = initial_selector_flags(engine)};
    struct request words = {0};
    enum acl_rules_result result = ACL_RULES_DONE;
    int count = request_split_line(bytes_of(rule.data + 1, rule.size - 2), &words) ? words.argc : 0;
    for (int i = 0; i < count && result == ACL_RULES_DONE; i++)
        result = apply_to_selector(engine, &selector, words.argv[i]);
    request_clear(&words);
    if (result == ACL_RULES_DONE)
        acl_user_add_selector(user, selector);
    else
        acl_user_clear_selector(&selector);
    return result;
}

/* --- a user's rules --- */

static bool is_hash(struct bytes text)
{
    if (text.size != DIGEST_SHA256_HEX_SIZE)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (!(text.data[i] >= '0' && text.data[i] <= '9') &&
            !(text.data[i] >= 'a' && text.data[i] <= 'f'))
            return false;
    return true;
}

/* ">password", "<password", "#hash", "!hash" */
static enum acl_rules_result change_password(struct acl_user *user, struct bytes rule)
{
    char digits[DIGEST_SHA256_HEX_SIZE + 1];
    struct bytes hash = skip(rule, 1);
    bool is_added = rule.data[0] == '>' || rule.data[0] == '#';
    if (rule.data[0] == '>' || rule.data[0] == '<') {
        digest_sha256_hex(hash, digits);
        hash = bytes_of_string(digits);
    } else if (!is_hash(hash)) {
        return ACL_RULES_HASH;
    }
    struct acl_text *known = acl_user_find_text(&user->passwords, hash);
    if (!is_added && !known)
        return ACL_RULES_NO_SUCH_PASSWORD;
    if (!is_added)
        acl_user_remove_text(&user->passwords, known);
    else if (!known)
        acl_user_add_text(&user->passwords, hash, 0);
    if (is_added)
        user->flags &= (uint32_t)~ACL_USER_NOPASS;
    return ACL_RULES_DONE;
}

static void set_flags(struct acl_user *user, uint32_t set, uint32_t cleared)
{
    user->flags = (user->flags & ~cleared) | set;
}

static void reset(const struct engine *engine, struct acl_user *user)
{
    acl_user_clear_texts(&user->passwords);
    acl_user_clear_selectors(user);
    acl_user_clear_selector(&user->selectors[0]);
    user->selectors[0].flags = initial_selector_flags(engine);
    user->flags = ACL_USER_SANITIZES;
}

static enum acl_rules_result apply(const struct engine *engine, struct acl_user *user,
                                   struct bytes rule)
{
    if (rule.size == 0)
        return ACL_RULES_DONE;
    if (is(rule, "on", "on")) {
        set_flags(user, ACL_USER_ON, 0);
    } else if (is(rule, "off", "off")) {
        set_flags(user, 0, ACL_USER_ON);
    } else if (is(rule, "nopass", "nopass")) {
        set_flags(user, ACL_USER_NOPASS, 0);
        acl_user_clear_texts(&user->passwords);
    } else if (is(rule, "resetpass", "resetpass")) {
        set_flags(user, 0, ACL_USER_NOPASS);
        acl_user_clear_texts(&user->passwords);
    } else if (is(rule, "skip-sanitize-payload", "skip-sanitize-payload")) {
        set_flags(user, ACL_USER_SKIPS_SANITIZING, ACL_USER_SANITIZES);
    } else if (is(rule, "sanitize-payload", "sanitize-payload")) {
        set_flags(user, ACL_USER_SANITIZES, ACL_USER_SKIPS_SANITIZING);
    } else if (memchr("><#!", rule.data[0], 4)) {
        return change_password(user, rule);
    } else if (rule.data[0] == '(' && rule.data[rule.size - 1] == ')') {
        return add_selector(engine, user, rule);
    } else if (is(rule, "clearselectors", "clearselectors")) {
        acl_user_clear_selectors(user);
    } else if (is(rule, "reset", "reset")) {
        reset(engine, user);
    } else {
        return apply_to_selector(engine, &user->selectors[0], rule);
    }
    return ACL_RULES_DONE;
}

enum acl_rules_result acl_rules_apply(const struct engine *engine, struct acl_user *user,
                                      struct bytes rule)
{
    enum acl_rules_result result = apply(engine, user, rule);
    acl_user_settle(user);
    return result;
}

int acl_rules_merge(const struct bytes *words, int count, struct acl_texts *merged, int *open)
{
    struct buffer selector = {0};
    *open = -1;
    for (int i = 0; i < count; i++) {
        struct bytes word = words[i];
        bool ends = word.size && word.data[word.size - 1] == ')';
        if (word.size && word.data[0] == '(' && !ends) {
            selector.size = 0;
            buffer_append_bytes(&selector, word);
            *open = i;
        } else if (*open >= 0) {
            buffer_append_byte(&selector, ' ');
            buffer_append_bytes(&selector, word);
            if (ends) {
                acl_user_add_text(merged, buffer_bytes(&selector), (uint32_t)selector.size);
                *open = -1;
            }
        } else {
            acl_user_add_text(merged, word, (uint32_t)word.size);
        }
    }
    buffer_clear(&selector);
    return *open >= 0 ? -1 : (int)merged->count;
}
