/* SPDX-License-Identifier: MIT */
/*
 * What all TLS connections of a server have in common: certificate and key, whom it trusts, which
 * protocols and ciphers it speaks.
 *
 *     struct tls *tls = tls_new(error, sizeof error);
 *     if (!tls_configure(tls, config, error, sizeof error)) ...   // the former settings stay
 *     struct tls_stream *stream = tls_stream_new(tls);            // for each connection
 *     tls_free(tls);                                              // streams may live on
 */
#ifndef UNDERSTUDY_NET_TLS_H
#define UNDERSTUDY_NET_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "net/openssl.h"

struct config;

struct tls {
    struct openssl *openssl; /* owned */
    SSL_CTX *context;        /* owned: of connections to come; NULL until it is configured */
    int verify;              /* SSL_VERIFY_ flags, likewise */
};

/* NULL: `error` says in one line why there can be no TLS. */
struct tls *tls_new(char *error, size_t error_size);

/* Not while there are streams. Accepts NULL. */
void tls_free(struct tls *tls);

/* Reads the files that `tls-...` directives name. False: something is wrong, `error` says in
 * Redis's words what, and all stays as it was. */
bool tls_configure(struct tls *tls, const struct config *config, char *error, size_t error_size);

/* `tls-auth-clients` holds for connections to come, at once. */
void tls_set_verification(struct tls *tls, const struct config *config);

#endif
