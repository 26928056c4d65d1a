/* SPDX-License-Identifier: MIT */
#include "controls/expectations.h"

#include "base/memory.h"
#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"

#define INSTEAD_KEPT  5   /* commands that are shown in the place of the expected one */
#define INSTEAD_BYTES 256 /* of each */

struct expectation {
    struct list_node node;
    struct buffer name, after; /* owned */
    struct matcher matcher;
    struct bytes *args; /* owned: bytes_copy_all */
    int arg_count;
    uint64_t least, most;
    uint64_t came;
    uint64_t early;                      /* that came before `after` had */
    struct buffer instead[INSTEAD_KEPT]; /* owned: texts, the latest behind the others */
    size_t instead_count;
};

static struct expectation *expectation_of(struct list_node *node)
{
    return LIST_ENTRY(node, struct expectation, node);
}

struct expectation_options expectation_no_options(void)
{
    return (struct expectation_options){
        .which = matcher_no_options(), .least = 1, .most = MATCHER_ALWAYS};
}

static struct expectation *find(const struct expectations *expectations, struct bytes name)
{
    for (struct list_node *node = list_first(&expectations->all); node; node = list_next(node))
        if (bytes_equal(buffer_bytes(&expectation_of(node)->name), name))
            return expectation_of(node);
    return NULL;
}

/* --- counting --- */

/* As a client would type it: `note` and the command. */
static void keep_instead(struct expectation *expectation, const struct call *call, const char *note)
{
    struct buffer text = {0};
    buffer_append_string(&text, note);
    for (int i = 0; i < call->argc && text.size < INSTEAD_BYTES; i++) {
        struct bytes argument = call_shown_argument(call, i);
        if (argument.size > INSTEAD_BYTES)
            argument.size = INSTEAD_BYTES;
        if (i)
            buffer_append_byte(&text, ' ');
        buffer_append_quoted(&text, argument);
    }
    if (expectation->instead_count == INSTEAD_KEPT) {
        buffer_clear(&expectation->instead[0]);
        memmove(&expectation->instead[0], &expectation->instead[1],
                (INSTEAD_KEPT - 1) * sizeof *expectation->instead);
        expectation->instead_count--;
    }
    expectation->instead[expectation->instead_count++] = text;
}

static bool arguments_fit(const struct expectation *expectation, const struct call *call)
{
    int first = call->state->parent ? 2 : 1;
    int count = expectation->arg_count;
    if (!expectation->args)
        return true;
    bool is_open = count > 0 && bytes_equal_string(expectation->args[count - 1], "...");
    count -= is_open;
    int given = call->argc - first;
    if (is_open ? given < count : given != count)
        return false;
    for (int i = 0; i < count; i++)
        if (!matcher_glob(expectation->args[i], call->argv[first + i]))
            return false;
    return true;
}

static bool comes_early(const struct expectations *expectations,
                        const struct expectation *expectation)
{
    if (!expectation->after.size)
        return false;
    const struct expectation *other = find(expectations, buffer_bytes(&expectation->after));
    return other && other->came < (other->least ? other->least : 1);
}

static void look(const struct expectations *expectations, struct expectation *expectation,
                 const struct matcher_subject *subject, const struct call *call)
{
    const struct matcher_options *which = &expectation->matcher.options;
    if (!matcher_accepts(&expectation->matcher, subject) || !arguments_fit(expectation, call)) {
        struct bytes name = bytes_of(call->state->name, call->state->name_size);
        if (which->command.size && matcher_glob_ignoring_case(which->command, name))
            keep_instead(expectation, call, "");
        return;
    }
    if (comes_early(expectations, expectation)) {
        expectation->early++;
        keep_instead(expectation, call, "too early: ");
        return;
    }
    if (++expectation->came > expectation->most)
        keep_instead(expectation, call, "too many: ");
}

static void expectations_after(void *context, const struct call *call, int64_t duration_us)
{
    struct expectations *expectations = context;
    struct matcher_subject subject = matcher_subject_of(call);
    (void)duration_us;
    if (call->command->flags & COMMAND_OURS || blocking_is_waiting(call->session))
        return;
    for (struct list_node *node = list_first(&expectations->all); node; node = list_next(node))
        look(expectations, expectation_of(node), &subject, call);
}

/* --- the list --- */

void expectations_init(struct expectations *expectations, struct engine *engine)
{
    *expectations = (struct expectations){
        .engine = engine, .observer = {.context = expectations, .after = expectations_after}};
}

static bool is_met(const struct expectation *expectation)
{
    return expectation->came >= expectation->least && expectation->came <= expectation->most &&
           !expectation->early;
}

static void append_times(struct buffer *text, const char *before, uint64_t count)
{
    buffer_append_string(text, before);
    if (count == 1)
        buffer_append_string(text, "once");
    else
        buffer_append_format(text, "%llu times", (unsigned long long)count);
}

