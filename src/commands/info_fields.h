/* SPDX-License-Identifier: MIT */
/*
 * Lines of INFO, "name:value", and the sections that have a file of their own.
 *
 *     info_fields_integer(out, "total_forks", forks);
 */
#ifndef UNDERSTUDY_COMMANDS_INFO_FIELDS_H
#define UNDERSTUDY_COMMANDS_INFO_FIELDS_H

#include <stdint.h>

#include "base/buffer.h"
#include "engine/call.h"

static inline void info_fields_integer(struct buffer *out, const char *name, int64_t value)
{
    buffer_append_format(out, "%s:%lld\r\n", name, (long long)value);
}

static inline void info_fields_text(struct buffer *out, const char *name, const char *value)
{
    buffer_append_format(out, "%s:%s\r\n", name, value);
}

/* With two decimals. */
static inline void info_fields_decimal(struct buffer *out, const char *name, double value)
{
    buffer_append_format(out, "%s:%.2f\r\n", name, value);
}

/* The name with "_human" behind it: "1.00M". */
void info_fields_human(struct buffer *out, const char *name, uint64_t size);
/* Both: the number of bytes, and for people. */
void info_fields_size(struct buffer *out, const char *name, uint64_t size);

/* Those that are always 0 here; the names end with NULL. */
static inline void info_fields_zeros(struct buffer *out, const char *const *names)
{
    for (; *names; names++)
        info_fields_integer(out, *names, 0);
}

/* info_stats.c */
void info_stats_append(struct call *call, struct buffer *out);
void info_stats_append_threads(struct call *call, struct buffer *out);
void info_stats_append_debug(struct call *call, struct buffer *out);
/* info_commands.c */
void info_commands_append_stats(struct call *call, struct buffer *out);
void info_commands_append_latency(struct call *call, struct buffer *out);
void info_commands_append_errors(struct call *call, struct buffer *out);
/* info_keys.c */
void info_keys_append(struct call *call, struct buffer *out);
void info_keys_append_sizes(struct call *call, struct buffer *out);

#endif
