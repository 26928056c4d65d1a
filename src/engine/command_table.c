/* SPDX-License-Identifier: MIT */
/*
 * All states stand in one allocation, with their names behind them; subcommands follow their
 * container. The table has the containers and the commands that have no subcommands.
 */
#include "engine/command_table.h"

#include "base/memory.h"
#include "engine/engine.h"

#define LONGEST_COMMAND_NAME 64

static struct bytes key_of_command(const void *entry)
{
    const struct command_state *state = entry;
    return bytes_of(state->name, state->name_size);
}
static const struct table_class command_class = {.key_of = key_of_command};

static bool exists_in_version(const struct engine *engine, const struct command *command)
{
    if (command->until && command_version_number(command->until) <= engine->version)
        return false;
    return !command->since || command_version_number(command->since) <= engine->version;
}

/* Room for what `families` may need: states, and bytes of names. */
static void measure_commands(const struct command *const *families, size_t *states, size_t *names)
{
    for (; *families; families++) {
        for (const struct command *command = *families; command->name; command++) {
            size_t name_size = strlen(command->name) + 1;
            *states += 1;
            *names += name_size;
            for (const struct command *sub = command->subcommands; sub && sub->name; sub++) {
                *states += 1;
                *names += name_size + strlen(sub->name) + 1;
            }
        }
    }
}

static char *append_lower(char *out, const char *name)
{
    for (; *name; name++)
        *out++ = (char)(*name >= 'A' && *name <= 'Z' ? *name + 32 : *name);
    return out;
}

/* Writes the name at `names`; returns where the next one goes. */
static char *fill_state(struct engine *engine, struct command_state *state,
                        const struct command *command, const struct command_state *parent,
                        char *names)
{
    char *end = names;
    if (parent) {
        end = append_lower(end, parent->name);
        *end++ = '|';
    }
    end = append_lower(end, command->name);
    *end = '\0';
    *state = (struct command_state){.command = command,
                                    .parent = parent,
                                    .name = names,
                                    .name_size = (size_t)(end - names),
                                    .flags = command->flags,
                                    .categories = command_categories(command),
                                    .id = (uint32_t)(state - engine->command_states)};
    if (command->flags & COMMAND_SCRIPTS_SINCE_7_2 && engine_emulates(engine, 7, 2))
        state->flags &= (uint32_t)~COMMAND_NOSCRIPT;
    return end + 1;
}

/* The command and its subcommands, which stand behind it. */
static char *add_command(struct engine *engine, const struct command *command, char *names)
{
    struct command_state *state = &engine->command_states[engine->command_state_count++];
    names = fill_state(engine, state, command, NULL, names);
    for (const struct command *sub = command->subcommands; sub && sub->name; sub++) {
        if (!exists_in_version(engine, sub))
            continue;
        state->subcommands = state + 1;
        names =
            fill_state(engine, &state->subcommands[state->subcommand_count++], sub, state, names);
        engine->command_state_count++;
    }
    table_insert(&engine->commands, state);
    return names;
}

static void add_commands(struct engine *engine, const struct command *const *families)
{
    size_t states = 0, names = 0;
    measure_commands(families, &states, &names);
    table_reserve(&engine->commands, states);
    engine->command_states_size = states * sizeof *engine->command_states + names;
    engine->command_states = memory_allocate(engine->command_states_size);
    char *name = (char *)(engine->command_states + states);
    for (; *families; families++)
        for (const struct command *command = *families; command->name; command++)
            if (exists_in_version(engine, command) &&
                !engine_find_command(engine, bytes_of_string(command->name), NULL))
                name = add_command(engine, command, name);
}

static void clear_counts(struct command_state *state)
{
    state->calls = state->ticks = state->rejected = state->failed = 0;
    state->untimed = 0;
    state->latency = NULL;
}

/* The same commands as `like` has, with statistics of their own. */
static void copy_commands(struct engine *engine, const struct engine *like)
{
    char *from = (char *)like->command_states;
    char *copy = memory_copy(from, like->command_states_size);
    engine->command_states = (struct command_state *)(void *)copy;
    engine->command_states_size = like->command_states_size;
    engine->command_state_count = like->command_state_count;
    table_reserve(&engine->commands, table_count(&like->commands));
    for (size_t i = 0; i < engine->command_state_count; i++) {
        struct command_state *state = &engine->command_states[i];
        state->name = copy + (state->name - from);
        clear_counts(state);
        if (state->subcommands)
            state->subcommands =
                engine->command_states + (state->subcommands - like->command_states);
        if (state->parent)
            state->parent = engine->command_states + (state->parent - like->command_states);
        else
            table_insert(&engine->commands, state);
    }
    command_names_copy(engine, like);
}

