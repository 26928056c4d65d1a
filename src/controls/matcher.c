/* SPDX-License-Identifier: MIT */
#include "controls/matcher.h"

#include "base/digest.h"
#include "base/glob.h"
#include "base/memory.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"

struct matcher_options matcher_no_options(void)
{
    return (struct matcher_options){.times = MATCHER_ALWAYS, .probability = 1};
}

static bool is_everything(struct bytes glob)
{
    return glob.size == 0 || (glob.size == 1 && *glob.data == '*');
}

bool matcher_glob(struct bytes glob, struct bytes text)
{
    return is_everything(glob) || glob_matches(glob, text);
}

bool matcher_glob_ignoring_case(struct bytes glob, struct bytes text)
{
    return is_everything(glob) || glob_matches_ignoring_case(glob, text);
}

struct matcher_subject matcher_subject_of(const struct call *call)
{
    const struct engine *engine = call->engine;
    bool is_nested = call->session->flags & SESSION_SCRIPT;
    return (struct matcher_subject){
        .client = is_nested && engine->current ? engine->current : call->session,
        .state = call->state,
        .argv = call->argv,
        .argc = call->argc,
        .script = is_nested ? engine->script : NULL,
        .library = is_nested ? engine->library : NULL,
    };
}

void matcher_init(struct matcher *matcher, const struct matcher_options *options)
{
    *matcher = (struct matcher){.options = *options};
    struct bytes *const texts[] = {&matcher->options.command, &matcher->options.key,
                                   &matcher->options.client, &matcher->options.script};
    const size_t count = sizeof texts / sizeof *texts;
    for (size_t i = 0; i < count; i++)
        buffer_append_bytes(&matcher->texts, *texts[i]);
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        texts[i]->data = matcher->texts.data ? matcher->texts.data + offset : NULL;
        offset += texts[i]->size;
    }
}

void matcher_clear(struct matcher *matcher)
{
    buffer_clear(&matcher->texts);
    *matcher = (struct matcher){0};
}

static bool has_key(const struct matcher_subject *subject, struct bytes glob)
{
    struct key_references found = {0};
    bool has = false;
    if (command_find_keys(subject->state->command, subject->argv, subject->argc, &found))
        for (size_t i = 0; i < found.count && !has; i++)
            has = matcher_glob(glob, subject->argv[found.keys[i].position]);
    memory_free(found.keys);
    return has;
}

/* The conditions that are the same for every kind of subject. */
static bool fits(const struct matcher_options *options, const struct matcher_subject *subject)
{
    const struct session *client = subject->client;
    if (subject->state->command->flags & COMMAND_OURS)
        return false;
    if (options->client_id && options->client_id != client->id)
        return false;
    if (options->client.size &&
        !matcher_glob(options->client, bytes_of_string(client->name ? client->name : "")))
        return false;
    return !options->key.size || has_key(subject, options->key);
}

static bool is_named(const struct matcher_options *options, const struct matcher_subject *subject)
{
    struct bytes name = bytes_of(subject->state->name, subject->state->name_size);
    return matcher_glob_ignoring_case(options->command, name);
}

static bool is_called_by(const struct matcher_options *options,
                         const struct matcher_subject *subject)
{
    return (subject->script &&
            matcher_glob_ignoring_case(options->script, bytes_of_string(subject->script))) ||
           (subject->library &&
            matcher_glob_ignoring_case(options->script, bytes_of_string(subject->library)));
}

/* Whether the request runs the script: by its text, its SHA-1, or as a function. */
static bool runs_script(const struct matcher_options *options,
                        const struct matcher_subject *subject)
{
    const char *name = subject->state->name;
    if (subject->argc < 2)
        return false;
    if (strncmp(name, "evalsha", 7) == 0 || strncmp(name, "fcall", 5) == 0)
        return matcher_glob_ignoring_case(options->script, subject->argv[1]);
    if (strncmp(name, "eval", 4) != 0)
        return false;
    char sha[DIGEST_SHA1_HEX_SIZE + 1];
    digest_sha1_hex(subject->argv[1], sha);
    return matcher_glob_ignoring_case(options->script, bytes_of(sha, DIGEST_SHA1_HEX_SIZE));
}

