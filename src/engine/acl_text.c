/* SPDX-License-Identifier: MIT */
#include "engine/acl_text.h"

#include "engine/acl_rules.h"
#include "engine/engine.h"

#define CATEGORY_LIMIT 32

/* --- keys and channels --- */

static void append_blank(struct buffer *out, size_t start)
{
    if (out->size > start)
        buffer_append_byte(out, ' ');
}

void acl_text_append_keys(const struct acl_selector *selector, struct buffer *out)
{
    size_t start = out->size;
    if (selector->flags & ACL_ALL_KEYS)
        buffer_append_string(out, "~*");
    for (size_t i = 0; i < selector->keys.count; i++) {
        const struct acl_text *key = &selector->keys.items[i];
        append_blank(out, start);
        buffer_append_format(out, "%s~%s",
                             key->mark == ACL_READ    ? "%R"
                             : key->mark == ACL_WRITE ? "%W"
                                                      : "",
                             key->text);
    }
}

void acl_text_append_channels(const struct acl_selector *selector, struct buffer *out)
{
    size_t start = out->size;
    if (selector->flags & ACL_ALL_CHANNELS)
        buffer_append_string(out, "&*");
    for (size_t i = 0; i < selector->channels.count; i++) {
        append_blank(out, start);
        buffer_append_format(out, "&%s", selector->channels.items[i].text);
    }
}

/* --- commands, since 7.2: as they were given --- */

static void append_rules(const struct acl_selector *selector, struct buffer *out)
{
    for (size_t i = 0; i < selector->rules.count; i++)
        buffer_append_format(out, " %s", selector->rules.items[i].text);
}

/* --- commands, before 7.2: the categories that come nearest, then what they leave --- */

struct tally {
    size_t on, off;
};

static void count(const struct acl_selector *selector, const struct command_state *state,
                  uint32_t category, struct tally *tally)
{
    if (state->categories & category) {
        bool is_on = acl_user_has_command(selector, state->id);
        tally->on += is_on;
        tally->off += !is_on;
    }
    for (size_t i = 0; i < state->subcommand_count; i++)
        count(selector, &state->subcommands[i], category, tally);
}

/* What of the category's commands the selector allows, those left out that Redis has not got. */
static struct tally tally_category(const struct engine *engine, const struct acl_selector *selector,
                                   uint32_t category)
{
    struct tally tally = {0};
    struct table_iterator iterator;
    table_iterator_begin(&iterator, (struct table *)&engine->commands);
    const struct command_state *state;
    while ((state = table_iterator_next(&iterator)) != NULL)
        if (!(state->flags & COMMAND_OURS))
            count(selector, state, category, &tally);
    table_iterator_end(&iterator);
    return tally;
}

/* The category not yet `used` that has the fewest commands which the selector treats otherwise; -1:
 * none fits by more than half. */
static int find_best(const struct engine *engine, const struct acl_selector *left, bool adds,
                     const bool *used)
{
    int best = -1;
    size_t least = SIZE_MAX, most = 0;
    for (int i = 0; command_category_name((size_t)i); i++) {
        if (used[i])
            continue;
        struct tally tally = tally_category(engine, left, command_category_at((size_t)i));
        size_t differ = adds ? tally.off : tally.on;
        size_t agree = adds ? tally.on : tally.off;
        if (agree <= differ || differ > least || (differ == least && agree <= most))
            continue;
        best = i;
        least = differ;
        most = agree;
    }
    return best;
}

static void append_difference(const struct acl_selector *selector, struct acl_selector *said,
                              const struct command_state *state, struct buffer *out)
{
    bool is_on = acl_user_has_command(selector, state->id);
    if (is_on != acl_user_has_command(said, state->id)) {
        buffer_append_format(out, " %c%s", is_on ? '+' : '-', state->name);
        acl_rules_set_command(said, state, is_on);
    }
    for (size_t i = 0; i < state->subcommand_count; i++)
        append_difference(selector, said, &state->subcommands[i], out);
    for (size_t i = 0; !is_on && i < selector->first_arguments.count; i++)
        if (selector->first_arguments.items[i].mark == state->id)
            buffer_append_format(out, " +%s|%s", state->name,
                                 selector->first_arguments.items[i].text);
}

static void append_nearest(const struct engine *engine, const struct acl_selector *selector,
                           struct buffer *out)
{
    bool used[CATEGORY_LIMIT] = {false};
    bool adds = !(selector->flags & ACL_FUTURE_COMMANDS);
    struct acl_selector said = {0}, left;
    acl_user_copy_selector(&left, selector);
    acl_user_set_all_commands(&said, !adds);
    int best;
    while ((best = find_best(engine, &left, adds, used)) >= 0) {
        uint32_t category = command_category_at((size_t)best);
        buffer_append_format(out, " %c@%s", adds ? '+' : '-', command_category_name((size_t)best));
        acl_rules_set_category(engine, &said, category, adds);
        acl_rules_set_category(engine, &left, category, !adds);
        used[best] = true;
    }
    struct table_iterator iterator;
    table_iterator_begin(&iterator, (struct table *)&engine->commands);
    const struct command_state *state;
    while ((state = table_iterator_next(&iterator)) != NULL)
        append_difference(selector, &said, state, out);
    table_iterator_end(&iterator);
    acl_user_clear_selector(&said);
    acl_user_clear_selector(&left);
}

void acl_text_append_commands(const struct engine *engine, const struct acl_selector *selector,
                              struct buffer *out)
{
    buffer_append_string(out, selector->flags & ACL_FUTURE_COMMANDS ? "+@all" : "-@all");
    if (engine_emulates(engine, 7, 2))
        append_rules(selector, out);
    else
        append_nearest(engine, selector, out);
}

/* --- users --- */

const char *acl_text_flag(const struct acl_user *user, size_t index)
{
    switch (index) {
    case 0:
        return user->flags & ACL_USER_ON ? "on" : "off";
    case 1:
        return user->flags & ACL_USER_NOPASS ? "nopass" : "";
    case 2:
        return user->flags & ACL_USER_SKIPS_SANITIZING ? "skip-sanitize-payload" : "";
    case 3:
        return user->flags & ACL_USER_SANITIZES ? "sanitize-payload" : "";
    default:
        return NULL;
    }
}

static void append_selector(const struct engine *engine, const struct acl_selector *selector,
                            struct buffer *out)
{
    size_t start = out->size;
    acl_text_append_keys(selector, out);
    append_blank(out, start);
    if (!(selector->flags & ACL_ALL_CHANNELS))
        buffer_append_string(out, selector->channels.count ? "resetchannels " : "resetchannels");
    acl_text_append_channels(selector, out);
    buffer_append_byte(out, ' ');
    acl_text_append_commands(engine, selector, out);
}

void acl_text_append_user(const struct engine *engine, const struct acl_user *user,
                          struct buffer *out)
{
    const char *flag;
    for (size_t i = 0; (flag = acl_text_flag(user, i)) != NULL; i++)
        if (*flag)
            buffer_append_format(out, "%s ", flag);
    for (size_t i = 0; i < user->passwords.count; i++)
        buffer_append_format(out, "#%s ", user->passwords.items[i].text);
    append_selector(engine, &user->selectors[0], out);
    for (size_t i = 1; i < user->selector_count; i++) {
        buffer_append_string(out, " (");
        append_selector(engine, &user->selectors[i], out);
        buffer_append_byte(out, ')');
    }
}
