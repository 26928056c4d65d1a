/* SPDX-License-Identifier: MIT */
#include "commands/sort_pattern.h"

#include "base/hash_slot.h"
#include "values/hash.h"
#include "values/string.h"

/* As in Redis a pattern's star and arrow are looked for up to its first NUL alone. */
struct sort_pattern sort_pattern_parse(struct bytes text)
{
    struct sort_pattern pattern = {.is_element = bytes_equal_string(text, "#")};
    size_t visible = text.size ? strnlen(text.data, text.size) : 0;
    const char *star = visible ? memchr(text.data, '*', visible) : NULL;
    if (!star)
        return pattern;
    pattern.has_star = true;
    pattern.before = bytes_of(text.data, (size_t)(star - text.data));
    pattern.behind = bytes_of(star + 1, text.size - pattern.before.size - 1);
    const char *end = text.data + visible;
    for (const char *arrow = star + 1; arrow + 2 < end; arrow++) {
        if (arrow[0] != '-' || arrow[1] != '>')
            continue;
        pattern.has_field = true;
        pattern.behind.size = (size_t)(arrow - pattern.behind.data);
        pattern.field = bytes_of(arrow + 2, (size_t)(text.data + text.size - arrow - 2));
        break;
    }
    return pattern;
}

bool sort_pattern_slot(struct bytes text, int *slot)
{
    size_t size = text.size;
    size_t open = size; /* where the first brace is */
    for (size_t i = 0; i < size; i++) {
        char c = text.data[i];
        if (c == '*' || c == '?' || c == '[' || c == '\\')
            return false;
        if (c == '{' && open == size)
            open = i;
        if (c != '}' || open == size || i == open + 1)
            continue;
        text.size = i + 1;
        break;
    }
    *slot = hash_slot_of(text);
    return true;
}

bool sort_pattern_find(struct call *call, const struct sort_pattern *pattern, struct bytes element,
                       struct sort_lookup *lookup, struct bytes *found)
{
    if (pattern->is_element) {
        *found = element;
        return true;
    }
    if (!pattern->has_star)
        return false;
    lookup->key.size = 0;
    buffer_append_bytes(&lookup->key, pattern->before);
    buffer_append_bytes(&lookup->key, element);
    buffer_append_bytes(&lookup->key, pattern->behind);
    const struct entry *entry = call_find_any(call, buffer_bytes(&lookup->key), ACCESS_READ);
    if (!entry || entry_type(entry) != (pattern->has_field ? VALUE_HASH : VALUE_STRING))
        return false;
    if (pattern->has_field)
        return hash_get(entry_value(entry), pattern->field, lookup->digits, found);
    *found = string_bytes(entry_value(entry), lookup->digits);
    return true;
}
