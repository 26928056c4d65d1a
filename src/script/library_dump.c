/* SPDX-License-Identifier: MIT */
/* What is restored gets a shelf of its own first, and is moved when nothing can fail any more. */
#include "script/library_dump.h"

#include "dump/dump.h"
#include "dump/rdb_format.h"
#include "dump/rdb_reader.h"
#include "dump/rdb_writer.h"
#include "reply/errors.h"
#include "script/interpreter_private.h"
#include "script/library_private.h"

/* Opcode and code of each library. */
static void append_libraries(const struct interpreter *interpreter, struct buffer *out,
                             int rdb_version, bool compresses)
{
    struct rdb_writer writer = {.out = out, .version = rdb_version, .compresses = compresses};
    const struct library *library = library_first(interpreter);
    for (; library; library = library_next(library)) {
        rdb_write_byte(&writer, RDB_OPCODE_FUNCTION);
        rdb_write_string(&writer, library->code);
    }
}

void library_dump(const struct interpreter *interpreter, struct buffer *out, int rdb_version,
                  bool compresses)
{
    size_t start = out->size;
    append_libraries(interpreter, out, rdb_version, compresses);
    dump_seal(out, start, rdb_version);
}

/* A string, appended to `code`. */
static bool read_text(struct rdb_reader *reader, struct buffer *code)
{
    struct buffer scratch = {0};
    struct bytes text;
    bool is_read = rdb_read_string(reader, &text, &scratch);
    if (is_read)
        buffer_append_bytes(code, text);
    buffer_clear(&scratch);
    return is_read;
}

/* The form that release candidates of 7.0 wrote, and 7.0 still reads: the first line as separate
 * fields. It becomes code as of now. NULL, or what is wrong. */
static const char *read_early_form(struct rdb_reader *reader, struct buffer *code)
{
    struct buffer name = {0}, description = {0};
    const char *error = NULL;
    uint64_t has_description = 0;
    buffer_append_string(code, "#!");
    if (!read_text(reader, &name))
        error = ERROR_FUNCTION_PAYLOAD_NAME;
    else if (!read_text(reader, code))
        error = ERROR_FUNCTION_PAYLOAD_ENGINE;
    else if (!rdb_read_length(reader, &has_description))
        error = ERROR_FUNCTION_PAYLOAD_INDICATOR;
    else if (has_description && !read_text(reader, &description))
        error = ERROR_FUNCTION_PAYLOAD_DESCRIPTION;
    buffer_append_string(code, " name=");
    buffer_append_bytes(code, buffer_bytes(&name));
    buffer_append_byte(code, '\n');
    if (!error && !read_text(reader, code))
        error = ERROR_FUNCTION_PAYLOAD_BLOB;
    buffer_clear(&name);
    buffer_clear(&description);
    return error;
}

static const char *read_code_of(struct rdb_reader *reader, uint8_t opcode, bool takes_early_form,
                                struct buffer *code)
{
    if (opcode == RDB_OPCODE_FUNCTION)
        return read_text(reader, code) ? NULL : ERROR_FUNCTION_PAYLOAD;
    if (opcode == RDB_OPCODE_FUNCTION_EARLY && takes_early_form)
        return read_early_form(reader, code);
    return ERROR_FUNCTION_PAYLOAD_TYPE;
}

static const char *read_code(struct rdb_reader *reader, bool takes_early_form, struct buffer *code)
{
    uint8_t opcode;
    if (!rdb_read_byte(reader, &opcode))
        return ERROR_FUNCTION_PAYLOAD_TYPE;
    return read_code_of(reader, opcode, takes_early_form, code);
}

/* False: the error was answered. */
static bool read_library(struct rdb_reader *reader, struct interpreter *functions,
                         struct library_shelf *shelf, struct reply *reply)
{
    struct buffer code = {0};
    bool is_loaded = false;
    const char *error = read_code(reader, !engine_emulates(functions->engine, 7, 2), &code);
    if (error)
        reply_error(reply, error);
    else
        is_loaded = library_load_onto(functions, shelf, buffer_bytes(&code), false, reply);
    buffer_clear(&code);
    return is_loaded;
}

/* The library on the other shelf that `library` is to replace; NULL: none. */
static struct library *find_namesake(struct library_shelf *shelf, const struct library *library)
{
    return library_shelf_find(shelf, library->name);
}

