/* SPDX-License-Identifier: MIT */
/*
 * A certificate for this machine's own names, and the authority that it is signed by, made on the
 * spot: what a test needs to talk TLS and to verify whom it talks with.
 *
 *     struct tls_certificates *made = tls_certificates_make("certs", error, sizeof error);
 *     if (made) config_set_string(config, CONFIG_TLS_CERT_FILE, made->certificate);
 *     ...
 *     tls_certificates_free(made);
 *
 * In a directory they are ca.crt, server.crt and server.key, and client.crt and client.key for a
 * client that has to show who it is; files of those names are replaced. Without a directory they
 * are in memory, with paths below /proc that other processes of the same user can open; they are
 * gone when they are freed, or when the process ends in whatever way.
 */
#ifndef UNDERSTUDY_NET_TLS_CERTIFICATES_H
#define UNDERSTUDY_NET_TLS_CERTIFICATES_H

#include <stddef.h>

struct tls_certificates {
    char *authority;   /* owned, as the others: the path of the authority's certificate */
    char *certificate; /* the server's */
    char *key;
    int fds[3]; /* of the three, or -1 */
};

/* `directory`, which may be new, or NULL for none. NULL: `error` says in one line why not. */
struct tls_certificates *tls_certificates_make(const char *directory, char *error,
                                               size_t error_size);

/* Files in a directory stay. Accepts NULL. */
void tls_certificates_free(struct tls_certificates *made);

#endif
