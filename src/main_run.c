/* SPDX-License-Identifier: MIT */
/*
 * The server is a thread of this process, so it cannot outlive it; the command is its child, and
 * gets SIGKILL from the system when this process ends before it.
 */
#include "main_run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "understudy.h"

#define STATUS_NOT_FOUND      127
#define STATUS_NOT_EXECUTABLE 126
#define STATUS_OF_SIGNAL      128

static const int passed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

static void watched_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGCHLD);
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
        sigaddset(signals, passed_on[i]);
}

/* What another server left there must not be taken for this one's. */
static void set_or_clear(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void set_environment(const struct understudy *server)
{
    char port[16];
    setenv("REDIS_URL", understudy_url(server), 1);
    setenv("UNDERSTUDY_URL", understudy_url(server), 1);
    set_or_clear("REDIS_TLS_URL", understudy_tls_url(server));
    set_or_clear("REDIS_TLS_CA_FILE", understudy_tls_ca_file(server));
    set_or_clear("REDIS_SOCKET", understudy_socket_path(server));
    set_or_clear("REDIS_HOST", understudy_host(server));
    unsetenv("REDIS_PORT");
    if (!understudy_port(server))
        return;
    snprintf(port, sizeof port, "%d", understudy_port(server));
    setenv("REDIS_PORT", port, 1);
}

static _Noreturn void become(char **command, pid_t parent, const sigset_t *signals)
{
    sigprocmask(SIG_SETMASK, signals, NULL);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(STATUS_OF_SIGNAL + SIGKILL);
    execvp(command[0], command);
    int status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
    fprintf(stderr, "understudy: cannot run %s: %s\n", command[0], strerror(errno));
    _exit(status);
}

/* What a terminal sends goes to the whole foreground group, the command included. */
static int has_received_itself(const siginfo_t *info, pid_t child)
{
    return info->si_code == SI_KERNEL && getpgid(child) == getpgrp();
}

static int wait_for(pid_t child, const sigset_t *signals)
{
    for (;;) {
        siginfo_t info;
        int status;
        int number = sigwaitinfo(signals, &info);
        if (number > 0 && number != SIGCHLD && !has_received_itself(&info, child))
            kill(child, number);
        if (number != SIGCHLD || waitpid(child, &status, WNOHANG) != child)
            continue;
        return WIFSIGNALED(status) ? STATUS_OF_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
    }
}

static int run_with(struct understudy *server, char **command)
{
    char error[UNDERSTUDY_ERROR_SIZE];
    sigset_t signals, before;
    watched_signals(&signals);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_BLOCK, &signals, &before);
    set_environment(server);
    if (!understudy_start(server, error)) {
        fprintf(stderr, "understudy: %s\n", error);
        return 1;
    }
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0)
        become(command, parent, &before);
    if (child < 0) {
        fprintf(stderr, "understudy: cannot start a process: %s\n", strerror(errno));
        return 1;
    }
    return wait_for(child, &signals);
}

int main_run(int argc, char **argv)
{
    int words = 0;
    while (words < argc && strcmp(argv[words], "--") != 0)
        words++;
    if (words + 1 >= argc) {
        fputs("understudy: run takes a command: understudy run [options] -- COMMAND ARGS...\n",
              stderr);
        return 1;
    }
    char error[UNDERSTUDY_ERROR_SIZE];
    const struct understudy_options options = {.words = (const char *const *)argv,
                                               .word_count = words};
    struct understudy *server = understudy_new(&options, error);
    if (!server) {
        fprintf(stderr, "understudy: %s\n", error);
        return 1;
    }
    int status = run_with(server, argv + words + 1);
    understudy_stop(server);
    int own_status = understudy_exit_status(server, error);
    if (own_status != 0)
        fprintf(stderr, "understudy: %s\n", error);
    understudy_free(server);
    return status != 0 ? status : own_status;
}
