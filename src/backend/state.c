/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/serializer.h"
#include "base/memory.h"

#define NUMBER_SIZE 24

/* The keys of a state: its value, and its version in the same slot. */
struct state_keys {
    char *value;
    char *version;
};

static struct state_keys keys_of(const struct backend *backend, const char *id)
{
    struct state_keys keys = {.value = backend_key(backend, "", id)};
    struct buffer version = {0};
    buffer_append_format(&version, "{%s}:version", keys.value);
    keys.version = memory_copy(version.data, version.size + 1);
    keys.version[version.size] = '\0';
    buffer_clear(&version);
    return keys;
}

static void keys_clear(struct state_keys *keys)
{
    memory_free(keys->value);
    memory_free(keys->version);
}

/* What an answer failed with, or that its shape is not ours. */
static enum backend_result fail_by(struct backend *backend, enum backend_result result,
                                   struct link_answer *answer)
{
    if (result == BACKEND_OK)
        snprintf(answer->error, sizeof answer->error, "the server's answer has another shape");
    link_answer_clear(answer);
    return backend_fail(backend, result == BACKEND_OK ? BACKEND_REFUSED : result, answer->error);
}

/* Asks for the value, and for its version if that is wanted: `text` and `count` are borrowed from
 * the answer, NULL when there is no such state. */
static enum backend_result ask_for_state(struct backend *backend, const struct state_keys *keys,
                                         bool with_version, struct link_answer *answer,
                                         const redisReply **text, const redisReply **count)
{
    const char *get[] = {"GET", keys->value};
    const char *words[] = {keys->value, keys->version};
    enum backend_result result =
        with_version
            ? script_run(&backend->scripts.load, &backend->links, 2, words, NULL, 2, true, answer)
            : link_ask_again(&backend->links, get, NULL, 2, answer);
    *text = *count = NULL;
    if (result != BACKEND_OK)
        return fail_by(backend, result, answer);
    const redisReply *reply = answer->reply;
    if (reply->type == REDIS_REPLY_NIL)
        return BACKEND_OK;
    bool is_pair = reply->type == REDIS_REPLY_ARRAY && reply->elements == 2;
    *text = is_pair ? reply->element[0] : reply;
    *count = is_pair ? reply->element[1] : NULL;
    bool fits = with_version ? is_pair && (*count)->type == REDIS_REPLY_INTEGER : !is_pair;
    return fits && (*text)->type == REDIS_REPLY_STRING ? BACKEND_OK
                                                       : fail_by(backend, result, answer);
}

enum backend_result backend_load_state(struct backend *backend, const char *id,
                                       struct backend_value *value, int64_t *version)
{
    struct state_keys keys = keys_of(backend, id);
    struct link_answer answer;
    const redisReply *text, *count;
    char error[BACKEND_ERROR_SIZE];
    *value = (struct backend_value){0};
    enum backend_result result =
        ask_for_state(backend, &keys, version != NULL, &answer, &text, &count);
    if (result == BACKEND_OK && !text)
        result = backend_fail(backend, BACKEND_ABSENT, "there is no such state");
    if (result == BACKEND_ABSENT && version)
        *version = 0;
    if (result == BACKEND_OK &&
        !serializer_decode(backend->serializer, bytes_of(text->str, text->len), value, error))
        result = backend_fail(backend, BACKEND_UNDECODABLE, error);
    if (result == BACKEND_OK && version)
        *version = count->integer;
    link_answer_clear(&answer);
    keys_clear(&keys);
    return result;
}

/* What state_save or state_save_if_version answered. */
static enum backend_result read_version(struct backend *backend, const redisReply *reply,
                                        int64_t *version)
{
    bool is_pair = reply->type == REDIS_REPLY_ARRAY && reply->elements == 2;
    const redisReply *count = is_pair ? reply->element[1] : reply;
    if (count->type != REDIS_REPLY_INTEGER)
        return backend_fail(backend, BACKEND_REFUSED, "the server's answer has another shape");
    if (version)
        *version = count->integer;
    if (is_pair && reply->element[0]->integer != 1)
        return backend_fail(backend, BACKEND_CONFLICT, "the state has another version");
    return BACKEND_OK;
}

enum backend_result backend_save_state(struct backend *backend, const char *id,
                                       const struct backend_value *value,
                                       const struct backend_save_options *options, int64_t *version)
{
    static const struct backend_save_options none = {0};
    char error[BACKEND_ERROR_SIZE], lifetime[NUMBER_SIZE], expected[NUMBER_SIZE];
    struct buffer text = {0};
    if (!options)
        options = &none;
    if (!serializer_encode(backend->serializer, value, &text, error)) {
        buffer_clear(&text);
        return backend_fail(backend, BACKEND_UNENCODABLE, error);
    }
    snprintf(lifetime, sizeof lifetime, "%" PRId64, options->lifetime_ms);
    snprintf(expected, sizeof expected, "%" PRId64, options->version);
    struct state_keys keys = keys_of(backend, id);
    const char *words[] = {keys.value, keys.version, text.size ? text.data : "", lifetime,
                           expected};
    size_t sizes[] = {strlen(keys.value), strlen(keys.version), text.size, strlen(lifetime),
                      strlen(expected)};
    const struct script *script =
        options->checks_version ? &backend->scripts.save_if_version : &backend->scripts.save;
    struct link_answer answer;
    enum backend_result result = script_run(script, &backend->links, 2, words, sizes,
                                            options->checks_version ? 5 : 4, false, &answer);
    result = result == BACKEND_OK ? read_version(backend, answer.reply, version)
                                  : backend_fail(backend, result, answer.error);
    link_answer_clear(&answer);
    keys_clear(&keys);
    buffer_clear(&text);
    return result;
}

enum backend_result backend_delete_state(struct backend *backend, const char *id)
{
    struct state_keys keys = keys_of(backend, id);
    const char *words[] = {keys.value, keys.version};
    struct link_answer answer;
    enum backend_result result =
        script_run(&backend->scripts.delete, &backend->links, 2, words, NULL, 2, false, &answer);
    if (result != BACKEND_OK)
        backend_fail(backend, result, answer.error);
    else if (answer.reply->integer == 0)
        result = backend_fail(backend, BACKEND_ABSENT, "there is no such state");
    link_answer_clear(&answer);
    keys_clear(&keys);
    return result;
}
