/* SPDX-License-Identifier: MIT */
/* MOCK CHECK, MOCK DUMP and MOCK SEEDFILE: data to compare with, to read, and to begin with. */
#include "base/memory.h"
#include "commands/mock.h"
#include "controls/controls.h"
#include "controls/dataset_text.h"
#include "controls/value_check.h"
#include "engine/engine.h"
#include "reply/errors.h"

void mock_dataset_check(struct call *call)
{
    struct buffer difference = {0};
    if (!mock_is_allowed(call))
        return;
    if (value_check(call->db, call->argv[2], call->argv + 3, (size_t)call->argc - 3, &difference))
        reply_ok(call->reply);
    else
        reply_error_format(call->reply, ERROR_MOCK_CHECK, BYTES_PRINT(buffer_bytes(&difference)));
    buffer_clear(&difference);
}

void mock_dataset_dump(struct call *call)
{
    struct buffer text = {0};
    if (!mock_is_allowed(call))
        return;
    if (call->argc > 3) {
        call_arity_error(call);
        return;
    }
    dataset_text_append(call->engine, call->argc == 3 ? call->argv[2] : BYTES_LITERAL(""), &text);
    reply_verbatim(call->reply, "txt", buffer_bytes(&text));
    buffer_clear(&text);
}

void mock_dataset_seed_file(struct call *call)
{
    struct buffer problem = {0};
    if (!mock_is_allowed(call))
        return;
    char *path = bytes_to_string(call->argv[2]);
    int64_t count = controls_load_seed(call->engine->controls, path, &problem);
    if (count >= 0)
        reply_integer(call->reply, count);
    else
        reply_error_format(call->reply, ERROR_MOCK_SEED_FILE, BYTES_PRINT(buffer_bytes(&problem)));
    buffer_clear(&problem);
    memory_free(path);
}
