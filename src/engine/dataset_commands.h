/* SPDX-License-Identifier: MIT */
/*
 * Keys as commands that make them again: for a text that people read (controls/dataset_text.h), and
 * for an append-only file.
 *
 *     struct dataset_commands commands = {.engine = engine, .emit = append_line, .context = text};
 *     dataset_commands_make(&commands, db, entry);      // RPUSH queue a b c; PEXPIREAT queue ...
 *     dataset_commands_clear(&commands);
 */
#ifndef UNDERSTUDY_ENGINE_DATASET_COMMANDS_H
#define UNDERSTUDY_ENGINE_DATASET_COMMANDS_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "keyspace/keyspace.h"

struct engine;

struct dataset_commands {
    const struct engine *engine; /* borrowed */
    /* The next command; its words are valid during the call. */
    void (*emit)(void *context, const struct bytes *words, int count);
    void *context;
    size_t elements; /* of a collection, in one command at most; 0: all */
    /* Its own. */
    struct buffer text; /* of the words of the command that is being made */
    struct buffer ends; /* of size_t: where each ends */
};

/* Members that have no order come in the order of their bytes, unless the value keeps another. */
void dataset_commands_make(struct dataset_commands *commands, const struct database *db,
                           const struct entry *entry);

void dataset_commands_clear(struct dataset_commands *commands);

#endif
