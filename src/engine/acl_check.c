/* SPDX-License-Identifier: MIT */
#include "engine/acl_check.h"

#include "base/glob.h"
#include "base/memory.h"
#include "engine/engine.h"

/* A call whose keys are looked for once, when the first selector asks. */
struct checked {
    const struct command_state *state;
    const struct bytes *argv;
    int argc;
    bool has_keys;
    struct key_references keys;
};

static void find_keys(struct checked *checked)
{
    if (!checked->has_keys)
        command_find_keys(checked->state->command, checked->argv, checked->argc, &checked->keys);
    checked->has_keys = true;
}

static bool allows_command(const struct acl_selector *selector, const struct checked *checked)
{
    const struct command_state *state = checked->state;
    if (selector->flags & ACL_ALL_COMMANDS || state->flags & COMMAND_NO_AUTH ||
        acl_user_has_command(selector, state->id))
        return true;
    int first = state->parent ? 2 : 1;
    for (size_t i = 0; first < checked->argc && i < selector->first_arguments.count; i++) {
        const struct acl_text *word = &selector->first_arguments.items[i];
        if (word->mark == state->id && bytes_equal_ignoring_case(checked->argv[first], word->text))
            return true;
    }
    return false;
}

static bool allows_key(const struct acl_selector *selector, struct bytes key, uint32_t flags)
{
    uint32_t needed = flags & KEY_ACCESS ? ACL_READ : 0;
    needed |= flags & (KEY_INSERT | KEY_DELETE | KEY_UPDATE) ? ACL_WRITE : 0;
    for (size_t i = 0; i < selector->keys.count; i++) {
        const struct acl_text *pattern = &selector->keys.items[i];
        if ((pattern->mark & needed) == needed && glob_matches(bytes_of_string(pattern->text), key))
            return true;
    }
    return false;
}

bool acl_check_channel(const struct acl_texts *channels, struct bytes channel, bool is_pattern)
{
    for (size_t i = 0; i < channels->count; i++) {
        struct bytes pattern = bytes_of_string(channels->items[i].text);
        if (is_pattern ? bytes_equal(pattern, channel) : glob_matches(pattern, channel))
            return true;
    }
    return false;
}

static bool allows_keys(const struct acl_selector *selector, struct checked *checked, int *position)
{
    if (selector->flags & ACL_ALL_KEYS || !command_has_keys(checked->state->command))
        return true;
    find_keys(checked);
    for (size_t i = 0; i < checked->keys.count; i++) {
        const struct key_reference *key = &checked->keys.keys[i];
        if (allows_key(selector, checked->argv[key->position], key->flags))
            continue;
        *position = key->position;
        return false;
    }
    return true;
}

static bool allows_channels(const struct acl_selector *selector, const struct checked *checked,
                            int *position)
{
    enum command_channels kind = checked->state->command->channels;
    if (selector->flags & ACL_ALL_CHANNELS || kind == CHANNELS_NONE)
        return true;
    int end = kind == CHANNELS_FIRST ? 2 : checked->argc;
    for (int i = 1; i < end; i++) {
        if (acl_check_channel(&selector->channels, checked->argv[i], kind == CHANNELS_PATTERNS))
            continue;
        *position = i;
        return false;
    }
    return true;
}

static enum acl_verdict check_selector(const struct acl_selector *selector, struct checked *checked,
                                       int *position)
{
    if (!allows_command(selector, checked))
        return ACL_DENIED_COMMAND;
    if (!allows_keys(selector, checked, position))
        return ACL_DENIED_KEY;
    if (!allows_channels(selector, checked, position))
        return ACL_DENIED_CHANNEL;
    return ACL_ALLOWED;
}

enum acl_verdict acl_check_call(const struct acl_user *user, const struct command_state *state,
                                const struct bytes *argv, int argc, int *position)
{
    struct checked checked = {.state = state, .argv = argv, .argc = argc};
    enum acl_verdict worst = ACL_DENIED_COMMAND;
    int found = 0;
    *position = 0;
    if (user->is_unrestricted)
        return ACL_ALLOWED;
    for (size_t i = 0; i < user->selector_count && worst != ACL_ALLOWED; i++) {
        enum acl_verdict verdict = check_selector(&user->selectors[i], &checked, &found);
        if (verdict != ACL_ALLOWED && verdict <= worst && (verdict < worst || found <= *position))
            continue;
        worst = verdict;
        *position = found;
    }
    memory_free(checked.keys.keys);
    return worst;
}

static bool reads_any_key(const struct acl_selector *selector)
{
    if (selector->flags & ACL_ALL_KEYS)
        return true;
    for (size_t i = 0; i < selector->keys.count; i++)
        if (selector->keys.items[i].mark & ACL_READ &&
            strcmp(selector->keys.items[i].text, "*") == 0)
            return true;
    return false;
}

bool acl_check_reads_any_key(const struct acl_user *user, const struct command_state *state,
                             const struct bytes *argv, int argc)
{
    struct checked checked = {.state = state, .argv = argv, .argc = argc};
    bool is_allowed = user->is_unrestricted;
    int position;
    for (size_t i = 0; i < user->selector_count && !is_allowed; i++)
        is_allowed = reads_any_key(&user->selectors[i]) &&
                     check_selector(&user->selectors[i], &checked, &position) == ACL_ALLOWED;
    memory_free(checked.keys.keys);
    return is_allowed;
}