bool matcher_accepts(const struct matcher *matcher, const struct matcher_subject *subject)
{
    const struct matcher_options *options = &matcher->options;
    if (!is_named(options, subject) || !fits(options, subject))
        return false;
    if (!options->script.size)
        return true;
    return subject->script ? is_called_by(options, subject)
                           : options->command.size && runs_script(options, subject);
}

static bool queue_fits(const struct matcher *matcher, const struct matcher_subject *subject)
{
    const struct session *client = subject->client;
    for (int i = 0; i < client->queue_count; i++) {
        const struct queued_command *queued = &client->queue[i];
        const struct matcher_subject part = {
            .client = client, .state = queued->state, .argv = queued->argv, .argc = queued->argc};
        if (matcher_accepts_request(matcher, &part))
            return true;
    }
    return false;
}

bool matcher_accepts_request(const struct matcher *matcher, const struct matcher_subject *subject)
{
    const struct matcher_options *options = &matcher->options;
    if (subject->state->command->flags & COMMAND_ABORTS_TRANSACTION && queue_fits(matcher, subject))
        return true;
    if (options->script.size)
        return fits(options, subject) && runs_script(options, subject);
    return is_named(options, subject) && fits(options, subject);
}

bool matcher_takes(struct matcher *matcher, struct random *random)
{
    const struct matcher_options *options = &matcher->options;
    matcher->seen++;
    if (matcher->seen <= options->skip || matcher->hits >= options->times)
        return false;
    if (options->probability < 1 && random_unit(random) >= options->probability)
        return false;
    matcher->hits++;
    return true;
}

static void describe_text(struct buffer *out, const char *word, struct bytes text)
{
    if (text.size)
        buffer_append_format(out, " %s %.*s", word, BYTES_PRINT(text));
}

static void describe_number(struct buffer *out, const char *word, uint64_t number, bool is_shown)
{
    if (is_shown)
        buffer_append_format(out, " %s %llu", word, (unsigned long long)number);
}

void matcher_describe(const struct matcher *matcher, struct buffer *out)
{
    const struct matcher_options *options = &matcher->options;
    describe_text(out, "COMMAND", options->command);
    describe_text(out, "KEY", options->key);
    describe_text(out, "CLIENT", options->client);
    describe_number(out, "CLIENT-ID", options->client_id, options->client_id != 0);
    describe_text(out, "SCRIPT", options->script);
    describe_number(out, "SKIP", options->skip, options->skip != 0);
    describe_number(out, "TIMES", options->times, options->times != MATCHER_ALWAYS);
    if (options->probability < 1)
        buffer_append_format(out, " PROBABILITY %g", options->probability);
}

static size_t reply_text(struct reply *reply, const char *name, struct bytes text)
{
    if (!text.size)
        return 0;
    reply_bulk_string(reply, name);
    reply_bulk(reply, text);
    return 1;
}

static size_t reply_number(struct reply *reply, const char *name, uint64_t number, bool is_shown)
{
    if (!is_shown)
        return 0;
    reply_bulk_string(reply, name);
    reply_integer(reply, (int64_t)number);
    return 1;
}

size_t matcher_reply(const struct matcher *matcher, struct reply *reply)
{
    const struct matcher_options *options = &matcher->options;
    size_t count = reply_text(reply, "command", options->command);
    count += reply_text(reply, "key", options->key);
    count += reply_text(reply, "client", options->client);
    count += reply_number(reply, "client-id", options->client_id, options->client_id != 0);
    count += reply_text(reply, "script", options->script);
    count += reply_number(reply, "skip", options->skip, options->skip != 0);
    count += reply_number(reply, "times", options->times, options->times != MATCHER_ALWAYS);
    if (options->probability < 1) {
        reply_bulk_string(reply, "probability");
        reply_real(reply, options->probability);
        count++;
    }
    count += reply_number(reply, "seen", matcher->seen, true);
    return count + reply_number(reply, "hits", matcher->hits, true);
}
