/* SPDX-License-Identifier: MIT */
/*
 * `understudy run [server options] -- COMMAND ARGS...`: a command with a server of its own.
 *
 *     return main_run(argc - 2, argv + 2);
 */
#ifndef UNDERSTUDY_MAIN_RUN_H
#define UNDERSTUDY_MAIN_RUN_H

/* Serves on a free port, unless the options say otherwise, as long as the command runs, which finds
 * REDIS_URL, REDIS_HOST, REDIS_PORT and UNDERSTUDY_URL in its environment. Returns the command's
 * exit status, 128 + n when signal n ended it, 127 when there is no such command, 1 when the server
 * cannot start. */
int main_run(int argc, char **argv);

#endif
