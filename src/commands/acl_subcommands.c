/* SPDX-License-Identifier: MIT */
/* ACL: the users, and what may be asked of them. What rules mean stands in engine/acl_rules.c. */
#include "engine/acl.h"

#include "commands/acl_subcommands.h"
#include "commands/help_lines.h"
#include "engine/acl_check.h"
#include "engine/acl_file.h"
#include "engine/acl_rules.h"
#include "engine/acl_text.h"
#include "engine/call.h"
#include "engine/dispatch.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "reply/errors.h"

#define GENPASS_MOST 4096 /* bits */

static void redact_from(struct call *call, int index)
{
    for (; index < call->argc; index++)
        call_redact(call, index);
}

/* --- changing users --- */

void acl_subcommands_setuser(struct call *call)
{
    struct buffer error = {0};
    redact_from(call, 2);
    if (acl_rules_has_blanks(call->argv[2]))
        reply_error(call->reply, ERROR_ACL_USER_NAME);
    else if (acl_set_user(call->engine, call->argv[2], call->argv + 3, call->argc - 3, &error))
        reply_ok(call->reply);
    else
        reply_error_bytes(call->reply, buffer_bytes(&error));
    buffer_clear(&error);
}

void acl_subcommands_deluser(struct call *call)
{
    int64_t deleted = 0;
    redact_from(call, 2);
    for (int i = 2; i < call->argc; i++) {
        if (bytes_equal_string(call->argv[i], "default")) {
            reply_error(call->reply, ERROR_ACL_DEFAULT_USER);
            return;
        }
    }
    for (int i = 2; i < call->argc; i++)
        deleted += acl_delete(call->engine, call->argv[i]);
    reply_integer(call->reply, deleted);
}

/* --- showing users --- */

/* A text that `append` has written. */
static void reply_text(struct call *call, const struct acl_selector *selector,
                       void (*append)(const struct acl_selector *selector, struct buffer *out))
{
    struct buffer text = {0};
    append(selector, &text);
    reply_bulk(call->reply, buffer_bytes(&text));
    buffer_clear(&text);
}

static void reply_patterns(struct call *call, const struct acl_texts *patterns, bool is_all)
{
    reply_open(call->reply, REPLY_ARRAY, is_all ? 1 : patterns->count);
    if (is_all)
        reply_bulk_string(call->reply, "*");
    for (size_t i = 0; !is_all && i < patterns->count; i++)
        reply_bulk_string(call->reply, patterns->items[i].text);
    reply_close(call->reply);
}

/* Commands, keys and channels: texts, but lists before 7.0. */
static void reply_selector(struct call *call, const struct acl_selector *selector)
{
    struct buffer commands = {0};
    acl_text_append_commands(call->engine, selector, &commands);
    reply_bulk_string(call->reply, "commands");
    reply_bulk(call->reply, buffer_bytes(&commands));
    buffer_clear(&commands);
    if (call_emulates(call, 7, 0)) {
        reply_bulk_string(call->reply, "keys");
        reply_text(call, selector, acl_text_append_keys);
        reply_bulk_string(call->reply, "channels");
        reply_text(call, selector, acl_text_append_channels);
        return;
    }
    reply_bulk_string(call->reply, "keys");
    reply_patterns(call, &selector->keys, selector->flags & ACL_ALL_KEYS);
    reply_bulk_string(call->reply, "channels");
    reply_patterns(call, &selector->channels, selector->flags & ACL_ALL_CHANNELS);
}

static void reply_flags(struct call *call, const struct acl_user *user)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } everything[] = {{ACL_ALL_KEYS, "allkeys"},
                      {ACL_ALL_CHANNELS, "allchannels"},
                      {ACL_ALL_COMMANDS, "allcommands"}};
    const char *flag;
    reply_open(call->reply, REPLY_SET, REPLY_UNSIZED);
    for (size_t i = 0; (flag = acl_text_flag(user, i)) != NULL; i++) {
        if (*flag)
            reply_bulk_string(call->reply, flag);
        for (size_t j = 0; i == 0 && j < 3 && !call_emulates(call, 7, 0); j++)
            if (user->selectors[0].flags & everything[j].flag)
                reply_bulk_string(call->reply, everything[j].name);
    }
    reply_close(call->reply);
}

void acl_subcommands_getuser(struct call *call)
{
    const struct acl_user *user = acl_find(call->engine, call->argv[2]);
    bool has_selectors = call_emulates(call, 7, 0);
    if (!user) {
        reply_null(call->reply);
        return;
    }
    reply_open(call->reply, REPLY_MAP, has_selectors ? 6 : 5);
    reply_bulk_string(call->reply, "flags");
    reply_flags(call, user);
    reply_bulk_string(call->reply, "passwords");
    reply_open(call->reply, REPLY_ARRAY, user->passwords.count);
    for (size_t i = 0; i < user->passwords.count; i++)
        reply_bulk_string(call->reply, user->passwords.items[i].text);
    reply_close(call->reply);
    reply_selector(call, &user->selectors[0]);
    if (has_selectors) {
        reply_bulk_string(call->reply, "selectors");
        reply_open(call->reply, REPLY_ARRAY, user->selector_count - 1);
        for (size_t i = 1; i < user->selector_count; i++) {
            reply_open(call->reply, REPLY_MAP, 3);
            reply_selector(call, &user->selectors[i]);
            reply_close(call->reply);
        }
        reply_close(call->reply);
    }
    reply_close(call->reply);
}

