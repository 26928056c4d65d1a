/* SPDX-License-Identifier: MIT */
#include "script/script_flags.h"

#include "engine/command.h"
#include "script/interpreter_private.h"
#include "script/library_private.h"
#include "script/shebang.h"

bool script_flags_need_memory(uint32_t script_flags)
{
    return !(script_flags & (SCRIPT_ALLOW_OOM | SCRIPT_NO_WRITES));
}

static uint32_t with_script(uint32_t flags, uint32_t script_flags)
{
    flags &= (uint32_t) ~(COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_MAY_REPLICATE | COMMAND_STALE);
    if (script_flags & SCRIPT_ALLOW_STALE)
        flags |= COMMAND_STALE;
    if (!(script_flags & SCRIPT_NO_WRITES))
        flags |= COMMAND_WRITE;
    if (script_flags_need_memory(script_flags))
        flags |= COMMAND_DENYOOM;
    return flags;
}

uint32_t script_flags_of_eval(const struct engine *engine, uint32_t flags, const struct bytes *argv,
                              int argc)
{
    (void)argc;
    uint32_t script_flags;
    size_t skipped;
    if (!engine_emulates(engine, 7, 0) || !shebang_parse(argv[1], NULL, &script_flags, &skipped))
        return flags;
    return script_flags & SCRIPT_HAS_SHEBANG ? with_script(flags, script_flags) : flags;
}

uint32_t script_flags_of_evalsha(const struct engine *engine, uint32_t flags,
                                 const struct bytes *argv, int argc)
{
    (void)argc;
    const struct script *script = interpreter_find(engine->interpreter, argv[1]);
    return script && script->flags & SCRIPT_HAS_SHEBANG ? with_script(flags, script->flags) : flags;
}

uint32_t script_flags_of_fcall(const struct engine *engine, uint32_t flags,
                               const struct bytes *argv, int argc)
{
    (void)argc;
    const struct interpreter *functions = engine->interpreter->functions;
    const struct library_function *function =
        library_shelf_find_function(functions->shelf, argv[1]);
    return function ? with_script(flags, function->flags) : flags;
}
