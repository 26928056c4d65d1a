/* SPDX-License-Identifier: MIT */
/* The trace belongs to the engine's interpreter of scripts, whoever notes calls in it. */
#include "script/script_trace.h"

#include "base/memory.h"
#include "base/number.h"
#include "engine/observer.h"
#include "script/interpreter_private.h"
#include "script/script_errors.h"

#define LONGEST_ARGUMENT 4096               /* bytes that are kept of one */
#define LONGEST_REPLY    4096               /* bytes, about */
#define LARGEST_TRACE    ((size_t)64 << 20) /* bytes */
#define DEEPEST_REPLY    16                 /* tables within one another that are shown */

struct script_trace {
    struct observer observer; /* listed while it is on */
    struct list entries;
    size_t size; /* bytes of the entries */
    bool is_on;
    struct script_trace_entry *current; /* its command runs */
};

static struct interpreter *owner_of(const struct interpreter *interpreter)
{
    return interpreter->engine->interpreter;
}

/* --- entries --- */

static void free_entry(struct script_trace_entry *entry)
{
    while (!list_is_empty(&entry->changed)) {
        struct script_trace_key *key =
            LIST_ENTRY(list_first(&entry->changed), struct script_trace_key, node);
        list_remove(&entry->changed, &key->node);
        memory_free(key);
    }
    memory_free(entry->name);
    memory_free(entry->argv);
    buffer_clear(&entry->reply);
    memory_free(entry);
}

static void drop_oldest(struct script_trace *trace)
{
    struct script_trace_entry *entry =
        LIST_ENTRY(list_first(&trace->entries), struct script_trace_entry, node);
    list_remove(&trace->entries, &entry->node);
    trace->size -= entry->size;
    free_entry(entry);
}

static void keep_limits(struct script_trace *trace)
{
    while (list_count(&trace->entries) > SCRIPT_TRACE_LONGEST ||
           (trace->size > LARGEST_TRACE && list_count(&trace->entries) > 1))
        drop_oldest(trace);
}

static bool has_key(const struct script_trace_entry *entry, struct bytes name)
{
    struct list_node *node = list_first(&entry->changed);
    for (; node; node = list_next(node)) {
        const struct script_trace_key *key = LIST_ENTRY(node, struct script_trace_key, node);
        if (bytes_equal(bytes_of(key->data, key->size), name))
            return true;
    }
    return false;
}

static void note_key(void *context, const struct call *call, enum announce_class class,
                     const char *event, struct bytes name)
{
    struct script_trace_entry *entry = ((struct script_trace *)context)->current;
    (void)event;
    if (!entry || !(call->session->flags & SESSION_SCRIPT) ||
        class & (ANNOUNCE_KEY_MISS | ANNOUNCE_NEW) || has_key(entry, name))
        return;
    struct script_trace_key *key = memory_zeroed(sizeof *key + name.size);
    key->size = name.size;
    memcpy(key->data, name.size ? name.data : "", name.size);
    entry->size += sizeof *key + name.size;
    list_append(&entry->changed, &key->node);
}

/* --- the trace --- */

void script_trace_switch(struct interpreter *interpreter, bool is_on)
{
    struct script_trace *trace = interpreter->trace;
    if (!trace && !is_on)
        return;
    if (!trace) {
        trace = memory_zeroed(sizeof *trace);
        trace->observer = (struct observer){.context = trace, .announced = note_key};
        interpreter->trace = trace;
    }
    if (is_on && !trace->is_on)
        observer_add(interpreter->engine, &trace->observer);
    if (!is_on && trace->is_on)
        observer_remove(interpreter->engine, &trace->observer);
    trace->is_on = is_on;
}

void script_trace_clear(struct interpreter *interpreter)
{
    while (interpreter->trace && !list_is_empty(&interpreter->trace->entries))
        drop_oldest(interpreter->trace);
}

void script_trace_free(struct interpreter *interpreter)
{
    script_trace_switch(interpreter, false);
    script_trace_clear(interpreter);
    memory_free(interpreter->trace);
    interpreter->trace = NULL;
}

