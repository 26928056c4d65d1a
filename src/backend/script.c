/* SPDX-License-Identifier: MIT */
#include "backend/script.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/digest.h"

#define MOST_WORDS 8 /* keys and arguments */

/* A function library calls redis.register_function; a script has none, so it gets one that only
 * remembers, and then calls the function it is for. */
static const char before[] =
    "local registered = {}\n"
    "local redis = setmetatable({register_function = function(name, callback)\n"
    "  if type(name) == 'table' then name, callback = name.function_name, name.callback end\n"
    "  registered[name] = callback\n"
    "end}, {__index = redis})\n";

void script_init(struct script *script, const char *source, size_t size, const char *function)
{
    *script = (struct script){0};
    const char *body = memchr(source, '\n', size); /* behind the line that names the library */
    CHECK(body);
    buffer_append(&script->text, before, sizeof before - 1);
    buffer_append(&script->text, body, size - (size_t)(body - source));
    buffer_append_format(&script->text, "\nreturn registered['%s'](KEYS, ARGV)\n", function);
    digest_sha1_hex(buffer_bytes(&script->text), script->sha);
    script->sha[SCRIPT_SHA_SIZE - 1] = '\0';
}

void script_clear(struct script *script)
{
    buffer_clear(&script->text);
}

enum backend_result script_run(const struct script *script, struct link_pool *pool, int keys,
                               const char *const *words, const size_t *sizes, int count,
                               bool harmless, struct link_answer *answer)
{
    CHECK(count <= MOST_WORDS);
    char key_count[16];
    snprintf(key_count, sizeof key_count, "%d", keys);
    const char *request[MOST_WORDS + 3] = {"EVALSHA", script->sha, key_count};
    size_t request_sizes[MOST_WORDS + 3] = {strlen("EVALSHA"), SCRIPT_SHA_SIZE - 1,
                                            strlen(key_count)};
    for (int i = 0; i < count; i++) {
        request[i + 3] = words[i];
        request_sizes[i + 3] = sizes ? sizes[i] : strlen(words[i]);
    }
    enum backend_result (*ask)(struct link_pool *, const char *const *, const size_t *, int,
                               struct link_answer *) = harmless ? link_ask_again : link_ask;
    enum backend_result result = ask(pool, request, request_sizes, count + 3, answer);
    if (result != BACKEND_REFUSED || strncmp(answer->error, "NOSCRIPT", 8) != 0)
        return result;
    request[0] = "EVAL";
    request_sizes[0] = strlen("EVAL");
    request[1] = script->text.data;
    request_sizes[1] = script->text.size;
    return ask(pool, request, request_sizes, count + 3, answer);
}
