/* SPDX-License-Identifier: MIT */
/*
 * What can be told from a command's row alone: categories, the positions of its keys, versions.
 * Nothing here knows a command by name.
 */
#include "engine/command.h"

#include <string.h>

#include "base/memory.h"
#include "base/number.h"

uint32_t command_categories(const struct command *command)
{
    static const struct {
        uint32_t flag;
        uint32_t categories;
    } implied[] = {
        {COMMAND_WRITE, CATEGORY_WRITE},       {COMMAND_ADMIN, CATEGORY_ADMIN | CATEGORY_DANGEROUS},
        {COMMAND_PUBSUB, CATEGORY_PUBSUB},     {COMMAND_FAST, CATEGORY_FAST},
        {COMMAND_BLOCKING, CATEGORY_BLOCKING},
    };
    uint32_t categories = command->categories;
    for (size_t i = 0; i < sizeof implied / sizeof *implied; i++)
        if (command->flags & implied[i].flag)
            categories |= implied[i].categories;
    /* A script that only reads is no read of a key. */
    if ((command->flags & COMMAND_READONLY) && !(categories & CATEGORY_SCRIPTING))
        categories |= CATEGORY_READ;
    if (!(command->flags & COMMAND_FAST))
        categories |= CATEGORY_SLOW;
    return categories;
}

static const struct {
    uint32_t bit;
    const char *name;
} categories[] = {
    {CATEGORY_KEYSPACE, "keyspace"},
    {CATEGORY_READ, "read"},
    {CATEGORY_WRITE, "write"},
    {CATEGORY_SET, "set"},
    {CATEGORY_SORTED_SET, "sortedset"},
    {CATEGORY_LIST, "list"},
    {CATEGORY_HASH, "hash"},
    {CATEGORY_STRING, "string"},
    {CATEGORY_BITMAP, "bitmap"},
    {CATEGORY_HYPERLOGLOG, "hyperloglog"},
    {CATEGORY_GEO, "geo"},
    {CATEGORY_STREAM, "stream"},
    {CATEGORY_PUBSUB, "pubsub"},
    {CATEGORY_ADMIN, "admin"},
    {CATEGORY_FAST, "fast"},
    {CATEGORY_SLOW, "slow"},
    {CATEGORY_BLOCKING, "blocking"},
    {CATEGORY_DANGEROUS, "dangerous"},
    {CATEGORY_CONNECTION, "connection"},
    {CATEGORY_TRANSACTION, "transaction"},
    {CATEGORY_SCRIPTING, "scripting"},
};
#define CATEGORY_COUNT (sizeof categories / sizeof *categories)

uint32_t command_category_find(struct bytes name)
{
    for (size_t i = 0; i < CATEGORY_COUNT; i++)
        if (bytes_equal_ignoring_case(name, categories[i].name))
            return categories[i].bit;
    return 0;
}

const char *command_category_name(size_t index)
{
    return index < CATEGORY_COUNT ? categories[index].name : NULL;
}

uint32_t command_category_at(size_t index)
{
    return index < CATEGORY_COUNT ? categories[index].bit : 0;
}

void key_references_add(struct key_references *found, int position, uint32_t flags)
{
    if (found->count == found->capacity) {
        found->capacity = found->capacity ? found->capacity * 2 : 8;
        found->keys = memory_resize(found->keys, found->capacity * sizeof *found->keys);
    }
    found->keys[found->count++] = (struct key_reference){.position = position, .flags = flags};
}

/* Where the specification's search starts; 0 when it cannot be told. */
static int find_beginning(const struct key_spec *spec, const struct bytes *argv, int argc)
{
    if (spec->begin == KEY_BEGIN_INDEX)
        return spec->begin_position;
    if (spec->begin != KEY_BEGIN_KEYWORD)
        return 0;
    bool forward = spec->begin_position > 0;
    int start = forward ? spec->begin_position : argc + spec->begin_position;
    int end = forward ? argc - 1 : 1;
    int direction = start <= end ? 1 : -1;
    for (int i = start; i != end && i > 0 && i < argc; i += direction)
        if (bytes_equal_ignoring_case(argv[i], spec->begin_keyword))
            return i + 1;
    return 0;
}

/* The specification's first and last key; false when the arguments do not fit it. `reads_atoi`: the
 * number of keys is what its argument begins with. */
static bool find_range(const struct key_spec *spec, const struct bytes *argv, int argc,
                       bool reads_atoi, int *first, int *last)
{
    *first = find_beginning(spec, argv, argc);
    if (*first <= 0)
        return false;
    if (spec->find == KEY_FIND_RANGE) {
        if (spec->last >= 0)
            *last = *first + spec->last;
        else if (spec->limit == 0)
            *last = argc + spec->last;
        else
            *last = *first + (argc - *first) / spec->limit + spec->last;
    } else if (spec->find == KEY_FIND_NUMBER) {
        int place = *first + spec->number_index;
        int64_t count;
        if (place >= argc)
            return false;
        if (reads_atoi)
            count = number_leading_integer(argv[place]);
        else if (!number_parse_integer(argv[place], &count))
            return false;
        if (count < 0 || count > argc)
            return false;
        *first += spec->first_key;
        *last = *first + ((int)count - 1) * spec->step;
    } else {
        return false;
    }
    return *first < argc && *last >= *first && *last < argc;
}