const struct list *script_trace_entries(const struct interpreter *interpreter)
{
    return interpreter->trace ? &interpreter->trace->entries : NULL;
}

/* --- a call --- */

/* A copy whose long arguments end in "... (N more bytes)". */
static struct bytes *copy_arguments(const struct bytes *argv, int argc, size_t *size)
{
    struct buffer text = {0};
    struct bytes *shown = memory_allocate((size_t)argc * sizeof *shown);
    for (int i = 0; i < argc; i++) {
        size_t kept = argv[i].size < LONGEST_ARGUMENT ? argv[i].size : LONGEST_ARGUMENT;
        shown[i].size = text.size; /* where it starts: the text may still move */
        buffer_append(&text, argv[i].data, kept);
        if (kept < argv[i].size)
            buffer_append_format(&text, "... (%zu more bytes)", argv[i].size - kept);
    }
    size_t end = text.size;
    for (int i = argc - 1; i >= 0; i--) {
        size_t start = shown[i].size;
        shown[i] = bytes_of(text.size ? text.data + start : "", end - start);
        end = start;
    }
    struct bytes *copy = bytes_copy_all(shown, argc, size);
    memory_free(shown);
    buffer_clear(&text);
    return copy;
}

struct script_trace_entry *script_trace_begin(struct interpreter *interpreter, lua_State *L,
                                              const struct bytes *argv, int argc)
{
    struct script_trace *trace = owner_of(interpreter)->trace;
    if (!trace || !trace->is_on)
        return NULL;
    struct script_trace_entry *entry = memory_zeroed(sizeof *entry);
    size_t size;
    entry->name = bytes_to_string(bytes_of_string(interpreter->run->name));
    entry->line = script_errors_line(L);
    entry->argv = copy_arguments(argv, argc, &size);
    entry->argc = argc;
    entry->size = sizeof *entry + size;
    trace->current = entry;
    return entry;
}

/* --- values --- */

struct view {
    struct buffer *out;
    lua_State *L;
    int protocol;
    int depth;
};

static void show(struct view *view, int index);

static bool is_full(const struct view *view)
{
    return view->out->size >= LONGEST_REPLY;
}

/* Pushes a field of the table at `index`; false, with nothing pushed, if it is of another type. */
static bool push_field(const struct view *view, int index, const char *name, int type)
{
    lua_pushstring(view->L, name);
    lua_rawget(view->L, index);
    if (lua_type(view->L, -1) == type)
        return true;
    lua_pop(view->L, 1);
    return false;
}

static struct bytes text_at(lua_State *L, int index)
{
    struct bytes text;
    text.data = lua_tolstring(L, index, &text.size);
    return text;
}

static void show_quoted(const struct view *view, struct bytes text)
{
    bool is_long = text.size > LONGEST_REPLY;
    buffer_append_quoted(view->out, bytes_of(text.data, is_long ? LONGEST_REPLY : text.size));
    if (is_long)
        buffer_append_format(view->out, "... (%zu more bytes)", text.size - LONGEST_REPLY);
}

static void show_number(const struct view *view, double value)
{
    char digits[NUMBER_DOUBLE_SIZE];
    bool is_whole = value > -0x1p53 && value < 0x1p53 && (double)(int64_t)value == value;
    size_t size = is_whole ? number_format_integer(digits, (int64_t)value)
                           : number_format_double(digits, value, NUMBER_DOUBLE_SHORTEST);
    buffer_append(view->out, digits, size);
}

/* The highest whole number among the keys: nulls leave holes. */
static int last_element(lua_State *L, int index)
{
    lua_Number last = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) > last)
            last = lua_tonumber(L, -1);
    }
    return (int)last;
}

