/* SPDX-License-Identifier: MIT */
#include "commands/help_lines.h"

#include "engine/engine.h"

/* Whether the line is about a subcommand that there is, but not in the emulated version. */
static bool is_hidden(const struct command_state *container, const char *line)
{
    struct bytes word = bytes_of(line, strcspn(line, " "));
    for (size_t i = 0; i < container->subcommand_count; i++)
        if (bytes_equal_string(word, container->subcommands[i].command->name))
            return false;
    for (const struct command *row = container->command->subcommands; row && row->name; row++)
        if (bytes_equal_string(word, row->name))
            return true;
    return false;
}

void help_lines_reply(struct call *call, const char *const *lines)
{
    bool is_left_out = false;
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    for (; *lines; lines++) {
        if (**lines != ' ')
            is_left_out = is_hidden(call->state->parent, *lines);
        if (!is_left_out)
            reply_simple(call->reply, *lines);
    }
    reply_close(call->reply);
}
