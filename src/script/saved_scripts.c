/* SPDX-License-Identifier: MIT */
#include "script/saved_scripts.h"

#include "base/check.h"
#include "base/memory.h"
#include "script/interpreter.h"
#include "script/interpreter_private.h"

struct saved_scripts {
    struct bytes *bodies; /* owned: one allocation for slices and bytes; NULL if none */
    size_t count;
    uint64_t random;
};

struct saved_scripts *saved_scripts_take(const struct interpreter *interpreter)
{
    struct saved_scripts *saved = memory_zeroed(sizeof *saved);
    size_t count = table_count(&interpreter->scripts);
    saved->random = interpreter->random;
    saved->count = count;
    if (count == 0)
        return saved;
    struct bytes *bodies = memory_allocate(count * sizeof *bodies);
    struct table_iterator iterator;
    table_iterator_begin(&iterator, (struct table *)&interpreter->scripts);
    const struct script *script;
    for (size_t i = 0; (script = table_iterator_next(&iterator)) != NULL; i++)
        bodies[i] = bytes_of(script->body, script->body_size);
    table_iterator_end(&iterator);
    saved->bodies = bytes_copy_all(bodies, (int)count, NULL);
    memory_free(bodies);
    return saved;
}

/* The usual case: no script came or went, and the compiled ones can stay. */
static bool is_same(const struct saved_scripts *saved, struct interpreter *interpreter)
{
    if (saved->count != table_count(&interpreter->scripts))
        return false;
    for (size_t i = 0; i < saved->count; i++)
        if (!table_find(&interpreter->bodies, saved->bodies[i]))
            return false;
    return true;
}

void saved_scripts_restore(const struct saved_scripts *saved, struct call *call)
{
    struct interpreter *interpreter = call->engine->interpreter;
    char sha[41];
    if (!is_same(saved, interpreter)) {
        interpreter_flush(interpreter);
        for (size_t i = 0; i < saved->count; i++)
            CHECK(interpreter_load(call, saved->bodies[i], sha));
    }
    interpreter->random = saved->random;
}

void saved_scripts_free(struct saved_scripts *saved)
{
    if (!saved)
        return;
    memory_free(saved->bodies);
    memory_free(saved);
}
