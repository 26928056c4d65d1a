/* SPDX-License-Identifier: MIT */
/*
 * The backend library, driven line by line: tests/integration/test_backend.py writes a line of
 * words between tabs, and reads a line.
 *
 *     open URL [prefix=p] [serializer=msgpack] [lifetime=ms] [connect=ms] [answer=ms] [keeps=1]
 *         [ca=file]                       ok, or failed and why
 *     acquire ID TIMEOUT, extend ID, release ID, depth ID
 *     load ID                             ok, the version, the text; absent, the version
 *     save ID TEXT [lifetime=ms] [version=n]     ok or conflict, the version
 *     delete ID
 *     close
 *
 * All but depth answer a result's name, and why if it is not ok. Texts are JSON unless the
 * serializer is raw.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/understudy_backend.h"

#define MOST_WORDS 10

struct shell {
    struct backend *backend; /* owned */
    int is_raw;
};

/* The value behind "name=" among the words from `first` on; NULL when there is none. */
static const char *option(char *const *words, int first, const char *name)
{
    size_t size = strlen(name);
    for (int i = first; words[i]; i++)
        if (strncmp(words[i], name, size) == 0 && words[i][size] == '=')
            return words[i] + size + 1;
    return NULL;
}

static int64_t number(const char *text)
{
    return text ? strtoll(text, NULL, 10) : 0;
}

static void answer(struct shell *shell, enum backend_result result)
{
    printf("%s\t%s\n", backend_result_name(result),
           result == BACKEND_OK ? "" : backend_error(shell->backend));
}

static void run_open(struct shell *shell, char **words)
{
    char error[BACKEND_ERROR_SIZE];
    const char *serializer = option(words, 2, "serializer");
    struct backend_options options = {
        .prefix = option(words, 2, "prefix"),
        .lock_lifetime_ms = number(option(words, 2, "lifetime")),
        .connect_timeout_ms = number(option(words, 2, "connect")),
        .answer_timeout_ms = number(option(words, 2, "answer")),
        .keeps_locks = (int)number(option(words, 2, "keeps")),
        .ca_file = option(words, 2, "ca"),
    };
    if (serializer && strcmp(serializer, "msgpack") == 0)
        options.serializer = BACKEND_MSGPACK;
    shell->is_raw = serializer && strcmp(serializer, "raw") == 0;
    if (shell->is_raw)
        options.serializer = BACKEND_RAW;
    backend_close(shell->backend);
    shell->backend = backend_open(words[1], &options, error);
    printf("%s\t%s\n", shell->backend ? "ok" : "failed", shell->backend ? "" : error);
}

static void run_load(struct shell *shell, const char *id)
{
    struct backend_value value;
    int64_t version = -1;
    enum backend_result result = backend_load_state(shell->backend, id, &value, &version);
    printf("%s\t%lld\t", backend_result_name(result), (long long)version);
    if (result != BACKEND_OK)
        printf("%s", backend_error(shell->backend));
    else if (shell->is_raw)
        fwrite(value.bytes, 1, value.size, stdout);
    else
        json_dumpf(value.tree, stdout, JSON_ENCODE_ANY | JSON_COMPACT);
    printf("\n");
    backend_value_clear(&value);
}

static void run_save(struct shell *shell, char **words)
{
    const char *version_word = option(words, 3, "version");
    struct backend_save_options options = {
        .lifetime_ms = number(option(words, 3, "lifetime")),
        .checks_version = version_word != NULL,
        .version = number(version_word),
    };
    struct backend_value value = {0};
    int64_t version = -1;
    if (shell->is_raw) {
        value.bytes = strdup(words[2]);
        value.size = strlen(words[2]);
    } else {
        value.tree = json_loads(words[2], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    }
    enum backend_result result =
        backend_save_state(shell->backend, words[1], &value, &options, &version);
    printf("%s\t%lld\t%s\n", backend_result_name(result), (long long)version,
           result == BACKEND_OK ? "" : backend_error(shell->backend));
    backend_value_clear(&value);
}

static void run(struct shell *shell, char **words)
{
    const char *command = words[0];
    if (strcmp(command, "open") == 0) {
        run_open(shell, words);
    } else if (strcmp(command, "acquire") == 0) {
        answer(shell, backend_acquire_lock(shell->backend, words[1], number(words[2])));
    } else if (strcmp(command, "extend") == 0) {
        answer(shell, backend_extend_lock(shell->backend, words[1]));
    } else if (strcmp(command, "release") == 0) {
        answer(shell, backend_release_lock(shell->backend, words[1]));
    } else if (strcmp(command, "depth") == 0) {
        printf("%d\n", backend_lock_depth(shell->backend, words[1]));
    } else if (strcmp(command, "load") == 0) {
        run_load(shell, words[1]);
    } else if (strcmp(command, "save") == 0) {
        run_save(shell, words);
    } else if (strcmp(command, "delete") == 0) {
        answer(shell, backend_delete_state(shell->backend, words[1]));
    } else {
        backend_close(shell->backend);
        shell->backend = NULL;
        printf("ok\t\n");
    }
}

int main(void)
{
    struct shell shell = {0};
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    while ((size = getline(&line, &capacity, stdin)) > 0) {
        char *words[MOST_WORDS + 1] = {0}, *rest = NULL;
        line[size - 1] = '\0';
        int count = 0;
        for (char *word = strtok_r(line, "\t", &rest); word && count < MOST_WORDS;
             word = strtok_r(NULL, "\t", &rest))
            words[count++] = word;
        if (count)
            run(&shell, words);
        fflush(stdout);
    }
    backend_close(shell.backend);
    free(line);
    return 0;
}
