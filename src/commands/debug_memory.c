/* SPDX-License-Identifier: MIT */
/* DEBUG's subcommands about memory, and about what happens by itself. */
#include <stdlib.h>

#include "base/memory.h"
#include "commands/debug.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "reply/errors.h"

/* --- CLIENT-EVICTION: clients by what they take, as maxmemory-clients sorts them --- */

#define FIRST_BIT 15 /* the first bucket ends there... */
#define LAST_BIT  33 /* ...and the last one has no end */
#define BUCKETS   (LAST_BIT - FIRST_BIT + 1)

struct bucket {
    size_t memory;
    size_t clients;
};

static int bucket_for(size_t memory)
{
    int bit = FIRST_BIT;
    while (bit < LAST_BIT - 1 && memory >> bit)
        bit++;
    return bit - FIRST_BIT;
}

static void append_bucket(struct buffer *out, int index, const struct bucket *bucket)
{
    size_t first = index ? (size_t)1 << (FIRST_BIT + index - 1) : 0;
    if (index == BUCKETS - 1)
        buffer_append_format(out, "bucket %10zu+            : ", first);
    else
        buffer_append_format(out, "bucket %10zu - %10zu: ", first,
                             ((size_t)1 << (FIRST_BIT + index)) - 1);
    buffer_append_format(out, "tot-mem: %10zu, clients: %zu\n", bucket->memory, bucket->clients);
}

void debug_memory_client_eviction(struct call *call)
{
    struct bucket buckets[BUCKETS] = {{0}};
    struct buffer text = {0};
    if (call->engine->limits.total == 0) {
        reply_error(call->reply, ERROR_DEBUG_NO_CLIENT_LIMIT);
        return;
    }
    struct list_node *node = list_first(&call->engine->sessions);
    for (; node; node = list_next(node)) {
        const struct session *session = LIST_ENTRY(node, struct session, node);
        size_t memory = session_memory(session);
        struct bucket *bucket = &buckets[bucket_for(memory)];
        if (session->flags & SESSION_NO_EVICT)
            continue;
        bucket->memory += memory;
        bucket->clients++;
    }
    for (int i = 0; i < BUCKETS; i++)
        append_bucket(&text, i, &buckets[i]);
    reply_verbatim(call->reply, "txt", buffer_bytes(&text));
    buffer_clear(&text);
}

/* --- switches --- */

/* Anything that is no number counts as 0, as atoi has it. */
static bool is_on(const struct call *call, int index)
{
    char *text = bytes_to_string(call->argv[index]);
    bool is_on = strtol(text, NULL, 10) != 0;
    memory_free(text);
    return is_on;
}

/* Buffers of replies are as large as they must be, and go back when they are empty: there is
 * nothing to switch. */
void debug_memory_reply_buffer(struct call *call)
{
    int64_t ms;
    if (call_is(call, 2, "PEAK-RESET-TIME")) {
        bool is_word = call_is(call, 3, "NEVER") || call_is(call, 3, "RESET");
        if (!is_word && !call_integer(call, 3, &ms, NULL))
            return;
    } else if (!call_is(call, 2, "RESIZING")) {
        debug_answer_unknown(call);
        return;
    }
    reply_ok(call->reply);
}

static void follow(struct engine *engine)
{
    engine->keyspace.expiry_is_paused = engine->cron_is_paused || engine->expiry_is_off;
}

void debug_memory_pause_cron(struct call *call)
{
    call->engine->cron_is_paused = is_on(call, 2);
    follow(call->engine);
    reply_ok(call->reply);
}

void debug_memory_set_active_expire(struct call *call)
{
    call->engine->expiry_is_off = !is_on(call, 2);
    follow(call->engine);
    reply_ok(call->reply);
}

void debug_memory_disable_deny_scripts(struct call *call)
{
    call->engine->lets_scripts_debug = is_on(call, 2);
    reply_ok(call->reply);
}

/* --- sizes --- */

/* Redis's names; what stands in those places here has the sizes. There are no sds: a string's head
 * is the same for all lengths. */
void debug_memory_struct_sizes(struct call *call)
{
    struct buffer text = {0};
    buffer_append_format(&text, "bits:%zu robj:%zu dictentry:%zu ", sizeof(void *) * 8,
                         sizeof(struct value), sizeof(struct entry));
    for (int bits = 8; bits <= 64; bits *= 2) {
        if (bits == 8)
            buffer_append_format(&text, "sdshdr5:%zu ", sizeof(struct value));
        buffer_append_format(&text, "sdshdr%d:%zu ", bits, sizeof(struct value));
    }
    reply_bulk(call->reply, buffer_bytes(&text));
    buffer_clear(&text);
}
