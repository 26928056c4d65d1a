/* SPDX-License-Identifier: MIT */
/*
 * Keys are found by the commands' key specifications, as COMMAND GETKEYS finds them. A failure
 * stays until the run ends: a script may catch the error with pcall, but not carry on.
 */
#include "script/script_checks.h"

#include <stdarg.h>
#include <string.h>

#include "base/hash_slot.h"
#include "base/memory.h"
#include "reply/errors.h"
#include "script/hooks.h"
#include "script/interpreter_private.h"
#include "script/script_errors.h"

#define SHOWN_BYTES 128 /* of a key, in a message */

enum mode { MODE_OFF, MODE_WARN, MODE_ERROR }; /* the directive's words */

/* In quotes, terminated. */
static char *shown(struct buffer *out, struct bytes key)
{
    bool is_long = key.size > SHOWN_BYTES;
    buffer_append_quoted(out, bytes_of(key.data, is_long ? SHOWN_BYTES : key.size));
    if (is_long)
        buffer_append_string(out, "...");
    buffer_append_byte(out, '\0');
    return out->data;
}

/* Counts, and logs or remembers as the failure. `L` is where the script is, or NULL. False: the run
 * has to end. */
static bool report(struct interpreter *interpreter, lua_State *L, enum script_check check,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));
static bool report(struct interpreter *interpreter, lua_State *L, enum script_check check,
                   const char *format, ...)
{
    struct script_checks *checks = &interpreter->checks;
    struct buffer text = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_append_arguments(&text, format, arguments);
    va_end(arguments);
    buffer_append_format(&text, " script: %s", interpreter->run->name);
    int line = L ? script_errors_line(L) : 0;
    if (line)
        buffer_append_format(&text, ", on @user_%s:%d.",
                             interpreter->run->script ? "script" : "function", line);
    buffer_append_byte(&text, '\0');
    interpreter->engine->stats.script_checks[check]++;
    if (!checks->is_strict) {
        engine_log(interpreter->engine, 3, "%s", text.data + strlen("ERR "));
        buffer_clear(&text);
    } else if (checks->failure.size) {
        buffer_clear(&text); /* the first one counts */
    } else {
        checks->failure = text;
    }
    return !checks->is_strict;
}

static bool is_declared(const struct script_run *run, struct bytes key)
{
    for (int i = 0; i < run->key_count; i++)
        if (bytes_equal(run->keys[i], key))
            return true;
    return false;
}

static bool check_declared(struct interpreter *interpreter, const struct call *call,
                           struct bytes key)
{
    if (is_declared(interpreter->run, key))
        return true;
    struct buffer text = {0};
    bool may_go_on = report(interpreter, interpreter->reply.L, SCRIPT_CHECK_UNDECLARED_KEY,
                            ERROR_CHECK_UNDECLARED_KEY, call->state->name, shown(&text, key));
    buffer_clear(&text);
    return may_go_on;
}

/* `format` takes the command, the key and its slot, the first key and its slot. */
static bool check_slot(struct interpreter *interpreter, lua_State *L, const char *command,
                       struct bytes key, bool is_declaration)
{
    struct script_checks *checks = &interpreter->checks;
    if (interpreter->run->flags & SCRIPT_ALLOW_CROSS_SLOT_KEYS)
        return true;
    int slot = hash_slot_of(key);
    if (!checks->key.data) {
        checks->slot = slot;
        buffer_reserve(&checks->key, key.size + 1);
        buffer_append_bytes(&checks->key, key);
        return true;
    }
    if (slot == checks->slot)
        return true;
    struct buffer text = {0}, first = {0};
    shown(&text, key);
    shown(&first, buffer_bytes(&checks->key));
    bool may_go_on =
        is_declaration
            ? report(interpreter, L, SCRIPT_CHECK_CROSS_SLOT, ERROR_CHECK_DECLARED_CROSS_SLOT,
                     command, text.data, slot, first.data, checks->slot)
            : report(interpreter, L, SCRIPT_CHECK_CROSS_SLOT, ERROR_CHECK_CROSS_SLOT, command,
                     text.data, slot, first.data, checks->slot);
    buffer_clear(&text);
    buffer_clear(&first);
    return may_go_on;
}