static void add_range(const struct key_spec *spec, int first, int last, uint32_t flags,
                      struct key_references *found)
{
    int step = spec->step > 0 ? spec->step : 1;
    for (int position = first; position <= last; position += step)
        key_references_add(found, position, flags);
}

/* `skipped`: flags of specifications that are left out. */
static bool find_by_specs(const struct command *command, const struct bytes *argv, int argc,
                          uint32_t skipped, struct key_references *found)
{
    for (size_t i = 0; i < command->key_spec_count; i++) {
        const struct key_spec *spec = &command->key_specs[i];
        if (spec->flags & skipped)
            continue;
        int first, last;
        if (!find_range(spec, argv, argc, false, &first, &last))
            return false;
        add_range(spec, first, last, spec->flags, found);
        if (spec->flags & KEY_INCOMPLETE)
            return false;
    }
    return true;
}

/* Where the number of keys is none that the command would take, Redis reads what it begins with,
 * and then tells counted keys before others, and of none what it is for. */
static bool find_by_doubtful_number(const struct command *command, const struct bytes *argv,
                                    int argc, uint32_t skipped, struct key_references *found)
{
    bool has_number = false;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < command->key_spec_count; i++) {
            const struct key_spec *spec = &command->key_specs[i];
            bool is_counted = spec->find == KEY_FIND_NUMBER;
            int first, last;
            if (spec->flags & skipped || is_counted != (pass == 0))
                continue;
            if (!find_range(spec, argv, argc, true, &first, &last))
                return false;
            add_range(spec, first, last, 0, found);
            has_number |= is_counted;
        }
    }
    return has_number;
}

static bool find_keys(const struct command *command, const struct bytes *argv, int argc,
                      uint32_t skipped, struct key_references *found)
{
    bool is_variable = false;
    for (size_t i = 0; i < command->key_spec_count; i++)
        is_variable |= (command->key_specs[i].flags & KEY_VARIABLE_FLAGS) != 0;

    /* Flags that vary with the arguments are for the function to tell. */
    *found = (struct key_references){0};
    bool asks_specs = !is_variable || !command->find_keys;
    bool is_valid = asks_specs && find_by_specs(command, argv, argc, skipped, found);
    if (!is_valid) {
        found->count = 0;
        is_valid = command->find_keys
                       ? command->find_keys(argv, argc, found)
                       : find_by_doubtful_number(command, argv, argc, skipped, found);
    }
    if (!is_valid) {
        memory_free(found->keys);
        *found = (struct key_references){0};
    }
    return is_valid;
}

bool command_find_keys(const struct command *command, const struct bytes *argv, int argc,
                       struct key_references *found)
{
    return find_keys(command, argv, argc, KEY_NOT_KEY, found);
}

bool command_find_slot_keys(const struct command *command, const struct bytes *argv, int argc,
                            struct key_references *found)
{
    return find_keys(command, argv, argc, 0, found);
}

bool command_has_keys(const struct command *command)
{
    if (command->find_keys)
        return true;
    for (size_t i = 0; i < command->key_spec_count; i++)
        if (!(command->key_specs[i].flags & KEY_NOT_KEY))
            return true;
    return false;
}

struct command_range command_legacy_range(const struct command *command)
{
    const struct key_spec *specs = command->key_specs;
    if (command->key_spec_count == 1 && specs->begin == KEY_BEGIN_INDEX &&
        specs->find == KEY_FIND_RANGE)
        return (struct command_range){
            .first = specs->begin_position,
            .last = specs->last >= 0 ? specs->begin_position + specs->last : specs->last,
            .step = specs->step,
            .is_partial = (specs->flags & KEY_INCOMPLETE) != 0,
        };

    /* Plain ranges that follow one another become one; any other spec is left to GETKEYS. */
    struct command_range range = {0};
    for (size_t i = 0; i < command->key_spec_count; i++) {
        const struct key_spec *spec = &specs[i];
        bool is_plain = spec->begin == KEY_BEGIN_INDEX && spec->find == KEY_FIND_RANGE &&
                        spec->step == 1 && (!range.last || range.last == spec->begin_position - 1);
        if (!is_plain || (spec->flags & KEY_INCOMPLETE))
            range.is_partial = true;
        if (!is_plain)
            continue;
        if (!range.first || spec->begin_position < range.first)
            range.first = spec->begin_position;
        int last = spec->last >= 0 ? spec->begin_position + spec->last : spec->last;
        /* A position counted from the end is behind all others. */
        if ((unsigned)last > (unsigned)range.last)
            range.last = last;
        range.step = 1;
    }
    return range;
}

uint32_t command_version_number(const char *version)
{
    uint32_t number = 0;
    for (int part = 0; part < 3; part++) {
        uint32_t value = 0;
        int digits = 0;
        while (*version >= '0' && *version <= '9' && digits < 3) {
            value = value * 10 + (uint32_t)(*version++ - '0');
            digits++;
        }
        if (value > 255 || (digits == 0 && part == 0))
            return 0;
        if (digits == 0 && version[-1] == '.')
            return 0;
        number = number << 8 | value;
        if (part < 2 && digits && *version == '.')
            version++;
        else if (*version)
            return 0;
    }
    return number;
}

bool command_is_random(const struct command *command)
{
    for (const char *const *tip = command->tips; tip && *tip; tip++)
        if (strcmp(*tip, "nondeterministic_output") == 0)
            return true;
    return false;
}