void command_table_init(struct engine *engine, const struct command *const *families,
                        const struct engine *like, uint64_t hash_seed)
{
    table_init(&engine->commands, &command_class, hash_seed);
    if (like && like->version == engine->version)
        copy_commands(engine, like);
    else
        add_commands(engine, families);
}

void command_table_forget_counts(struct engine *engine)
{
    for (size_t i = 0; i < engine->command_state_count; i++) {
        memory_free(engine->command_states[i].latency);
        clear_counts(&engine->command_states[i]);
    }
}

void command_table_clear(struct engine *engine)
{
    command_table_forget_counts(engine);
    table_clear(&engine->commands, NULL, NULL);
    memory_free(engine->command_states);
}

static struct command_state *find_subcommand(const struct command_state *container,
                                             struct bytes word)
{
    for (size_t i = 0; i < container->subcommand_count; i++)
        if (bytes_equal_ignoring_case(word, container->subcommands[i].command->name))
            return &container->subcommands[i];
    return NULL;
}

static struct command_state *find_top_command(const struct engine *engine, struct bytes name)
{
    char lower[LONGEST_COMMAND_NAME];
    if (name.size > sizeof lower)
        return NULL;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    return table_find((struct table *)&engine->commands, bytes_of(lower, name.size));
}

static struct command_state *find_called_command(const struct engine *engine, struct bytes name)
{
    struct command_state *own = find_top_command(engine, name);
    return engine->names.has_renamed ? command_names_resolve(engine, name, own) : own;
}

void engine_forget_recent(struct engine *engine)
{
    memset(engine->recent, 0, sizeof engine->recent);
}

static inline uint64_t read_4(const char *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* A name of 1 to ENGINE_RECENT_NAME bytes as numbers: two of the same size are equal if these are.
 */
static inline void spell(struct bytes name, uint64_t *first, uint64_t *last)
{
    const char *p = name.data, *end = name.data + name.size;
    if (name.size >= 8) {
        memcpy(first, p, sizeof *first);
        memcpy(last, end - sizeof *last, sizeof *last);
    } else if (name.size >= 4) {
        *first = read_4(p);
        *last = read_4(end - 4);
    } else {
        *first = (unsigned char)p[0];
        *last = (uint64_t)(unsigned char)p[name.size / 2] << 8 | (unsigned char)end[-1];
    }
}

/* Looks first where this very spelling was found before. */
static struct command_state *find_recent_command(struct engine *engine, struct bytes name)
{
    if (name.size == 0 || name.size > ENGINE_RECENT_NAME)
        return find_called_command(engine, name);
    uint64_t first, last;
    spell(name, &first, &last);
    uint64_t mixed = (first ^ last * 3 ^ name.size) * 0x9e3779b97f4a7c15U;
    struct recent_command *recent = &engine->recent[mixed >> 32 & (ENGINE_RECENT_COMMANDS - 1)];
    if (recent->first == first && recent->last == last && recent->size == name.size)
        return recent->state;
    struct command_state *state = find_called_command(engine, name);
    if (state)
        *recent = (struct recent_command){state, first, last, name.size};
    return state;
}

struct command_state *engine_find_command(const struct engine *engine, struct bytes name,
                                          const struct bytes *subcommand)
{
    struct command_state *state = find_recent_command((struct engine *)engine, name);
    if (!state || state->subcommand_count == 0 || !subcommand)
        return state;
    return find_subcommand(state, *subcommand);
}

struct command_state *engine_find_full_name(const struct engine *engine, struct bytes name)
{
    const char *bar = name.size ? memchr(name.data, '|', name.size) : NULL;
    if (!bar)
        return engine_find_command(engine, name, NULL);
    struct bytes container = bytes_of(name.data, (size_t)(bar - name.data));
    struct bytes word = bytes_of(bar + 1, name.size - container.size - 1);
    struct command_state *found = engine_find_command(engine, container, &word);
    return found && found->parent ? found : NULL;
}

struct command_state *engine_find_own_command(const struct engine *engine, struct bytes name,
                                              const struct bytes *subcommand)
{
    struct command_state *state = find_top_command(engine, name);
    if (!state || state->subcommand_count == 0 || !subcommand)
        return state;
    return find_subcommand(state, *subcommand);
}
