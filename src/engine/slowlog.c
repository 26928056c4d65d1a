/* SPDX-License-Identifier: MIT */
/* Invariant: the `count` entries before `next`, going backwards around the ring, are the log. */
#include "engine/slowlog.h"

#include "base/check.h"
#include "base/memory.h"
#include "engine/call.h"
#include "engine/session.h"

#define SHOWN_ARGUMENTS 32
#define SHOWN_BYTES     128 /* of an argument */

static void clear_entry(struct slowlog_entry *entry)
{
    memory_free(entry->argv);
    memory_free(entry->address);
    memory_free(entry->name);
    *entry = (struct slowlog_entry){0};
}

const struct slowlog_entry *slowlog_entry(const struct slowlog *log, size_t index)
{
    CHECK(index < log->count);
    return &log->entries[(log->next + log->capacity - 1 - index) % log->capacity];
}

void slowlog_clear(struct slowlog *log)
{
    for (size_t i = 0; i < log->capacity; i++)
        clear_entry(&log->entries[i]);
    memory_free(log->entries);
    *log = (struct slowlog){.next_id = log->next_id};
}

/* Gives the ring another size, the latest entries kept. */
static void resize(struct slowlog *log, size_t capacity)
{
    struct slowlog_entry *entries = memory_zeroed(capacity * sizeof *entries);
    size_t kept = log->count < capacity ? log->count : capacity;
    for (size_t i = 0; i < kept; i++) {
        struct slowlog_entry *old =
            &log->entries[(log->next + log->capacity - 1 - i) % log->capacity];
        entries[kept - 1 - i] = *old;
        *old = (struct slowlog_entry){0};
    }
    slowlog_clear(log);
    log->entries = entries;
    log->capacity = capacity;
    log->count = kept;
    log->next = kept % capacity;
}

/* What is shown of argument `index`, at the end of `text`. */
static size_t append_argument(const struct call *call, int index, int shown, struct buffer *text)
{
    size_t start = text->size;
    struct bytes argument = call_shown_argument(call, index);
    if (index == shown - 1 && call->argc > SHOWN_ARGUMENTS) {
        buffer_append_format(text, "... (%d more arguments)", call->argc - shown + 1);
    } else if (argument.size > SHOWN_BYTES) {
        buffer_append(text, argument.data, SHOWN_BYTES);
        buffer_append_format(text, "... (%zu more bytes)", argument.size - SHOWN_BYTES);
    } else {
        buffer_append_bytes(text, argument);
    }
    return text->size - start;
}

static void copy_arguments(struct slowlog_entry *entry, const struct call *call)
{
    struct buffer text = {0};
    size_t sizes[SHOWN_ARGUMENTS];
    entry->argc = call->argc < SHOWN_ARGUMENTS ? call->argc : SHOWN_ARGUMENTS;
    for (int i = 0; i < entry->argc; i++)
        sizes[i] = append_argument(call, i, entry->argc, &text);
    size_t head = (size_t)entry->argc * sizeof *entry->argv;
    entry->argv = memory_allocate(head + text.size);
    char *data = (char *)entry->argv + head;
    if (text.size)
        memcpy(data, text.data, text.size);
    for (int i = 0; i < entry->argc; i++) {
        entry->argv[i] = bytes_of(data, sizes[i]);
        data += sizes[i];
    }
    buffer_clear(&text);
}

void slowlog_add(struct slowlog *log, const struct call *call, int64_t duration_us, size_t limit)
{
    if (limit == 0) {
        slowlog_clear(log);
        return;
    }
    /* The ring grows as it fills, so that a long limit costs nothing until it is used. */
    size_t grown = log->capacity * 2 + 8;
    if (log->capacity > limit)
        resize(log, limit);
    else if (log->count == log->capacity && log->capacity < limit)
        resize(log, grown < limit ? grown : limit);

    const struct session *session = call->session;
    struct session_stream stream = {.address = "?:0"};
    if (session->transport && session->transport->describe)
        session->transport->describe(session, &stream);
    struct slowlog_entry *entry = &log->entries[log->next];
    clear_entry(entry);
    entry->id = log->next_id++;
    entry->time_s = call->now_us / 1000000;
    entry->duration_us = duration_us;
    entry->address = bytes_to_string(bytes_of_string(stream.address));
    entry->name = bytes_to_string(bytes_of_string(session->name ? session->name : ""));
    copy_arguments(entry, call);
    log->next = (log->next + 1) % log->capacity;
    if (log->count < log->capacity)
        log->count++;
}
