/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"

#include <strings.h>

#include "base/memory.h"

static unsigned char ascii_lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool bytes_equal_ignoring_case(struct bytes a, const char *string)
{
    size_t i = 0;
    for (; i < a.size && string[i] != '\0'; i++)
        if (ascii_lower(a.data[i]) != ascii_lower(string[i]))
            return false;
    return i == a.size && string[i] == '\0';
}

int bytes_compare(struct bytes a, struct bytes b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

char *bytes_to_string(struct bytes bytes)
{
    char *string = memory_allocate(bytes.size + 1);
    if (bytes.size)
        memcpy(string, bytes.data, bytes.size);
    string[bytes.size] = '\0';
    return string;
}

struct bytes *bytes_copy_all(const struct bytes *all, int count, size_t *size)
{
    size_t total = (size_t)count * sizeof *all;
    for (int i = 0; i < count; i++)
        total += all[i].size;
    struct bytes *copy = memory_allocate(total);
    char *text = (char *)(copy + count);
    for (int i = 0; i < count; i++) {
        if (all[i].size)
            memcpy(text, all[i].data, all[i].size);
        copy[i] = bytes_of(text, all[i].size);
        text += all[i].size;
    }
    if (size)
        *size = total;
    return copy;
}