/* "2 times", "at least once", "never": with "after 'other'" behind it. */
static void append_expected(const struct expectation *expectation, struct buffer *text)
{
    uint64_t least = expectation->least, most = expectation->most;
    if (most == 0)
        buffer_append_string(text, "never");
    else if (least == most)
        append_times(text, "", least);
    else if (most == MATCHER_ALWAYS)
        append_times(text, "at least ", least);
    else if (least == 0)
        append_times(text, "at most ", most);
    else
        buffer_append_format(text, "%llu to %llu times", (unsigned long long)least,
                             (unsigned long long)most);
    if (expectation->after.size)
        buffer_append_format(text, " after '%.*s'", BYTES_PRINT(buffer_bytes(&expectation->after)));
}

static void tell(const struct expectation *expectation,
                 void (*tell_one)(void *context, const struct outcome *outcome), void *context)
{
    struct buffer what = {0};
    append_expected(expectation, &what);
    matcher_describe(&expectation->matcher, &what);
    if (expectation->arg_count)
        buffer_append_string(&what, " ARGS");
    for (int i = 0; i < expectation->arg_count; i++)
        buffer_append_format(&what, " %.*s", BYTES_PRINT(expectation->args[i]));
    tell_one(context, &(struct outcome){.kind = OUTCOME_EXPECTATION,
                                        .name = buffer_bytes(&expectation->name),
                                        .what = buffer_bytes(&what),
                                        .seen = expectation->came + expectation->early,
                                        .hits = expectation->came,
                                        .is_met = is_met(expectation)});
    buffer_clear(&what);
}

void expectations_tell(const struct expectations *expectations,
                       void (*tell_one)(void *context, const struct outcome *outcome),
                       void *context)
{
    for (struct list_node *node = list_first(&expectations->all); node; node = list_next(node))
        tell(expectation_of(node), tell_one, context);
}

static void remove_expectation(struct expectations *expectations, struct expectation *expectation)
{
    if (expectations->listener)
        tell(expectation, expectations->listener->ended, expectations->listener->context);
    list_remove(&expectations->all, &expectation->node);
    matcher_clear(&expectation->matcher);
    buffer_clear(&expectation->name);
    buffer_clear(&expectation->after);
    for (size_t i = 0; i < expectation->instead_count; i++)
        buffer_clear(&expectation->instead[i]);
    memory_free(expectation->args);
    memory_free(expectation);
}

void expectations_clear(struct expectations *expectations)
{
    struct list_node *node;
    while ((node = list_first(&expectations->all)) != NULL)
        remove_expectation(expectations, expectation_of(node));
    observer_remove(expectations->engine, &expectations->observer);
}

bool expectations_add(struct expectations *expectations, struct bytes name,
                      const struct expectation_options *options)
{
    struct expectation *old = find(expectations, name);
    if (options->after.size &&
        (!find(expectations, options->after) || bytes_equal(options->after, name)))
        return false;
    if (old)
        remove_expectation(expectations, old);
    struct expectation *expectation = memory_zeroed(sizeof *expectation);
    buffer_append_bytes(&expectation->name, name);
    buffer_append_bytes(&expectation->after, options->after);
    matcher_init(&expectation->matcher, &options->which);
    if (options->args)
        expectation->args = bytes_copy_all(options->args, options->arg_count, NULL);
    expectation->arg_count = options->arg_count;
    expectation->least = options->least;
    expectation->most = options->most;
    list_append(&expectations->all, &expectation->node);
    observer_add(expectations->engine, &expectations->observer);
    return true;
}

size_t expectations_unmet(const struct expectations *expectations)
{
    size_t count = 0;
    for (struct list_node *node = list_first(&expectations->all); node; node = list_next(node))
        count += !is_met(expectation_of(node));
    return count;
}

static void reply_unmet(const struct expectation *expectation, struct reply *reply)
{
    struct buffer expected = {0};
    append_expected(expectation, &expected);
    reply_open(reply, REPLY_MAP, 4);
    reply_bulk_string(reply, "name");
    reply_bulk(reply, buffer_bytes(&expectation->name));
    reply_bulk_string(reply, "expected");
    reply_bulk(reply, buffer_bytes(&expected));
    reply_bulk_string(reply, "came");
    reply_integer(reply, (int64_t)expectation->came);
    reply_bulk_string(reply, "instead");
    reply_open(reply, REPLY_ARRAY, expectation->instead_count);
    for (size_t i = 0; i < expectation->instead_count; i++)
        reply_bulk(reply, buffer_bytes(&expectation->instead[i]));
    reply_close(reply);
    reply_close(reply);
    buffer_clear(&expected);
}

void expectations_reply_unmet(const struct expectations *expectations, struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, expectations_unmet(expectations));
    for (struct list_node *node = list_first(&expectations->all); node; node = list_next(node))
        if (!is_met(expectation_of(node)))
            reply_unmet(expectation_of(node), reply);
    reply_close(reply);
}
