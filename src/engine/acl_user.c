/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a user has a selector at least. A bit beyond the words of a selector's commands is as
 * ACL_FUTURE_COMMANDS says.
 */
#include "engine/acl_user.h"

#include "base/check.h"
#include "base/memory.h"

#define WORD_BITS 64

/* --- lists of texts --- */

void acl_user_add_text(struct acl_texts *texts, struct bytes text, uint32_t mark)
{
    if (texts->count == texts->capacity) {
        texts->capacity = texts->capacity ? texts->capacity * 2 : 4;
        texts->items = memory_resize(texts->items, texts->capacity * sizeof *texts->items);
    }
    texts->items[texts->count++] = (struct acl_text){.text = bytes_to_string(text), .mark = mark};
}

struct acl_text *acl_user_find_text(const struct acl_texts *texts, struct bytes text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (bytes_equal_string(text, texts->items[i].text))
            return &texts->items[i];
    return NULL;
}

void acl_user_remove_text(struct acl_texts *texts, struct acl_text *text)
{
    size_t index = (size_t)(text - texts->items);
    memory_free(text->text);
    texts->count--;
    memmove(text, text + 1, (texts->count - index) * sizeof *text);
}

void acl_user_clear_texts(struct acl_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        memory_free(texts->items[i].text);
    memory_free(texts->items);
    *texts = (struct acl_texts){0};
}

static void copy_texts(struct acl_texts *copy, const struct acl_texts *from)
{
    for (size_t i = 0; i < from->count; i++)
        acl_user_add_text(copy, bytes_of_string(from->items[i].text), from->items[i].mark);
}

/* --- selectors --- */

void acl_user_clear_selector(struct acl_selector *selector)
{
    acl_user_clear_texts(&selector->keys);
    acl_user_clear_texts(&selector->channels);
    acl_user_clear_texts(&selector->first_arguments);
    acl_user_clear_texts(&selector->rules);
    memory_free(selector->commands);
    *selector = (struct acl_selector){0};
}

void acl_user_copy_selector(struct acl_selector *copy, const struct acl_selector *from)
{
    *copy = (struct acl_selector){.flags = from->flags, .words = from->words};
    copy_texts(&copy->keys, &from->keys);
    copy_texts(&copy->channels, &from->channels);
    copy_texts(&copy->first_arguments, &from->first_arguments);
    copy_texts(&copy->rules, &from->rules);
    if (from->words)
        copy->commands = memory_copy(from->commands, from->words * sizeof *from->commands);
}

struct acl_selector *acl_user_add_selector(struct acl_user *user, struct acl_selector selector)
{
    size_t size = (user->selector_count + 1) * sizeof *user->selectors;
    user->selectors = memory_resize(user->selectors, size);
    user->selectors[user->selector_count] = selector;
    return &user->selectors[user->selector_count++];
}

void acl_user_clear_selectors(struct acl_user *user)
{
    while (user->selector_count > 1)
        acl_user_clear_selector(&user->selectors[--user->selector_count]);
}

bool acl_user_has_command(const struct acl_selector *selector, uint32_t id)
{
    if (id / WORD_BITS >= selector->words)
        return selector->flags & ACL_FUTURE_COMMANDS;
    return selector->commands[id / WORD_BITS] >> id % WORD_BITS & 1;
}

static void grow_commands(struct acl_selector *selector, size_t words)
{
    int filler = selector->flags & ACL_FUTURE_COMMANDS ? 0xff : 0;
    selector->commands = memory_resize(selector->commands, words * sizeof *selector->commands);
    memset(selector->commands + selector->words, filler,
           (words - selector->words) * sizeof *selector->commands);
    selector->words = words;
}

void acl_user_set_command(struct acl_selector *selector, uint32_t id, bool is_allowed)
{
    if (id / WORD_BITS >= selector->words)
        grow_commands(selector, id / WORD_BITS + 1);
    uint64_t bit = (uint64_t)1 << id % WORD_BITS;
    if (is_allowed) {
        selector->commands[id / WORD_BITS] |= bit;
    } else {
        selector->commands[id / WORD_BITS] &= ~bit;
        selector->flags &= (uint32_t)~ACL_ALL_COMMANDS;
    }
}

void acl_user_set_all_commands(struct acl_selector *selector, bool is_allowed)
{
    const uint32_t flags = ACL_ALL_COMMANDS | ACL_FUTURE_COMMANDS;
    selector->flags = is_allowed ? selector->flags | flags : selector->flags & ~flags;
    memory_free(selector->commands);
    selector->commands = NULL;
    selector->words = 0;
    acl_user_clear_texts(&selector->first_arguments);
    acl_user_clear_texts(&selector->rules);
}

/* --- users --- */

struct acl_user *acl_user_new(struct bytes name)
{
    struct acl_user *user = memory_zeroed(sizeof *user + name.size + 1);
    user->references = 1;
    user->name_size = name.size;
    if (name.size)
        memcpy(user->name, name.data, name.size);
    acl_user_add_selector(user, (struct acl_selector){0});
    return user;
}

struct acl_user *acl_user_hold(struct acl_user *user)
{
    user->references++;
    return user;
}

static void clear(struct acl_user *user)
{
    for (size_t i = 0; i < user->selector_count; i++)
        acl_user_clear_selector(&user->selectors[i]);
    memory_free(user->selectors);
    user->selectors = NULL;
    user->selector_count = 0;
    acl_user_clear_texts(&user->passwords);
    user->flags = 0;
}

void acl_user_release(struct acl_user *user)
{
    if (!user)
        return;
    CHECK(user->references > 0);
    if (--user->references > 0)
        return;
    clear(user);
    memory_free(user);
}

void acl_user_assign(struct acl_user *user, const struct acl_user *from)
{
    if (user == from)
        return;
    clear(user);
    user->flags = from->flags;
    copy_texts(&user->passwords, &from->passwords);
    for (size_t i = 0; i < from->selector_count; i++) {
        struct acl_selector copy;
        acl_user_copy_selector(&copy, &from->selectors[i]);
        acl_user_add_selector(user, copy);
    }
    acl_user_settle(user);
}

void acl_user_settle(struct acl_user *user)
{
    const uint32_t everything = ACL_ALL_KEYS | ACL_ALL_CHANNELS | ACL_ALL_COMMANDS;
    user->is_unrestricted = false;
    for (size_t i = 0; i < user->selector_count; i++)
        if ((user->selectors[i].flags & everything) == everything)
            user->is_unrestricted = true;
}

void acl_user_disarm(struct acl_user *user)
{
    clear(user);
    acl_user_add_selector(user, (struct acl_selector){0});
    acl_user_settle(user);
}
