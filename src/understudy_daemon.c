/* SPDX-License-Identifier: MIT */
/* The directives `daemonize` and `pidfile`: a program that goes on in the background, and the file
 * in which it says which process it is. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "engine/config.h"
#include "understudy_private.h"

#define DEFAULT_PID_FILE "/var/run/redis.pid"

/* What Redis writes where nothing is said, in the background alone; "" is none. */
static const char *pid_file(const struct understudy *server)
{
    const char *path = config_string(server->config, CONFIG_PIDFILE);
    bool is_daemon = config_integer(server->config, CONFIG_DAEMONIZE);
    return *path || !is_daemon ? path : DEFAULT_PID_FILE;
}

/* The process that was started ends at once, with status 0; its child serves. */
void understudy_daemon_start(const struct understudy *server)
{
    if (!config_integer(server->config, CONFIG_DAEMONIZE))
        return;
    pid_t child = fork();
    if (child > 0)
        _exit(0);
    if (child < 0)
        return;
    setsid();
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = STDIN_FILENO; nowhere >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(nowhere, fd);
    if (nowhere > STDERR_FILENO)
        close(nowhere);
}

/* As in Redis it is no fault when it cannot be written. */
void understudy_daemon_write_pid(const struct understudy *server)
{
    const char *path = pid_file(server);
    FILE *file = *path ? fopen(path, "we") : NULL;
    if (!file)
        return;
    fprintf(file, "%d\n", (int)getpid());
    fclose(file);
}

void understudy_daemon_remove_pid(const struct understudy *server)
{
    const char *path = pid_file(server);
    if (*path)
        unlink(path);
}
