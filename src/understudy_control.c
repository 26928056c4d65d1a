/* SPDX-License-Identifier: MIT */
/* MOCK's subcommands as functions. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "resp/request_parser.h"
#include "understudy_private.h"

#define NUMBER_SIZE 32

/* "MOCK words" by that client; NULL: a quote is not closed, or the server has stopped. */
static struct understudy_reply *mock(struct understudy_client *client, const char *words)
{
    struct buffer line = {0};
    struct request request = {0};
    struct understudy_reply *reply = NULL;
    buffer_append_string(&line, "MOCK ");
    buffer_append_string(&line, words);
    if (request_split_line(buffer_bytes(&line), &request)) {
        const char **argv = memory_allocate((size_t)request.argc * sizeof *argv);
        size_t *sizes = memory_allocate((size_t)request.argc * sizeof *sizes);
        for (int i = 0; i < request.argc; i++) {
            argv[i] = request.argv[i].data;
            sizes[i] = request.argv[i].size;
        }
        reply = understudy_client_call(client, request.argc, argv, sizes);
        memory_free(argv);
        memory_free(sizes);
    }
    request_clear(&request);
    buffer_clear(&line);
    return reply;
}

struct understudy_reply *understudy_mock(struct understudy *server, const char *words)
{
    pthread_mutex_lock(&server->commanding);
    struct understudy_reply *reply = mock(understudy_client_own(server), words);
    pthread_mutex_unlock(&server->commanding);
    return reply;
}

/* Whether MOCK answered no error. */
static int judge(struct understudy_reply *reply, char *error)
{
    int is_done = reply && reply->type != UNDERSTUDY_ERROR;
    if (!is_done && error)
        snprintf(error, UNDERSTUDY_ERROR_SIZE, "%s",
                 reply ? reply->text : "the server has stopped, or a quote is not closed");
    understudy_reply_free(reply);
    return is_done;
}

/* "subcommand name rule", the name quoted as needed. */
static void append_words(struct buffer *words, const char *subcommand, const char *name,
                         const char *rule)
{
    buffer_append_string(words, subcommand);
    buffer_append_byte(words, ' ');
    buffer_append_quoted(words, bytes_of_string(name));
    buffer_append_byte(words, ' ');
    buffer_append_string(words, rule);
    buffer_append_byte(words, '\0');
}

static struct understudy_reply *mock_named(struct understudy *server, const char *subcommand,
                                           const char *name, const char *rule)
{
    struct buffer words = {0};
    append_words(&words, subcommand, name, rule);
    struct understudy_reply *reply = understudy_mock(server, words.data);
    buffer_clear(&words);
    return reply;
}

static int mock_number(struct understudy *server, const char *subcommand, long long number,
                       char *error)
{
    char digits[NUMBER_SIZE];
    snprintf(digits, sizeof digits, "%lld", number);
    return judge(mock_named(server, subcommand, digits, ""), error);
}

/* --- clock --- */

int understudy_clock_freeze(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(understudy_mock(server, "CLOCK FREEZE"), error);
}

int understudy_clock_set(struct understudy *server, long long ms_since_epoch,
                         char error[UNDERSTUDY_ERROR_SIZE])
{
    return mock_number(server, "CLOCK SET", ms_since_epoch, error);
}

int understudy_clock_advance(struct understudy *server, long long ms,
                             char error[UNDERSTUDY_ERROR_SIZE])
{
    return mock_number(server, "CLOCK ADVANCE", ms, error);
}

int understudy_clock_next(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(understudy_mock(server, "CLOCK NEXT"), error);
}

int understudy_clock_rate(struct understudy *server, double factor,
                          char error[UNDERSTUDY_ERROR_SIZE])
{
    char words[64];
    snprintf(words, sizeof words, "CLOCK RATE %.17g", factor);
    return judge(understudy_mock(server, words), error);
}

int understudy_clock_resume(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(understudy_mock(server, "CLOCK RESUME"), error);
}