/* Whether a function of `library` would clash with one of a library that stays. */
static bool has_clash(struct library_shelf *shelf, struct library_shelf *restored,
                      const struct library *library, struct reply *reply)
{
    for (size_t i = 0; i < library->function_count; i++) {
        struct bytes name = library->functions[i]->name;
        const struct library_function *other = library_shelf_find_function(shelf, name);
        if (other && !find_namesake(restored, other->library)) {
            reply_error_format(reply, ERROR_FUNCTION_EXISTS, BYTES_PRINT(name));
            return true;
        }
    }
    return false;
}

/* Whether what was restored can join the others. False: the error was answered. */
static bool may_join(struct library_shelf *shelf, struct library_shelf *restored, bool replaces,
                     struct reply *reply)
{
    struct list_node *node = list_first(&restored->libraries);
    for (; node && !replaces; node = list_next(node)) {
        const struct library *library = LIST_ENTRY(node, struct library, node);
        if (find_namesake(shelf, library)) {
            reply_error_format(reply, ERROR_LIBRARY_IS_THERE, BYTES_PRINT(library->name));
            return false;
        }
    }
    for (node = list_first(&restored->libraries); node; node = list_next(node))
        if (has_clash(shelf, restored, LIST_ENTRY(node, struct library, node), reply))
            return false;
    return true;
}

static void drop(struct interpreter *functions, struct library_shelf *shelf,
                 struct library *library)
{
    if (!library)
        return;
    library_shelf_remove(shelf, library);
    library_free(functions, library);
}

static void join(struct interpreter *functions, struct library_shelf *restored)
{
    struct list_node *node;
    for (node = list_first(&restored->libraries); node; node = list_next(node))
        drop(functions, functions->shelf,
             find_namesake(functions->shelf, LIST_ENTRY(node, struct library, node)));
    while ((node = list_first(&restored->libraries))) {
        struct library *library = LIST_ENTRY(node, struct library, node);
        library_shelf_remove(restored, library);
        library_shelf_add(functions->shelf, library);
    }
}

bool library_dump_restore(struct interpreter *interpreter, struct bytes payload, int rdb_version,
                          enum library_dump_policy policy, struct reply *reply)
{
    struct interpreter *functions = interpreter->functions;
    if (!dump_verify(payload, rdb_version)) {
        reply_error(reply, ERROR_RESTORE_PAYLOAD);
        return false;
    }
    struct library_shelf *restored = library_shelf_new(functions->shelf->names.seed);
    /* As in Redis, a last string that claims to be longer takes of the footer. */
    struct rdb_reader reader = {.input = payload};
    size_t size = dump_body(payload).size;
    bool is_right = true;
    while (is_right && reader.position < size)
        is_right = read_library(&reader, functions, restored, reply);
    if (policy != LIBRARY_DUMP_FLUSH)
        is_right =
            is_right && may_join(functions->shelf, restored, policy == LIBRARY_DUMP_REPLACE, reply);
    else if (is_right)
        library_shelf_clear(functions, functions->shelf);
    if (is_right)
        join(functions, restored);
    library_shelf_clear(functions, restored);
    library_shelf_free(restored);
    return is_right;
}

/* --- in files --- */

static void append_to_file(const struct engine *engine, struct buffer *out, int rdb_version,
                           bool compresses)
{
    if (engine->interpreter)
        append_libraries(engine->interpreter, out, rdb_version, compresses);
}

/* What is in a file is one opcode further than in a payload. */
static bool read_from_file(struct engine *engine, uint8_t opcode, struct rdb_reader *reader,
                           bool replaces, bool loads, struct buffer *problem)
{
    struct buffer code = {0};
    const char *error = read_code_of(reader, opcode, !engine_emulates(engine, 7, 2), &code);
    bool is_right = !error;
    if (error)
        buffer_append_string(problem, error);
    else if (loads)
        is_right = library_load_kept(engine->interpreter, buffer_bytes(&code), replaces, problem);
    buffer_clear(&code);
    return is_right;
}

static void visit(const struct engine *engine, void (*seen)(void *context, struct bytes code),
                  void *context)
{
    const struct library *library = engine->interpreter ? library_first(engine->interpreter) : NULL;
    for (; library; library = library_next(library))
        seen(context, library->code);
}

static void flush(struct engine *engine)
{
    if (engine->interpreter)
        library_flush(engine->interpreter);
}

const struct persistence_libraries library_dump_in_files = {append_to_file, read_from_file, visit,
                                                            flush};
