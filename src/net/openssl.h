/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL, found when TLS is first asked for: a program that is linked to it starts 2 ms later and
 * holds 1.7 MB more, whether it serves TLS or not.
 *
 *     struct openssl *openssl = openssl_load(error, sizeof error);
 *     SSL_CTX *context = openssl->SSL_CTX_new(openssl->TLS_server_method());
 *     if (!context) openssl_explain(openssl, text, sizeof text);
 *     openssl_free(openssl);
 *
 * The functions have the names and types of OpenSSL's headers. Macros of those headers that call a
 * function cannot be used.
 */
#ifndef UNDERSTUDY_NET_OPENSSL_H
#define UNDERSTUDY_NET_OPENSSL_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stddef.h>

/* clang-format off */
#define OPENSSL_FUNCTIONS(USE)                                                                     \
    /* errors and start */                                                                         \
    USE(OPENSSL_init_ssl) USE(ERR_clear_error) USE(ERR_get_error) USE(ERR_error_string_n)          \
    /* contexts */                                                                                 \
    USE(TLS_server_method) USE(TLS_client_method) USE(SSL_CTX_new) USE(SSL_CTX_free)               \
    USE(SSL_CTX_set_options) USE(SSL_CTX_ctrl) USE(SSL_CTX_set_timeout)                            \
    USE(SSL_CTX_set_session_id_context) USE(SSL_CTX_set_cipher_list) USE(SSL_CTX_set_ciphersuites) \
    USE(SSL_CTX_set_default_passwd_cb) USE(SSL_CTX_set_default_passwd_cb_userdata)                 \
    USE(SSL_CTX_use_certificate_chain_file) USE(SSL_CTX_use_PrivateKey_file)                       \
    USE(SSL_CTX_load_verify_locations) USE(SSL_CTX_set0_tmp_dh_pkey)                               \
    /* connections */                                                                              \
    USE(SSL_new) USE(SSL_free) USE(SSL_set_bio) USE(SSL_set0_rbio) USE(SSL_set0_wbio)              \
    USE(SSL_set_accept_state) USE(SSL_set_verify) USE(SSL_do_handshake) USE(SSL_read)              \
    USE(SSL_write) USE(SSL_get_error) USE(SSL_shutdown)                                            \
    /* what a connection reads from and writes to; files */                                        \
    USE(BIO_new) USE(BIO_s_mem) USE(BIO_new_mem_buf) USE(BIO_new_file) USE(BIO_ctrl) USE(BIO_free) \
    /* certificates */                                                                             \
    USE(EVP_PKEY_Q_keygen) USE(EVP_PKEY_free) USE(EVP_sha256) USE(RAND_bytes)                      \
    USE(PEM_read_bio_Parameters) USE(PEM_write_bio_X509) USE(PEM_write_bio_PrivateKey)             \
    USE(X509_new) USE(X509_free) USE(X509_set_version) USE(X509_get_serialNumber)                  \
    USE(ASN1_INTEGER_set_uint64) USE(X509_getm_notBefore) USE(X509_getm_notAfter)                  \
    USE(X509_gmtime_adj) USE(X509_set_pubkey) USE(X509_get_subject_name)                           \
    USE(X509_NAME_add_entry_by_txt) USE(X509_set_issuer_name) USE(X509V3_set_ctx)                  \
    USE(X509V3_EXT_conf_nid) USE(X509_add_ext) USE(X509_EXTENSION_free) USE(X509_sign)
/* clang-format on */

struct openssl {
    void *library; /* of dlopen */
#define OPENSSL_MEMBER(name) __typeof__(name) *name;
    OPENSSL_FUNCTIONS(OPENSSL_MEMBER)
#undef OPENSSL_MEMBER
};

/* Owned by the caller. NULL: the system lacks it, and `error` says so in one line. */
struct openssl *openssl_load(char *error, size_t error_size);

/* Accepts NULL. */
void openssl_free(struct openssl *openssl);

/* What went wrong first in the functions that failed, as OpenSSL writes it. Forgets it and all that
 * followed. */
void openssl_explain(const struct openssl *openssl, char *text, size_t size);

#endif
