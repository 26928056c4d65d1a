/* SPDX-License-Identifier: MIT */
/*
 * Calls stand one behind the other in chunks of memory, so that recording writes to memory in order
 * and allocates nothing once the oldest chunk may go. Ids are consecutive: the calls that are shown
 * are the last `limit`, whatever older ones the oldest chunk still has.
 */
#include "controls/recording.h"

#include "base/memory.h"
#include "controls/answer.h"
#include "controls/matcher.h"
#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"

#define LONGEST_ARGUMENT ((size_t)64 * 1024)
#define CHUNK_SIZE       ((size_t)128 * 1024)
#define MOST_BYTES       ((size_t)64 * 1024 * 1024)
#define ALIGNMENT        8

struct record_chunk {
    struct list_node node;
    uint64_t last_id; /* of its calls */
    size_t used;
    size_t capacity;
    char data[]; /* struct recorded_call, each with its texts */
};

static struct record_chunk *chunk_of(struct list_node *node)
{
    return LIST_ENTRY(node, struct record_chunk, node);
}

/* --- memory --- */

static void drop_oldest(struct recording *recording)
{
    struct record_chunk *chunk = chunk_of(list_first(&recording->chunks));
    list_remove(&recording->chunks, &chunk->node);
    recording->bytes -= chunk->capacity;
    if (chunk == recording->current)
        recording->current = NULL;
    if (recording->spare || chunk->capacity != CHUNK_SIZE)
        memory_free(chunk);
    else
        recording->spare = chunk;
}

/* The first id that is shown. */
static uint64_t first_shown(const struct recording *recording)
{
    return recording->next_id > recording->limit ? recording->next_id - recording->limit : 1;
}

static void begin_chunk(struct recording *recording, size_t size)
{
    while (!list_is_empty(&recording->chunks) &&
           (chunk_of(list_first(&recording->chunks))->last_id < first_shown(recording) ||
            recording->bytes > MOST_BYTES))
        drop_oldest(recording);
    struct record_chunk *chunk = size <= CHUNK_SIZE ? recording->spare : NULL;
    size_t capacity = size <= CHUNK_SIZE ? CHUNK_SIZE : size;
    if (chunk)
        recording->spare = NULL;
    else
        chunk = memory_allocate(sizeof *chunk + capacity);
    *chunk = (struct record_chunk){.capacity = capacity};
    list_append(&recording->chunks, &chunk->node);
    recording->current = chunk;
    recording->bytes += capacity;
}

/* --- recording --- */

static inline struct bytes shown_argument(const struct call *call, int index)
{
    struct bytes argument = call->redacted ? call_shown_argument(call, index) : call->argv[index];
    if (argument.size > LONGEST_ARGUMENT)
        argument.size = LONGEST_ARGUMENT;
    return argument;
}

/* A call with room for its texts. */
static struct recorded_call *take_place(struct recording *recording, size_t texts_size)
{
    size_t size = sizeof(struct recorded_call) + texts_size;
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct record_chunk *chunk = recording->current;
    if (!chunk || chunk->capacity - chunk->used < size) {
        begin_chunk(recording, size);
        chunk = recording->current;
    }
    struct recorded_call *place = (void *)(chunk->data + chunk->used);
    chunk->used += size;
    chunk->last_id = recording->next_id;
    place->id = recording->next_id++;
    place->size = (uint32_t)size;
    place->texts_size = (uint32_t)texts_size;
    return place;
}

static char *append_text(char *out, struct bytes text)
{
    if (text.size)
        memcpy(out, text.data, text.size);
    return out + text.size;
}

static struct recorded_call *record_texts(struct recording *recording, const struct call *call,
                                          struct bytes name, struct bytes error)
{
    size_t head = (size_t)call->argc * sizeof(uint32_t);
    size_t size = head + name.size + error.size;
    for (int i = 0; i < call->argc; i++)
        size += shown_argument(call, i).size;
    struct recorded_call *place = take_place(recording, size);
    char *text = place->data + head;
    for (int i = 0; i < call->argc; i++) {
        struct bytes argument = shown_argument(call, i);
        uint32_t argument_size = (uint32_t)argument.size;
        memcpy(place->data + (size_t)i * sizeof argument_size, &argument_size,
               sizeof argument_size);
        text = append_text(text, argument);
    }
    append_text(append_text(text, name), error);
    place->name_size = (uint32_t)name.size;
    place->error_size = (uint32_t)error.size;
    return place;
}

