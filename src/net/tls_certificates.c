/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memfd_create */

#include "net/tls_certificates.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "net/openssl.h"

#define SECONDS_A_DAY 86400
#define VALID_DAYS    365 /* some clients take no more than 825 */

struct maker {
    const struct openssl *openssl;
    const char *directory; /* NULL = memory */
    char *error;
    size_t error_size;
};

/* A key and its certificate. */
struct pair {
    EVP_PKEY *key;     /* owned */
    X509 *certificate; /* owned */
};

static void clear_pair(const struct maker *maker, struct pair *pair)
{
    maker->openssl->EVP_PKEY_free(pair->key);
    maker->openssl->X509_free(pair->certificate);
}

/* --- certificates --- */

static bool add_extension(const struct maker *maker, X509 *certificate, X509 *issuer, int nid,
                          const char *value)
{
    const struct openssl *openssl = maker->openssl;
    X509V3_CTX context;
    memset(&context, 0, sizeof context);
    openssl->X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = openssl->X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool is_added = extension && openssl->X509_add_ext(certificate, extension, -1);
    openssl->X509_EXTENSION_free(extension);
    return is_added;
}

static bool set_identity(const struct maker *maker, X509 *certificate, const char *name)
{
    const struct openssl *openssl = maker->openssl;
    X509_NAME *subject = openssl->X509_get_subject_name(certificate);
    uint64_t serial;
    return openssl->RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
           openssl->ASN1_INTEGER_set_uint64(openssl->X509_get_serialNumber(certificate),
                                            serial >> 1) &&
           openssl->X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC,
                                               (const unsigned char *)"understudy, for tests", -1,
                                               -1, 0) &&
           openssl->X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                               (const unsigned char *)name, -1, -1, 0);
}

struct extension {
    int nid;
    const char *value;
};

/* Signed by `issuer`, or by itself. */
static bool make_pair(const struct maker *maker, const char *name, const struct pair *issuer,
                      const struct extension *extensions, size_t count, struct pair *pair)
{
    const struct openssl *openssl = maker->openssl;
    pair->key = openssl->EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    pair->certificate = openssl->X509_new();
    if (!issuer)
        issuer = pair;
    X509 *certificate = pair->certificate;
    bool is_made =
        pair->key && certificate && openssl->X509_set_version(certificate, 2) &&
        set_identity(maker, certificate, name) &&
        openssl->X509_gmtime_adj(openssl->X509_getm_notBefore(certificate), -SECONDS_A_DAY) &&
        openssl->X509_gmtime_adj(openssl->X509_getm_notAfter(certificate),
                                 (long)VALID_DAYS * SECONDS_A_DAY) &&
        openssl->X509_set_pubkey(certificate, pair->key) &&
        openssl->X509_set_issuer_name(certificate,
                                      openssl->X509_get_subject_name(issuer->certificate));
    for (size_t i = 0; is_made && i < count; i++)
        is_made = add_extension(maker, certificate, issuer->certificate, extensions[i].nid,
                                extensions[i].value);
    is_made = is_made && openssl->X509_sign(certificate, issuer->key, openssl->EVP_sha256());
    if (!is_made)
        openssl_explain(openssl, maker->error, maker->error_size);
    return is_made;
}

static bool make_authority(const struct maker *maker, struct pair *pair)
{
    static const struct extension extensions[] = {{NID_basic_constraints, "critical,CA:TRUE"},
                                                  {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                                  {NID_subject_key_identifier, "hash"}};
    return make_pair(maker, "understudy's authority", NULL, extensions, 3, pair);
}

static bool make_leaf(const struct maker *maker, const char *name, const struct pair *authority,
                      const char *purpose, const char *names, struct pair *pair)
{
    const struct extension extensions[] = {{NID_basic_constraints, "critical,CA:FALSE"},
                                           {NID_key_usage, "critical,digitalSignature"},
                                           {NID_ext_key_usage, purpose},
                                           {NID_subject_key_identifier, "hash"},
                                           {NID_authority_key_identifier, "keyid"},
                                           {NID_subject_alt_name, names}};
    return make_pair(maker, name, authority, extensions, 6, pair);
}

/* What this machine calls itself, for X509V3_EXT_conf_nid. */
static void list_names(char *names, size_t size)
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    snprintf(names, size, "DNS:localhost,IP:127.0.0.1,IP:::1");
    if (*host == '\0' || host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789.-")])
        return;
    size_t used = strlen(names);
    snprintf(names + used, size - used, ",DNS:%s", host);
}

/* --- files --- */

static bool refuse(const struct maker *maker, const char *path)
{
    snprintf(maker->error, maker->error_size, "cannot write %s: %s", path, strerror(errno));
    return false;
}

static char *path_in(const char *directory, const char *name)
{
    struct buffer path = {0};
    buffer_append_format(&path, "%s/%s", directory, name);
    buffer_append_byte(&path, '\0');
    return path.data;
}

static char *path_of_descriptor(int fd)
{
    struct buffer path = {0};
    buffer_append_format(&path, "/proc/%d/fd/%d", (int)getpid(), fd);
    buffer_append_byte(&path, '\0');
    return path.data;
}

static bool write_all(int fd, struct bytes text)
{
    while (text.size) {
        ssize_t written = write(fd, text.data, text.size);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            text = bytes_of(text.data + written, text.size - (size_t)written);
    }
    return true;
}

/* A file of the directory, or of memory; `fd` is then open. NULL: the error is said. */
static char *write_file(const struct maker *maker, const char *name, BIO *text, int *fd)
{
    const char *data = NULL;
    long size = maker->openssl->BIO_ctrl(text, BIO_CTRL_INFO, 0, &data);
    bool is_key = strstr(name, ".key") != NULL;
    char *path = maker->directory ? path_in(maker->directory, name) : NULL;
    /* It may be there with rights that a key must not have. */
    if (path)
        unlink(path);
    int file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, is_key ? 0600 : 0644)
                    : memfd_create(name, MFD_CLOEXEC);
    bool is_written = file >= 0 && write_all(file, bytes_of(data, (size_t)size));
    if (!path && file >= 0)
        path = path_of_descriptor(file);
    if (!is_written) {
        refuse(maker, path ? path : name);
        memory_free(path);
        path = NULL;
    }
    if (file >= 0 && (maker->directory || !is_written))
        close(file);
    else
        *fd = file;
    return path;
}