static bool check_randomness(struct interpreter *interpreter, const struct call *call,
                             struct bytes key)
{
    struct script_checks *checks = &interpreter->checks;
    const struct command *command = call->command;
    if (!checks->replicates_scripts)
        return true;
    bool may_go_on = true;
    if (command->flags & COMMAND_WRITE && checks->random_read) {
        struct buffer text = {0};
        may_go_on = report(interpreter, interpreter->reply.L, SCRIPT_CHECK_RANDOM_WRITE,
                           ERROR_CHECK_RANDOM_WRITE, call->state->name, shown(&text, key),
                           checks->random_read);
        buffer_clear(&text);
    }
    if (command_is_random(command))
        checks->random_read = call->state->name;
    return may_go_on;
}

static bool check_call(struct interpreter *interpreter, const struct call *call)
{
    struct key_references found;
    bool may_go_on = true;
    if (!command_find_keys(call->command, call->argv, call->argc, &found))
        found = (struct key_references){0}; /* the command will find the error itself */
    for (size_t i = 0; i < found.count; i++) {
        struct bytes key = call->argv[found.keys[i].position];
        may_go_on &= check_declared(interpreter, call, key);
        may_go_on &= check_slot(interpreter, interpreter->reply.L, call->state->name, key, false);
    }
    struct bytes first = found.count ? call->argv[found.keys[0].position] : bytes_of("", 0);
    may_go_on &= check_randomness(interpreter, call, first);
    memory_free(found.keys);
    return may_go_on;
}

static bool before(void *context, struct call *call)
{
    struct interpreter *interpreter = context;
    if (call->session != interpreter->session || check_call(interpreter, call))
        return true;
    reply_error(call->reply, script_checks_failure(interpreter));
    return false;
}

static bool check_declarations(struct interpreter *interpreter)
{
    const struct script_run *run = interpreter->run;
    bool is_right = true;
    for (int i = 0; i < run->key_count && is_right; i++)
        is_right = check_slot(interpreter, NULL, run->call->state->name, run->keys[i], true);
    return is_right;
}

bool script_checks_begin(struct interpreter *interpreter)
{
    struct script_checks *checks = &interpreter->checks;
    int64_t mode = config_integer(interpreter->engine->config, CONFIG_SCRIPT_CHECKS);
    if (mode == MODE_OFF)
        return true;
    checks->is_on = true;
    checks->is_strict = mode == MODE_ERROR;
    struct dispatch_script_options *options = &interpreter->run->options;
    checks->replicates_scripts = options->refuses_random_writes;
    options->refuses_random_writes = false; /* from here on the check says so */
    if (!check_declarations(interpreter)) {
        reply_error(interpreter->run->call->reply, script_checks_failure(interpreter));
        script_checks_end(interpreter);
        return false;
    }
    checks->observer = (struct observer){.context = interpreter, .before = before};
    observer_add(interpreter->engine, &checks->observer);
    return true;
}

void script_checks_end(struct interpreter *interpreter)
{
    struct script_checks *checks = &interpreter->checks;
    if (!checks->is_on)
        return;
    observer_remove(interpreter->engine, &checks->observer);
    buffer_clear(&checks->key);
    buffer_clear(&checks->failure);
    *checks = (struct script_checks){0};
}

const char *script_checks_failure(const struct interpreter *interpreter)
{
    return interpreter->checks.failure.size ? interpreter->checks.failure.data : NULL;
}

void script_checks_note_assignment(lua_State *L)
{
    struct interpreter *interpreter = interpreter_of(L);
    if (!interpreter->checks.is_on || !lua_rawequal(L, 1, LUA_GLOBALSINDEX))
        return;
    struct bytes name = BYTES_LITERAL("_G");
    if (lua_type(L, 2) == LUA_TSTRING)
        name.data = lua_tolstring(L, 2, &name.size);
    struct buffer text = {0};
    bool may_go_on = report(interpreter, L, SCRIPT_CHECK_GLOBAL, ERROR_CHECK_GLOBAL,
                            interpreter->run->call->state->name, shown(&text, name));
    buffer_clear(&text);
    if (!may_go_on)
        hooks_fail_run(L, script_checks_failure(interpreter));
}
