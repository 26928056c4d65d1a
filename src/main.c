/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "main_run.h"
#include "understudy.h"

static const char usage[] =
    "Usage: understudy [redis.conf | -] [--name value]...\n"
    "       understudy run [--name value]... -- COMMAND [ARGUMENT]...\n"
    "       understudy --version | --help\n"
    "\n"
    "A mock Redis server. It takes redis-server's configuration file (- is standard input) and\n"
    "options; serves on 127.0.0.1:6379 unless told otherwise. `run` serves on a free port while\n"
    "COMMAND runs, which finds REDIS_URL, REDIS_HOST and REDIS_PORT in its environment, with\n"
    "--tls-self-signed REDIS_TLS_CA_FILE, too.\n"
    "\n"
    "Some of Redis's options:\n"
    "  --port N              0 takes a free port, or with another listener means no plain TCP;\n"
    "                        free takes a free one in any case\n"
    "  --bind ADDRESS...     addresses to listen on\n"
    "  --unixsocket PATH     a Unix socket to listen on\n"
    "  --tls-port N, --tls-cert-file PATH, --tls-key-file PATH, --tls-ca-cert-file PATH\n"
    "  --requirepass TEXT    a password that clients must give\n"
    "  --dir PATH, --dbfilename NAME: the RDB file that SAVE writes, and that is loaded first\n"
    "  --databases N, --maxclients N, --timeout SECONDS, --loglevel LEVEL, --logfile PATH\n"
    "\n"
    "Its own:\n"
    "  --emulate VERSION     6.2, 7.0, 7.2 (default), 7.4 or 8.0\n"
    "  --ready-file PATH     writes \"host port\" there once it accepts connections\n"
    "  --ready-fd N          writes the same to an open file descriptor\n"
    "  --tls-self-signed yes | DIRECTORY: serves TLS with a certificate that it makes\n"
    "  --seed N              makes every random choice repeatable\n"
    "  --seed-file PATH      data to begin with: commands, one a line, or an RDB file\n"
    "  --mock-calls-max N    records the latest N commands, for MOCK CALLS\n"
    "  --worlds yes          gives each client that logs in as world:NAME a server of its own\n"
    "  --clock WHEN          real, frozen, or frozen at an instant in milliseconds\n"
    "  --exit-with-parent    ends when the process that started it ends\n"
    "  --script-checks off | warn | error: find what scripts should not do\n"
    "  --script-coverage PATH, --script-coverage-min PERCENT, --script-sources GLOB...:\n"
    "                        report for lcov which lines of scripts ran\n"
    "  --lua-memory-limit N  what one run of a script may take, 1gb unless told otherwise\n"
    "  --report PATH         what happened, at the end: JSON, a page for PATH.html, - for a text\n"
    "                        on standard error\n"
    "  --enable-mock-command no | yes | local (default): who may use MOCK\n"
    "\n"
    "Examples:\n"
    "  understudy --port 7000 --save ''\n"
    "  understudy run -- pytest\n";

static int print_version(void)
{
    /* In the form of `redis-server --version`, which tools read. */
    printf("Redis server v=%s sha=00000000:0 malloc=libc bits=%zu build=understudy-%s\n",
           understudy_redis_version(), sizeof(void *) * 8, understudy_version());
    return 0;
}

static int print_usage(void)
{
    fputs(usage, stdout);
    return 0;
}

/* Takes the word out of argv, wherever it stands. */
static unsigned take_flag(int *argc, char **argv, const char *word, unsigned flag)
{
    unsigned found = 0;
    int kept = 0;
    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], word) == 0)
            found = flag;
        else
            argv[kept++] = argv[i];
    }
    *argc = kept;
    return found;
}

static int serve(int argc, char **argv)
{
    char error[UNDERSTUDY_ERROR_SIZE];
    unsigned flags = UNDERSTUDY_PROGRAM;
    flags |= take_flag(&argc, argv, "--exit-with-parent", UNDERSTUDY_EXIT_WITH_PARENT);
    const struct understudy_options options = {
        .words = (const char *const *)argv, .word_count = argc, .flags = flags};
    struct understudy *server = understudy_new(&options, error);
    if (!server && error[0] == '\n') {
        fputs(error, stderr);
        return 1;
    }
    if (!server) {
        fprintf(stderr, "understudy: %s\n", error);
        return 1;
    }
    understudy_run(server);
    int status = understudy_exit_status(server, error);
    if (status != 0)
        fprintf(stderr, "understudy: %s\n", error);
    understudy_free(server);
    return status;
}

int main(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : "";
    if (strcmp(first, "-v") == 0 || strcmp(first, "--version") == 0)
        return print_version();
    if (strcmp(first, "-h") == 0 || strcmp(first, "--help") == 0)
        return print_usage();
    if (strcmp(first, "run") == 0)
        return main_run(argc - 2, argv + 2);
    return serve(argc - 1, argv + 1);
}
