/* SPDX-License-Identifier: MIT */
#include "base/whole_file.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/buffer.h"

bool whole_file_write(const char *path, struct bytes text)
{
    struct stat state;
    bool is_special = stat(path, &state) == 0 && !S_ISREG(state.st_mode);
    struct buffer name = {0};
    buffer_append_format(&name, "%s%s", path, is_special ? "" : ".new");
    buffer_append_byte(&name, '\0');
    FILE *file = fopen(name.data, "we");
    bool is_written = file && fwrite(text.data, 1, text.size, file) == text.size;
    if (file)
        is_written = fclose(file) == 0 && is_written;
    is_written = is_written && (is_special || rename(name.data, path) == 0);
    buffer_clear(&name);
    return is_written;
}