static void show_array(struct view *view, int index)
{
    int count = last_element(view->L, index);
    buffer_append_byte(view->out, '[');
    for (int i = 1; i <= count && !is_full(view); i++) {
        if (i > 1)
            buffer_append_string(view->out, ", ");
        lua_rawgeti(view->L, index, i);
        show(view, lua_gettop(view->L));
        lua_pop(view->L, 1);
    }
    buffer_append_string(view->out, is_full(view) ? "...]" : "]");
}

/* Keys with their values, or of a set the keys alone. In no order of its own. */
static void show_pairs(struct view *view, int index, bool has_values)
{
    bool is_first = true;
    buffer_append_byte(view->out, '{');
    lua_pushnil(view->L);
    while (lua_next(view->L, index)) {
        if (!is_full(view)) {
            buffer_append_string(view->out, is_first ? "" : ", ");
            show(view, lua_gettop(view->L) - 1);
            if (has_values)
                buffer_append_string(view->out, ": ");
            if (has_values)
                show(view, lua_gettop(view->L));
        }
        is_first = false;
        lua_pop(view->L, 1);
    }
    buffer_append_string(view->out, is_full(view) ? "...}" : "}");
}

/* {ok=...}, {err=...} and what RESP3 has besides. False: it is an array. */
static bool show_special(struct view *view, int index)
{
    lua_State *L = view->L;
    if (push_field(view, index, "ok", LUA_TSTRING) || push_field(view, index, "err", LUA_TSTRING)) {
        bool is_ok = push_field(view, index, "ok", LUA_TSTRING);
        if (is_ok)
            lua_pop(L, 1);
        buffer_append_byte(view->out, is_ok ? '+' : '-');
        buffer_append_bytes(view->out, text_at(L, -1));
    } else if (push_field(view, index, "double", LUA_TNUMBER)) {
        show_number(view, lua_tonumber(L, -1));
    } else if (push_field(view, index, "map", LUA_TTABLE)) {
        show_pairs(view, lua_gettop(L), true);
    } else if (push_field(view, index, "set", LUA_TTABLE)) {
        show_pairs(view, lua_gettop(L), false);
    } else if (push_field(view, index, "big_number", LUA_TSTRING)) {
        buffer_append_bytes(view->out, text_at(L, -1));
    } else if (push_field(view, index, "verbatim_string", LUA_TTABLE)) {
        if (push_field(view, lua_gettop(L), "string", LUA_TSTRING)) {
            show_quoted(view, text_at(L, -1));
            lua_pop(L, 1);
        }
    } else {
        return false;
    }
    lua_pop(L, 1);
    return true;
}

static void show_table(struct view *view, int index)
{
    if (view->depth == DEEPEST_REPLY || !lua_checkstack(view->L, 8)) {
        buffer_append_string(view->out, "...");
        return;
    }
    view->depth++;
    if (!show_special(view, index))
        show_array(view, index);
    view->depth--;
}

static void show(struct view *view, int index)
{
    switch (lua_type(view->L, index)) {
    case LUA_TNUMBER:
        show_number(view, lua_tonumber(view->L, index));
        break;
    case LUA_TSTRING:
        show_quoted(view, text_at(view->L, index));
        break;
    case LUA_TTABLE:
        show_table(view, index);
        break;
    case LUA_TBOOLEAN: /* with RESP2 false is null */
        if (lua_toboolean(view->L, index))
            buffer_append_string(view->out, "true");
        else
            buffer_append_string(view->out, view->protocol == 2 ? "null" : "false");
        break;
    default:
        buffer_append_string(view->out, "null");
        break;
    }
}

/* --- the end of a call --- */

void script_trace_end(struct interpreter *interpreter, struct script_trace_entry *entry,
                      lua_State *L)
{
    struct script_trace *trace = owner_of(interpreter)->trace;
    trace->current = NULL;
    struct view view = {.out = &entry->reply, .L = L, .protocol = interpreter->reply.protocol};
    show(&view, lua_gettop(L));
    entry->size += entry->reply.capacity;
    list_append(&trace->entries, &entry->node);
    trace->size += entry->size;
    keep_limits(trace);
}
