/* SPDX-License-Identifier: MIT */
/* Where a server is, and how to introduce oneself: redis://, rediss:// and unix:// URLs. */
#ifndef UNDERSTUDY_BACKEND_BACKEND_URL_H
#define UNDERSTUDY_BACKEND_BACKEND_URL_H

#include <stdbool.h>

struct backend_url {
    char *host;     /* owned; NULL for a Unix socket */
    char *path;     /* owned; of a Unix socket */
    char *user;     /* owned; NULL = the default user */
    char *password; /* owned; NULL = none */
    int port;
    int db;
    bool has_tls;
};

/* False: `why` is what is wrong with it, a string that lives for ever. */
bool backend_url_parse(struct backend_url *url, const char *text, const char **why);
void backend_url_clear(struct backend_url *url);

#endif
