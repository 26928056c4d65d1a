/* SPDX-License-Identifier: MIT */
#include "commands/session_names.h"

#include "base/memory.h"

bool session_name_is_valid(struct bytes name)
{
    for (size_t i = 0; i < name.size; i++)
        if (name.data[i] < '!' || name.data[i] > '~')
            return false;
    return true;
}

void session_name_set(char **place, struct bytes name)
{
    memory_free(*place);
    *place = name.size ? bytes_to_string(name) : NULL;
}
