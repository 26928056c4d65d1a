/* SPDX-License-Identifier: MIT */
#include "commands/info_fields.h"

void info_fields_human(struct buffer *out, const char *name, uint64_t size)
{
    static const char units[] = "BKMGTP";
    double scaled = (double)size;
    int unit = 0;
    for (; scaled >= 1024 && unit < 5; unit++)
        scaled /= 1024;
    buffer_append_format(out, "%s_human:%.*f%c\r\n", name, unit ? 2 : 0, scaled, units[unit]);
}

void info_fields_size(struct buffer *out, const char *name, uint64_t size)
{
    info_fields_integer(out, name, (int64_t)size);
    info_fields_human(out, name, size);
}
