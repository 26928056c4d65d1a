/* SPDX-License-Identifier: MIT */
/* MOCK TRACE: what scripts asked of the server (src/script/script_trace.h). */
#include "commands/mock.h"
#include "engine/engine.h"
#include "reply/errors.h"
#include "script/script_trace.h"

static struct interpreter *interpreter_for(const struct call *call)
{
    return call->engine->interpreter;
}

static void switch_on(struct call *call)
{
    script_trace_switch(interpreter_for(call), true);
    reply_ok(call->reply);
}

static void switch_off(struct call *call)
{
    script_trace_switch(interpreter_for(call), false);
    reply_ok(call->reply);
}

static void clear(struct call *call)
{
    script_trace_clear(interpreter_for(call));
    reply_ok(call->reply);
}

static void answer_entry(struct reply *reply, const struct script_trace_entry *entry)
{
    reply_open(reply, REPLY_MAP, 5);
    reply_bulk_string(reply, "script");
    reply_bulk_string(reply, entry->name);
    reply_bulk_string(reply, "line");
    reply_integer(reply, entry->line);
    reply_bulk_string(reply, "command");
    reply_open(reply, REPLY_ARRAY, (size_t)entry->argc);
    for (int i = 0; i < entry->argc; i++)
        reply_bulk(reply, entry->argv[i]);
    reply_close(reply);
    reply_bulk_string(reply, "reply");
    reply_bulk(reply, buffer_bytes(&entry->reply));
    reply_bulk_string(reply, "changed");
    reply_open(reply, REPLY_ARRAY, list_count(&entry->changed));
    struct list_node *node = list_first(&entry->changed);
    for (; node; node = list_next(node)) {
        const struct script_trace_key *key = LIST_ENTRY(node, struct script_trace_key, node);
        reply_bulk(reply, bytes_of(key->data, key->size));
    }
    reply_close(reply);
    reply_close(reply);
}

static void get(struct call *call)
{
    static const struct list none = {0};
    const struct list *entries = script_trace_entries(interpreter_for(call));
    int64_t count = SCRIPT_TRACE_LONGEST;
    if (call->argc == 4 || (call->argc == 5 && !call_is(call, 3, "COUNT"))) {
        call_syntax_error(call);
        return;
    }
    if (call->argc == 5 &&
        !call_integer_between(call, 4, 0, INT64_MAX, &count, ERROR_MOCK_TRACE_COUNT))
        return;
    if (!entries)
        entries = &none;
    size_t left_out =
        (uint64_t)count < list_count(entries) ? list_count(entries) - (size_t)count : 0;
    reply_open(call->reply, REPLY_ARRAY, list_count(entries) - left_out);
    struct list_node *node = list_first(entries);
    for (; node; node = list_next(node)) {
        if (left_out > 0)
            left_out--;
        else
            answer_entry(call->reply, LIST_ENTRY(node, struct script_trace_entry, node));
    }
    reply_close(call->reply);
}

void mock_trace(struct call *call)
{
    static const struct {
        const char *word;
        int most; /* argc */
        void (*run)(struct call *call);
    } options[] = {
        {"ON", 3, switch_on}, {"OFF", 3, switch_off}, {"GET", 5, get}, {"CLEAR", 3, clear}};
    if (!mock_is_allowed(call))
        return;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!call_is(call, 2, options[i].word))
            continue;
        if (call->argc > options[i].most)
            reply_error_format(call->reply, ERROR_MOCK_TRACE_ARITY, options[i].word);
        else
            options[i].run(call);
        return;
    }
    reply_error_format(call->reply, ERROR_MOCK_TRACE_OPTION, BYTES_PRINT(call->argv[2]));
}