static bool recording_before(void *context, struct call *call)
{
    struct recording *recording = context;
    answer_begin(&recording->noting, call);
    return true;
}

static void recording_after(void *context, const struct call *call, int64_t duration_us)
{
    struct recording *recording = context;
    const struct session *session = call->session;
    if (call->command->flags & COMMAND_OURS || (session->blocked && blocking_is_waiting(session)))
        return;
    bool is_in_script = session->flags & SESSION_SCRIPT;
    const struct session *client =
        is_in_script && call->engine->current ? call->engine->current : session;
    struct bytes name = client->name ? bytes_of_string(client->name) : bytes_of(NULL, 0);
    struct bytes error;
    enum noted_kind kind = answer_kind(&recording->noting, call, &error);
    struct recorded_call *place = record_texts(recording, call, name, error);
    place->reply = (uint8_t)kind;
    place->time_us = call->now_us;
    place->duration_us = duration_us < UINT32_MAX ? (uint32_t)duration_us : UINT32_MAX;
    place->client_id = client->id;
    place->state = call->state;
    place->db = call->db->index;
    place->argc = call->argc;
    place->is_in_script = is_in_script;
}

void recording_init(struct recording *recording, struct engine *engine)
{
    *recording = (struct recording){.engine = engine,
                                    .next_id = 1,
                                    .observer = {.context = recording,
                                                 .comes_first = true,
                                                 .before = recording_before,
                                                 .after = recording_after}};
}

void recording_start(struct recording *recording, size_t limit)
{
    recording->is_on = limit > 0;
    if (recording->is_on) {
        recording->limit = limit;
        observer_add(recording->engine, &recording->observer);
    } else {
        observer_remove(recording->engine, &recording->observer);
    }
}

void recording_stop(struct recording *recording)
{
    recording_start(recording, 0);
}

void recording_clear(struct recording *recording)
{
    while (!list_is_empty(&recording->chunks))
        drop_oldest(recording);
    memory_free(recording->spare);
    recording->spare = NULL;
    noting_reply_clear(&recording->noting);
    recording->next_id = 1;
}

bool recording_is_used(const struct recording *recording)
{
    return recording->is_on || !list_is_empty(&recording->chunks);
}

/* --- reading --- */

/* Stands at one call after another. */
struct walk {
    const struct recording *recording;
    struct record_chunk *chunk;
    size_t at;
};

static struct walk walk_begin(const struct recording *recording)
{
    struct list_node *first = list_first(&recording->chunks);
    return (struct walk){.recording = recording, .chunk = first ? chunk_of(first) : NULL};
}

/* The next one that is shown; NULL when there is none. */
static const struct recorded_call *walk_next(struct walk *walk)
{
    while (walk->chunk) {
        if (walk->at == walk->chunk->used) {
            struct list_node *next = list_next(&walk->chunk->node);
            walk->chunk = next ? chunk_of(next) : NULL;
            walk->at = 0;
            continue;
        }
        const struct recorded_call *call = (const void *)(walk->chunk->data + walk->at);
        walk->at += call->size;
        if (call->id >= first_shown(walk->recording))
            return call;
    }
    return NULL;
}

void recording_call_arguments(const struct recorded_call *call, struct bytes *argv)
{
    const char *text = call->data + (size_t)call->argc * sizeof(uint32_t);
    for (int i = 0; i < call->argc; i++) {
        uint32_t size;
        memcpy(&size, call->data + (size_t)i * sizeof size, sizeof size);
        argv[i] = bytes_of(text, size);
        text += size;
    }
}

struct bytes recording_call_error(const struct recorded_call *call)
{
    return bytes_of(call->data + call->texts_size - call->error_size, call->error_size);
}

