/* SPDX-License-Identifier: MIT */
#include "script/saved_scripts.h"

#include "base/check.h"
#include "base/memory.h"
#include "script/interpreter.h"
#include "script/interpreter_private.h"
#include "script/library.h"

struct saved_scripts {
    struct bytes *bodies; /* owned: one allocation for slices and bytes; NULL if none */
    size_t count;
    struct bytes *libraries; /* owned in the same way: their code */
    size_t library_count;
    uint64_t random;
};

static void take_libraries(struct saved_scripts *saved, const struct interpreter *interpreter)
{
    saved->library_count = library_count(interpreter);
    if (saved->library_count == 0)
        return;
    struct bytes *codes = memory_allocate(saved->library_count * sizeof *codes);
    const struct library *library = library_first(interpreter);
    for (size_t i = 0; library; library = library_next(library))
        codes[i++] = library_code(library);
    saved->libraries = bytes_copy_all(codes, (int)saved->library_count, NULL);
    memory_free(codes);
}

struct saved_scripts *saved_scripts_take(const struct interpreter *interpreter)
{
    struct saved_scripts *saved = memory_zeroed(sizeof *saved);
    size_t count = table_count(&interpreter->scripts);
    saved->random = *interpreter->random;
    take_libraries(saved, interpreter);
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

static bool has_same_libraries(const struct saved_scripts *saved,
                               const struct interpreter *interpreter)
{
    if (saved->library_count != library_count(interpreter))
        return false;
    const struct library *library = library_first(interpreter);
    for (size_t i = 0; library; library = library_next(library))
        if (!bytes_equal(library_code(library), saved->libraries[i++]))
            return false;
    return true;
}

/* A library that loaded once may fail to load again only if it takes too long: it is left out. */
static void restore_libraries(const struct saved_scripts *saved, struct interpreter *interpreter)
{
    if (has_same_libraries(saved, interpreter))
        return;
    library_flush(interpreter);
    for (size_t i = 0; i < saved->library_count; i++)
        library_load_kept(interpreter, saved->libraries[i], false, NULL);
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
    restore_libraries(saved, interpreter);
    *interpreter->random = saved->random;
}

void saved_scripts_free(struct saved_scripts *saved)
{
    if (!saved)
        return;
    memory_free(saved->bodies);
    memory_free(saved->libraries);
    memory_free(saved);
}
