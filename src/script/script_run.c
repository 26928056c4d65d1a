/* SPDX-License-Identifier: MIT */
/*
 * Between runs the main state's stack holds exactly what enum interpreter_slot names.
 */
#include "script/script_run.h"

#include "base/check.h"
#include "engine/journal.h"
#include "reply/errors.h"
#include "script/debugger.h"
#include "script/hooks.h"
#include "script/interpreter_private.h"
#include "script/lua_to_reply.h"
#include "script/script_checks.h"
#include "script/script_errors.h"

bool script_run_read_keys(struct call *call, const char *error, int *key_count)
{
    int64_t count;
    struct bytes digits = call->argv[2];
    if (digits.size == 1 && *digits.data >= '0' && *digits.data <= '9')
        count = *digits.data - '0';
    else if (!call_integer(call, 2, &count, error))
        return false;
    if (count > call->argc - 3) {
        reply_error(call->reply, ERROR_SCRIPT_KEYS_TOO_MANY);
        return false;
    }
    if (count < 0) {
        reply_error(call->reply, ERROR_SCRIPT_KEYS_NEGATIVE);
        return false;
    }
    *key_count = (int)count;
    return true;
}

struct interpreter *script_run_current(const struct engine *engine)
{
    struct interpreter *interpreter = engine->interpreter;
    if (!interpreter || interpreter->run)
        return interpreter;
    return interpreter->functions->run ? interpreter->functions : NULL;
}

/* The session that the script's commands run in: new to them, but in the caller's database. */
static void prepare_session(struct interpreter *interpreter, const struct session *caller)
{
    struct interpreter *owner = interpreter->engine->interpreter;
    if (!owner->session)
        owner->session = session_new(interpreter->engine, NULL, NULL);
    struct session *session = owner->session;
    if (!interpreter->reply.reply.class)
        lua_reply_init(&interpreter->reply, session->writer.double_style, &interpreter->memory);
    interpreter->session = session;
    session->flags =
        SESSION_SCRIPT | SESSION_EXEMPT | SESSION_AUTHENTICATED |
        (caller->flags & (SESSION_NO_TOUCH | SESSION_ASKING | SESSION_READONLY | SESSION_OBEYED));
    session->db = caller->db;
    session_set_protocol(session, 2);
    acl_set_session_user(session, caller->user);
}

int script_run_enter(struct interpreter *interpreter, struct script_run *run, int argc)
{
    interpreter->run = run;
    debugger_attach(interpreter);
    run->began = run->call && run->call->began ? run->call->began : stopwatch_ticks();
    interpreter_begin_memory(interpreter);
    int status = lua_pcall(interpreter->L, argc, 1, SLOT_ERROR_HANDLER);
    lua_memory_end_run(&interpreter->memory);
    return status;
}

void script_run_leave(struct interpreter *interpreter, int status)
{
    CHECK(lua_gettop(interpreter->L) == SLOT_COUNT);
    script_checks_end(interpreter);
    debugger_detach(interpreter);
    interpreter->run = NULL;
    interpreter->engine->script = NULL;
    hooks_end_run(interpreter, status == LUA_ERRMEM);
}

void script_run_answer(struct interpreter *interpreter, struct script_run *run, int argc)
{
    prepare_session(interpreter, run->call->session);
    journal_skip(run->call); /* what the script changes is written, not the script */
    run->options.slot = run->call->session->slot;
    interpreter->run = run;
    interpreter->engine->script = run->name;
    if (!script_checks_begin(interpreter)) {
        lua_pop(interpreter->L, argc + 1);
        interpreter->run = NULL;
        interpreter->engine->script = NULL;
        return;
    }
    int status = script_run_enter(interpreter, run, argc);
    if (script_checks_failure(interpreter)) {
        reply_error(run->call->reply, script_checks_failure(interpreter));
        lua_pop(interpreter->L, 1);
    } else if (status == 0) {
        lua_to_reply(interpreter, interpreter->L, run->call->reply);
    } else {
        script_errors_answer(interpreter, run->call->reply);
        lua_pop(interpreter->L, 1);
    }
    script_run_leave(interpreter, status);
}
