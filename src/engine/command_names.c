/* SPDX-License-Identifier: MIT */
#include "engine/command_names.h"

#include "base/memory.h"
#include "engine/command.h"
#include "engine/config.h"
#include "engine/engine.h"

static void add(struct command_names *names, struct bytes name, uint32_t id)
{
    names->items = memory_resize(names->items, (names->count + 1) * sizeof *names->items);
    names->items[names->count++] = (struct command_name){bytes_to_string(name), id};
}

static void remove_at(struct command_names *names, size_t index)
{
    memory_free(names->items[index].name);
    names->items[index] = names->items[--names->count];
}

static struct command_name *find(const struct command_names *names, struct bytes name)
{
    for (size_t i = 0; i < names->count; i++)
        if (bytes_equal_ignoring_case(name, names->items[i].name))
            return &names->items[i];
    return NULL;
}

struct command_state *command_names_resolve(const struct engine *engine, struct bytes name,
                                            struct command_state *own)
{
    const struct command_name *other = find(&engine->names, name);
    if (other)
        return &engine->command_states[other->id];
    return own && own->is_renamed ? NULL : own;
}

/* Takes the name away from the command, and gives it the other; an empty one is none. */
static const char *rename_command(struct engine *engine, struct bytes from, struct bytes to)
{
    struct command_state *state = engine_find_command(engine, from, NULL);
    if (!state)
        return "No such command in rename-command";
    struct command_name *former = find(&engine->names, from);
    if (former)
        remove_at(&engine->names, (size_t)(former - engine->names.items));
    else
        state->is_renamed = true;
    engine->names.has_renamed = true;
    engine_forget_recent(engine);
    state->is_removed = to.size == 0;
    if (to.size == 0)
        return NULL;
    if (engine_find_command(engine, to, NULL))
        return "Target command name already exists";
    if (bytes_equal_ignoring_case(to, state->command->name))
        state->is_renamed = false;
    else
        add(&engine->names, to, state->id);
    engine_forget_recent(engine);
    return NULL;
}

bool command_names_apply(struct engine *engine, struct buffer *error)
{
    const struct config_deed *deed;
    for (size_t i = 0; (deed = config_deed(engine->config, i)) != NULL; i++) {
        if (!bytes_equal_ignoring_case(deed->words[0], "rename-command"))
            continue;
        const char *problem = rename_command(engine, deed->words[1], deed->words[2]);
        if (problem) {
            config_refuse_deed(engine->config, i, problem, error);
            return false;
        }
    }
    return true;
}

void command_names_copy(struct engine *engine, const struct engine *like)
{
    for (size_t i = 0; i < like->names.count; i++)
        add(&engine->names, bytes_of_string(like->names.items[i].name), like->names.items[i].id);
    engine->names.has_renamed = like->names.has_renamed;
}

void command_names_clear(struct command_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        memory_free(names->items[i].name);
    memory_free(names->items);
    *names = (struct command_names){0};
}