static char *write_certificate(const struct maker *maker, const char *name, const struct pair *pair,
                               int *fd)
{
    BIO *text = maker->openssl->BIO_new(maker->openssl->BIO_s_mem());
    maker->openssl->PEM_write_bio_X509(text, pair->certificate);
    char *path = write_file(maker, name, text, fd);
    maker->openssl->BIO_free(text);
    return path;
}

static char *write_key(const struct maker *maker, const char *name, const struct pair *pair,
                       int *fd)
{
    BIO *text = maker->openssl->BIO_new(maker->openssl->BIO_s_mem());
    maker->openssl->PEM_write_bio_PrivateKey(text, pair->key, NULL, NULL, 0, NULL, NULL);
    char *path = write_file(maker, name, text, fd);
    maker->openssl->BIO_free(text);
    return path;
}

/* For clients there is a place in a directory alone. */
static bool write_client(const struct maker *maker, const struct pair *client)
{
    int unused;
    char *certificate = write_certificate(maker, "client.crt", client, &unused);
    char *key = certificate ? write_key(maker, "client.key", client, &unused) : NULL;
    bool is_written = key != NULL;
    memory_free(certificate);
    memory_free(key);
    return is_written;
}

static bool make_all(const struct maker *maker, struct tls_certificates *made)
{
    struct pair authority = {0}, server = {0}, client = {0};
    char names[512];
    list_names(names, sizeof names);
    bool is_made =
        make_authority(maker, &authority) &&
        make_leaf(maker, "localhost", &authority, "serverAuth,clientAuth", names, &server) &&
        (made->authority = write_certificate(maker, "ca.crt", &authority, &made->fds[0])) &&
        (made->certificate = write_certificate(maker, "server.crt", &server, &made->fds[1])) &&
        (made->key = write_key(maker, "server.key", &server, &made->fds[2]));
    if (is_made && maker->directory)
        is_made = make_leaf(maker, "client", &authority, "clientAuth", names, &client) &&
                  write_client(maker, &client);
    clear_pair(maker, &authority);
    clear_pair(maker, &server);
    clear_pair(maker, &client);
    return is_made;
}

struct tls_certificates *tls_certificates_make(const char *directory, char *error,
                                               size_t error_size)
{
    char *whole = NULL;
    if (directory && ((mkdir(directory, 0755) != 0 && errno != EEXIST) ||
                      (whole = realpath(directory, NULL)) == NULL)) {
        snprintf(error, error_size, "cannot make %s: %s", directory, strerror(errno));
        return NULL;
    }
    struct openssl *openssl = openssl_load(error, error_size);
    if (!openssl) {
        free(whole);
        return NULL;
    }
    const struct maker maker = {openssl, whole, error, error_size};
    struct tls_certificates *made = memory_zeroed(sizeof *made);
    for (int i = 0; i < 3; i++)
        made->fds[i] = -1;
    bool is_made = make_all(&maker, made);
    openssl_free(openssl);
    free(whole);
    if (is_made)
        return made;
    tls_certificates_free(made);
    return NULL;
}

void tls_certificates_free(struct tls_certificates *made)
{
    if (!made)
        return;
    for (int i = 0; i < 3; i++)
        if (made->fds[i] >= 0)
            close(made->fds[i]);
    memory_free(made->authority);
    memory_free(made->certificate);
    memory_free(made->key);
    memory_free(made);
}