long long understudy_clock_now(struct understudy *server)
{
    struct understudy_reply *reply = understudy_mock(server, "CLOCK GET");
    long long now = reply && reply->type == UNDERSTUDY_INTEGER ? reply->integer : -1;
    understudy_reply_free(reply);
    return now;
}

/* --- state --- */

int understudy_reset(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(understudy_mock(server, "RESET"), error);
}

int understudy_seed(struct understudy *server, long long seed, char error[UNDERSTUDY_ERROR_SIZE])
{
    return mock_number(server, "SEED", seed, error);
}

int understudy_snapshot_save(struct understudy *server, const char *name,
                             char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(mock_named(server, "SNAPSHOT SAVE", name, ""), error);
}

int understudy_snapshot_restore(struct understudy *server, const char *name,
                                char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(mock_named(server, "SNAPSHOT RESTORE", name, ""), error);
}

int understudy_snapshot_delete(struct understudy *server, const char *name,
                               char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(mock_named(server, "SNAPSHOT DELETE", name, ""), error);
}

/* --- faults and gates --- */

int understudy_fault_add(struct understudy *server, const char *name, const char *rule,
                         char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(mock_named(server, "FAULT ADD", name, rule), error);
}

int understudy_fault_remove(struct understudy *server, const char *name,
                            char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(mock_named(server, "FAULT REMOVE", name, ""), error);
}

int understudy_fault_clear(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(understudy_mock(server, "FAULT CLEAR"), error);
}

int understudy_gate_add(struct understudy *server, const char *name, const char *rule,
                        char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(mock_named(server, "GATE ADD", name, rule), error);
}

int understudy_gate_open(struct understudy *server, const char *name,
                         char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(mock_named(server, "GATE OPEN", name, ""), error);
}

int understudy_gate_clear(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(understudy_mock(server, "GATE CLEAR"), error);
}

/* By a client of its own: another thread may open the gate meanwhile. */
int understudy_gate_wait(struct understudy *server, const char *name, long long timeout_ms,
                         char error[UNDERSTUDY_ERROR_SIZE])
{
    char timeout[NUMBER_SIZE];
    struct buffer words = {0};
    snprintf(timeout, sizeof timeout, "%lld", timeout_ms);
    append_words(&words, "GATE WAIT", name, timeout);
    struct understudy_client *client = understudy_client_new(server);
    struct understudy_reply *reply = mock(client, words.data);
    understudy_client_free(client);
    buffer_clear(&words);
    return judge(reply, error);
}

/* The map in a list of maps whose "name" is this; or NULL. */
static const struct understudy_reply *find_named(const struct understudy_reply *list,
                                                 const char *name)
{
    for (size_t i = 0; list && i < list->count; i++) {
        const struct understudy_reply *found = understudy_reply_get(&list->elements[i], "name");
        if (found && found->text && strcmp(found->text, name) == 0)
            return &list->elements[i];
    }
    return NULL;
}

long long understudy_fault_hits(struct understudy *server, const char *name)
{
    struct understudy_reply *faults = understudy_mock(server, "FAULT LIST");
    const struct understudy_reply *hits = understudy_reply_get(find_named(faults, name), "hits");
    long long count = hits ? hits->integer : -1;
    understudy_reply_free(faults);
    return count;
}

/* --- expectations --- */

int understudy_expect(struct understudy *server, const char *name, const char *rule,
                      char error[UNDERSTUDY_ERROR_SIZE])
{
    return judge(mock_named(server, "EXPECT", name, rule), error);
}

int understudy_verify(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE])
{
    struct understudy_reply *unmet = understudy_mock(server, "VERIFY");
    if (!unmet || unmet->type != UNDERSTUDY_ARRAY || unmet->count == 0)
        return judge(unmet, error);
    char *text = understudy_reply_print(&unmet->elements[0]);
    if (error)
        snprintf(error, UNDERSTUDY_ERROR_SIZE, "%s", text);
    memory_free(text);
    understudy_reply_free(unmet);
    return 0;
}