void acl_subcommands_list(struct call *call)
{
    const struct acl_user *user;
    reply_open(call->reply, REPLY_ARRAY, call->engine->acl.users.count);
    for (size_t i = 0; (user = acl_at(call->engine, i)) != NULL; i++) {
        struct buffer line = {0};
        buffer_append_format(&line, "user %s ", user->name);
        acl_text_append_user(call->engine, user, &line);
        reply_bulk(call->reply, buffer_bytes(&line));
        buffer_clear(&line);
    }
    reply_close(call->reply);
}

void acl_subcommands_users(struct call *call)
{
    const struct acl_user *user;
    reply_open(call->reply, REPLY_ARRAY, call->engine->acl.users.count);
    for (size_t i = 0; (user = acl_at(call->engine, i)) != NULL; i++)
        reply_bulk(call->reply, acl_user_name(user));
    reply_close(call->reply);
}

void acl_subcommands_whoami(struct call *call)
{
    reply_bulk(call->reply, acl_user_name(call->session->user));
}

/* --- asking --- */

static void list_commands(struct call *call, const struct command_state *state, uint32_t category)
{
    if (state->flags & COMMAND_OURS)
        return;
    if (state->categories & category)
        reply_bulk_string(call->reply, state->name);
    for (size_t i = 0; i < state->subcommand_count; i++)
        list_commands(call, &state->subcommands[i], category);
}

static void reply_category(struct call *call, uint32_t category)
{
    struct table_iterator iterator;
    const struct command_state *state;
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    table_iterator_begin(&iterator, &call->engine->commands);
    while ((state = table_iterator_next(&iterator)) != NULL)
        list_commands(call, state, category);
    table_iterator_end(&iterator);
    reply_close(call->reply);
}

#define SHOWN_BYTES 128 /* of a category that there is not */

static int shown_size(struct bytes text)
{
    return (int)(text.size < SHOWN_BYTES ? text.size : SHOWN_BYTES);
}

void acl_subcommands_cat(struct call *call)
{
    const char *name;
    if (call->argc > 3) {
        reply_error_format(call->reply, ERROR_SUBCOMMAND_OR_ARITY, BYTES_PRINT(call->argv[1]),
                           "ACL");
    } else if (call->argc == 3) {
        uint32_t category = command_category_find(call->argv[2]);
        if (category)
            reply_category(call, category);
        else
            reply_error_format(call->reply, ERROR_ACL_CATEGORY, shown_size(call->argv[2]),
                               call->argv[2].data);
    } else {
        reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
        for (size_t i = 0; (name = command_category_name(i)) != NULL; i++)
            reply_bulk_string(call->reply, name);
        reply_close(call->reply);
    }
}

static void reply_verdict(struct call *call, const struct acl_user *user,
                          const struct command_state *state, enum acl_verdict verdict, int position)
{
    struct buffer text = {0};
    if (call_emulates(call, 7, 2))
        buffer_append_format(&text, "User %s", user->name);
    else
        buffer_append_string(&text, "This user");
    if (verdict == ACL_DENIED_COMMAND)
        buffer_append_format(&text, " has no permissions to run the '%s' command", state->name);
    else
        buffer_append_format(&text, " has no permissions to access the '%.*s' %s",
                             BYTES_PRINT(call->argv[3 + position]),
                             verdict == ACL_DENIED_KEY ? "key" : "channel");
    reply_bulk(call->reply, buffer_bytes(&text));
    buffer_clear(&text);
}

void acl_subcommands_dryrun(struct call *call)
{
    const struct bytes *argv = call->argv + 3;
    int argc = call->argc - 3;
    const struct acl_user *user = acl_find(call->engine, call->argv[2]);
    if (!user) {
        reply_error_format(call->reply, ERROR_ACL_NO_SUCH_USER, BYTES_PRINT(call->argv[2]));
        return;
    }
    const struct command_state *state =
        engine_find_command(call->engine, argv[0], argc > 1 ? &argv[1] : NULL);
    if (!state) {
        reply_error_format(call->reply, ERROR_ACL_NO_SUCH_COMMAND, BYTES_PRINT(argv[0]));
        return;
    }
    if (!dispatch_arity_is_right(state->command, argc)) {
        reply_error_format(call->reply, ERROR_ARITY, state->name);
        return;
    }
    int position;
    enum acl_verdict verdict = acl_check_call(user, state, argv, argc, &position);
    if (verdict == ACL_ALLOWED)
        reply_ok(call->reply);
    else
        reply_verdict(call, user, state, verdict, position);
}

