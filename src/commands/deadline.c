/* SPDX-License-Identifier: MIT */
#include "commands/deadline.h"

#include "engine/journal.h"
#include "reply/errors.h"

#define NAME_SIZE 32

void deadline_reply_error(struct call *call)
{
    char name[NAME_SIZE];
    size_t size = 0;
    for (const char *c = call->command->name; *c && size < NAME_SIZE - 1; c++)
        name[size++] = (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
    name[size] = '\0';
    reply_error_format(call->reply,
                       call_emulates(call, 7, 0) ? ERROR_EXPIRE_TIME : ERROR_EXPIRE_TIME_BEFORE_7,
                       name);
}

static bool to_deadline(struct call *call, enum deadline_form form, int64_t time,
                        int64_t *deadline_ms)
{
    bool is_seconds = form == DEADLINE_SECONDS || form == DEADLINE_UNIX_SECONDS;
    bool is_relative = form == DEADLINE_SECONDS || form == DEADLINE_MILLISECONDS;
    if (__builtin_mul_overflow(time, is_seconds ? 1000 : 1, &time) ||
        __builtin_add_overflow(time, is_relative ? call->now_ms : 0, &time)) {
        deadline_reply_error(call);
        return false;
    }
    *deadline_ms = time < KEYSPACE_NEVER ? time : KEYSPACE_NEVER - 1;
    return true;
}

bool deadline_parse(struct call *call, int index, enum deadline_form form, int64_t *deadline_ms)
{
    int64_t time;
    return call_integer(call, index, &time, NULL) && to_deadline(call, form, time, deadline_ms);
}

bool deadline_parse_positive(struct call *call, int index, enum deadline_form form,
                             int64_t *deadline_ms)
{
    int64_t time;
    if (!call_integer(call, index, &time, NULL))
        return false;
    if (time <= 0) {
        deadline_reply_error(call);
        return false;
    }
    return to_deadline(call, form, time, deadline_ms);
}

enum deadline_form deadline_form_of(struct bytes word)
{
    static const struct {
        const char *word;
        enum deadline_form form;
    } forms[] = {
        {"EX", DEADLINE_SECONDS},
        {"PX", DEADLINE_MILLISECONDS},
        {"EXAT", DEADLINE_UNIX_SECONDS},
        {"PXAT", DEADLINE_UNIX_MILLISECONDS},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (bytes_equal_ignoring_case(word, forms[i].word))
            return forms[i].form;
    return DEADLINE_NONE;
}

void deadline_apply(struct call *call, struct bytes key, struct entry *entry, int64_t deadline_ms)
{
    database_set_deadline(call->db, entry, deadline_ms);
    call_announce(call, ANNOUNCE_GENERIC, "expire", key);
}

void deadline_record(struct call *call, struct bytes name, int64_t deadline_ms)
{
    struct journal_number room;
    if (journal_wants(call))
        JOURNAL_REPLACE(call, name, call->argv[1], journal_format(&room, deadline_ms));
}

const struct command_argument deadline_condition_arguments[] = {
    {.name = "nx", .type = ARGUMENT_PURE_TOKEN, .token = "NX"},
    {.name = "xx", .type = ARGUMENT_PURE_TOKEN, .token = "XX"},
    {.name = "gt", .type = ARGUMENT_PURE_TOKEN, .token = "GT"},
    {.name = "lt", .type = ARGUMENT_PURE_TOKEN, .token = "LT"},
    {0},
};