static struct bytes client_of(const struct recorded_call *call)
{
    size_t behind = (size_t)call->error_size + call->name_size;
    return bytes_of(call->data + call->texts_size - behind, call->name_size);
}

static bool has_key(const struct recorded_call *call, struct bytes glob)
{
    struct key_references found = {0};
    struct bytes *argv = memory_allocate((size_t)call->argc * sizeof *argv);
    bool has = false;
    recording_call_arguments(call, argv);
    if (command_find_keys(call->state->command, argv, call->argc, &found))
        for (size_t i = 0; i < found.count && !has; i++)
            has = matcher_glob(glob, argv[found.keys[i].position]);
    memory_free(found.keys);
    memory_free(argv);
    return has;
}

static bool fits(const struct recorded_call *call, const struct recording_filter *filter)
{
    if (call->id <= filter->since || (filter->client_id && filter->client_id != call->client_id))
        return false;
    struct bytes name = bytes_of(call->state->name, call->state->name_size);
    return matcher_glob_ignoring_case(filter->command, name) &&
           matcher_glob(filter->client, client_of(call)) &&
           (!filter->key.size || has_key(call, filter->key));
}

static uint64_t count_all(const struct recording *recording, const struct recording_filter *filter)
{
    struct walk walk = walk_begin(recording);
    const struct recorded_call *call;
    uint64_t count = 0;
    while ((call = walk_next(&walk)) != NULL)
        count += fits(call, filter);
    return count;
}

uint64_t recording_count(const struct recording *recording, const struct recording_filter *filter)
{
    uint64_t count = count_all(recording, filter);
    return filter->count && count > filter->count ? filter->count : count;
}

void recording_visit(const struct recording *recording, const struct recording_filter *filter,
                     void (*visit)(const struct recorded_call *call, void *context), void *context)
{
    uint64_t left = filter->count ? filter->count : UINT64_MAX;
    uint64_t all = filter->count && !filter->since ? count_all(recording, filter) : 0;
    uint64_t skipped = all > left ? all - left : 0;
    struct walk walk = walk_begin(recording);
    const struct recorded_call *call;
    while (left && (call = walk_next(&walk)) != NULL) {
        if (!fits(call, filter))
            continue;
        if (skipped) {
            skipped--;
            continue;
        }
        visit(call, context);
        left--;
    }
}

static void reply_number(struct reply *reply, const char *name, int64_t number)
{
    reply_bulk_string(reply, name);
    reply_integer(reply, number);
}

static void reply_call(const struct recorded_call *call, void *context)
{
    struct reply *reply = context;
    struct bytes *argv = memory_allocate((size_t)call->argc * sizeof *argv);
    recording_call_arguments(call, argv);
    reply_open(reply, REPLY_MAP, 10);
    reply_number(reply, "id", (int64_t)call->id);
    reply_number(reply, "time", call->time_us / 1000);
    reply_number(reply, "client-id", (int64_t)call->client_id);
    reply_bulk_string(reply, "client");
    reply_bulk(reply, client_of(call));
    reply_number(reply, "db", call->db);
    reply_bulk_string(reply, "arguments");
    reply_open(reply, REPLY_ARRAY, (size_t)call->argc);
    for (int i = 0; i < call->argc; i++)
        reply_bulk(reply, argv[i]);
    reply_close(reply);
    reply_bulk_string(reply, "reply");
    reply_bulk_string(reply, noting_reply_kind_name(call->reply));
    reply_bulk_string(reply, "error");
    if (call->error_size)
        reply_bulk(reply, recording_call_error(call));
    else
        reply_null(reply);
    reply_number(reply, "microseconds", call->duration_us);
    reply_bulk_string(reply, "script");
    reply_boolean(reply, call->is_in_script);
    reply_close(reply);
    memory_free(argv);
}

void recording_reply(const struct recording *recording, const struct recording_filter *filter,
                     struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
    recording_visit(recording, filter, reply_call, reply);
    reply_close(reply);
}