void acl_subcommands_genpass(struct call *call)
{
    int64_t bits = 256;
    char digits[GENPASS_MOST / 4];
    if (call->argc > 3) {
        reply_error_format(call->reply, ERROR_SUBCOMMAND_OR_ARITY, BYTES_PRINT(call->argv[1]),
                           "ACL");
        return;
    }
    if (call->argc == 3 && !call_integer(call, 2, &bits, NULL))
        return;
    if (bits <= 0 || bits > GENPASS_MOST) {
        reply_error(call->reply, ERROR_ACL_GENPASS);
        return;
    }
    size_t size = (size_t)(bits + 3) / 4;
    random_hex(&call->engine->random, digits, size);
    reply_bulk(call->reply, bytes_of(digits, size));
}

/* --- files --- */

static bool has_file(struct call *call)
{
    if (*config_string(call->engine->config, CONFIG_ACLFILE))
        return true;
    reply_error(call->reply, ERROR_ACL_NO_FILE);
    return false;
}

void acl_subcommands_load(struct call *call)
{
    struct buffer error = {0};
    if (!has_file(call))
        return;
    buffer_append_string(&error, "ERR ");
    if (acl_file_load(call->engine, &error))
        reply_ok(call->reply);
    else
        reply_error_bytes(call->reply, buffer_bytes(&error));
    buffer_clear(&error);
}

void acl_subcommands_save(struct call *call)
{
    if (!has_file(call))
        return;
    if (acl_file_save(call->engine))
        reply_ok(call->reply);
    else
        reply_error(call->reply, ERROR_ACL_SAVE);
}

/* --- the log --- */

static void reply_entry(struct call *call, const struct acl_log_entry *entry)
{
    static const char *const reasons[] = {"", "command", "key", "auth", "channel"};
    static const char *const contexts[] = {"toplevel", "multi", "lua"};
    struct reply *reply = call->reply;
    bool has_ids = call_emulates(call, 7, 2);
    reply_open(reply, REPLY_MAP, has_ids ? 10 : 7);
    reply_bulk_string(reply, "count");
    reply_integer(reply, (int64_t)entry->count);
    reply_bulk_string(reply, "reason");
    reply_bulk_string(reply, reasons[entry->reason]);
    reply_bulk_string(reply, "context");
    reply_bulk_string(reply, contexts[entry->context]);
    reply_bulk_string(reply, "object");
    reply_bulk(reply, bytes_of(entry->object, entry->object_size));
    reply_bulk_string(reply, "username");
    reply_bulk(reply, bytes_of(entry->user, entry->user_size));
    reply_bulk_string(reply, "age-seconds");
    reply_real(reply, (double)(call->now_ms - entry->updated_ms) / 1000);
    reply_bulk_string(reply, "client-info");
    reply_bulk_string(reply, entry->client);
    if (has_ids) {
        reply_bulk_string(reply, "entry-id");
        reply_integer(reply, (int64_t)entry->id);
        reply_bulk_string(reply, "timestamp-created");
        reply_integer(reply, entry->created_ms);
        reply_bulk_string(reply, "timestamp-last-updated");
        reply_integer(reply, entry->updated_ms);
    }
    reply_close(reply);
}

void acl_subcommands_log(struct call *call)
{
    struct acl_log *log = &call->engine->acl.log;
    int64_t limit = 10;
    if (call->argc > 3) {
        reply_error_format(call->reply, ERROR_SUBCOMMAND_OR_ARITY, BYTES_PRINT(call->argv[1]),
                           "ACL");
        return;
    }
    if (call->argc == 3 && call_is(call, 2, "RESET")) {
        acl_log_clear(log);
        reply_ok(call->reply);
        return;
    }
    if (call->argc == 3 && !call_integer(call, 2, &limit, NULL))
        return;
    size_t count = list_count(&log->entries);
    if (limit < 0)
        limit = 0;
    if ((uint64_t)limit < count)
        count = (size_t)limit;
    reply_open(call->reply, REPLY_ARRAY, count);
    struct list_node *node = list_first(&log->entries);
    for (; count > 0; count--, node = list_next(node))
        reply_entry(call, LIST_ENTRY(node, struct acl_log_entry, node));
    reply_close(call->reply);
}

void acl_subcommands_help(struct call *call)
{
    static const char *const lines[] = {
        "ACL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CAT [<category>]",
        "    The categories of commands, or the commands of one.",
        "DELUSER <username> [<username> ...]",
        "    Deletes users and closes their connections.",
        "DRYRUN <username> <command> [<arg> ...]",
        "    Tells whether the user may run the command, without running it.",
        "GETUSER <username>",
        "    All there is to know of a user.",
        "GENPASS [<bits>]",
        "    A random password in hexadecimal digits, of 256 bits unless told otherwise.",
        "LIST",
        "    All users with their rules, as an ACL file has them.",
        "LOAD",
        "    Reads the ACL file again.",
        "LOG [<count> | RESET]",
        "    What was refused lately; RESET forgets it.",
        "SAVE",
        "    Writes the users to the ACL file.",
        "SETUSER <username> <attribute> [<attribute> ...]",
        "    Makes or changes a user.",
        "USERS",
        "    The names of all users.",
        "WHOAMI",
        "    The user of this connection.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}
