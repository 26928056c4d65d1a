/* SPDX-License-Identifier: MIT */
#include "net/tls.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "engine/config.h"
#include "reply/errors.h"

struct tls *tls_new(char *error, size_t error_size)
{
    struct openssl *openssl = openssl_load(error, error_size);
    if (!openssl)
        return NULL;
    struct tls *tls = memory_zeroed(sizeof *tls);
    tls->openssl = openssl;
    return tls;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    tls->openssl->SSL_CTX_free(tls->context);
    openssl_free(tls->openssl);
    memory_free(tls);
}

/* --- a context --- */

/* One that is being made. Each step below is false when it has said in `error` what is wrong. */
struct attempt {
    const struct openssl *openssl;
    const struct config *config;
    SSL_CTX *context;
    char *error;
    size_t error_size;
};

static const char *text_of(const struct attempt *attempt, enum config_id id)
{
    return config_string(attempt->config, id);
}

static bool refuse(const struct attempt *attempt, const char *problem)
{
    snprintf(attempt->error, attempt->error_size, "%s", problem);
    return false;
}

/* The problem with what OpenSSL says of it behind. */
static bool refuse_file(const struct attempt *attempt, const char *what, const char *path)
{
    char reason[256];
    openssl_explain(attempt->openssl, reason, sizeof reason);
    snprintf(attempt->error, attempt->error_size, "%s: %s%s%s", what, path, *path ? ": " : "",
             reason);
    return false;
}

/* OpenSSL would ask at the terminal for a password that it is not given. */
static int give_password(char *place, int size, int is_for_writing, void *password)
{
    size_t length = password ? strlen(password) : 0;
    (void)is_for_writing;
    if (length == 0 || length > (size_t)size)
        return -1;
    memcpy(place, password, length);
    return (int)length;
}

/* The options that switch off what `tls-protocols` does not name. */
static bool choose_protocols(const struct attempt *attempt, uint64_t *options)
{
    static const struct {
        const char *name;
        uint64_t option;
    } protocols[] = {{"TLSv1", SSL_OP_NO_TLSv1},
                     {"TLSv1.1", SSL_OP_NO_TLSv1_1},
                     {"TLSv1.2", SSL_OP_NO_TLSv1_2},
                     {"TLSv1.3", SSL_OP_NO_TLSv1_3}};
    const char *word = text_of(attempt, CONFIG_TLS_PROTOCOLS);
    *options = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
    if (*word)
        *options |= SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3;
    for (word += strspn(word, " "); *word; word += strspn(word, " ")) {
        size_t size = strcspn(word, " ");
        uint64_t found = 0;
        for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
            if (strlen(protocols[i].name) == size &&
                strncasecmp(protocols[i].name, word, size) == 0)
                found = protocols[i].option;
        if (!found)
            return refuse(attempt, ERROR_TLS_PROTOCOLS);
        *options &= ~found;
        word += size;
    }
    return true;
}

static bool load_pair(const struct attempt *attempt, enum config_id certificate, enum config_id key,
                      enum config_id password)
{
    const struct openssl *openssl = attempt->openssl;
    const char *path = text_of(attempt, certificate);
    char *word = (char *)text_of(attempt, password);
    openssl->SSL_CTX_set_default_passwd_cb(attempt->context, give_password);
    openssl->SSL_CTX_set_default_passwd_cb_userdata(attempt->context, word);
    if (openssl->SSL_CTX_use_certificate_chain_file(attempt->context, path) <= 0)
        return refuse_file(attempt, "Failed to load certificate", path);
    path = text_of(attempt, key);
    if (openssl->SSL_CTX_use_PrivateKey_file(attempt->context, path, SSL_FILETYPE_PEM) <= 0)
        return refuse_file(attempt, "Failed to load private key", path);
    /* The text is the configuration's, and may go before the context does. */
    openssl->SSL_CTX_set_default_passwd_cb_userdata(attempt->context, NULL);
    return true;
}

static bool load_trusted(const struct attempt *attempt)
{
    const char *file = text_of(attempt, CONFIG_TLS_CA_CERT_FILE);
    const char *directory = text_of(attempt, CONFIG_TLS_CA_CERT_DIR);
    if ((!*file && !*directory) ||
        attempt->openssl->SSL_CTX_load_verify_locations(attempt->context, *file ? file : NULL,
                                                        *directory ? directory : NULL) > 0)
        return true;
    return refuse_file(attempt, "Failed to configure CA certificate(s) file/directory", "");
}

static bool choose_ciphers(const struct attempt *attempt)
{
    const char *ciphers = text_of(attempt, CONFIG_TLS_CIPHERS);
    const char *suites = text_of(attempt, CONFIG_TLS_CIPHERSUITES);
    if (*ciphers && !attempt->openssl->SSL_CTX_set_cipher_list(attempt->context, ciphers)) {
        snprintf(attempt->error, attempt->error_size, "Failed to configure ciphers: %s", ciphers);
        return false;
    }
    if (*suites && !attempt->openssl->SSL_CTX_set_ciphersuites(attempt->context, suites)) {
        snprintf(attempt->error, attempt->error_size, "Failed to configure ciphersuites: %s",
                 suites);
        return false;
    }
    return true;
}

/* Parameters for key exchange with old clients: OpenSSL's own unless a file has some. */
static bool load_dh_parameters(const struct attempt *attempt)
{
    const struct openssl *openssl = attempt->openssl;
    const char *path = text_of(attempt, CONFIG_TLS_DH_PARAMS_FILE);
    if (!*path) {
        openssl->SSL_CTX_ctrl(attempt->context, SSL_CTRL_SET_DH_AUTO, 1, NULL);
        return true;
    }
    BIO *file = openssl->BIO_new_file(path, "r");
    if (!file) {
        snprintf(attempt->error, attempt->error_size, "Failed to load %s: %s", path,
                 strerror(errno));
        return false;
    }
    EVP_PKEY *parameters = openssl->PEM_read_bio_Parameters(file, NULL);
    openssl->BIO_free(file);
    /* It takes the parameters, but only when it takes them at all. */
    if (!parameters || openssl->SSL_CTX_set0_tmp_dh_pkey(attempt->context, parameters) <= 0) {
        openssl->EVP_PKEY_free(parameters);
        snprintf(attempt->error, attempt->error_size, "%s: failed to read DH params.", path);
        return false;
    }
    return true;
}

static void set_session_cache(const struct attempt *attempt)
{
    const struct openssl *openssl = attempt->openssl;
    bool is_on = config_integer(attempt->config, CONFIG_TLS_SESSION_CACHING);
    openssl->SSL_CTX_ctrl(attempt->context, SSL_CTRL_SET_SESS_CACHE_MODE,
                          is_on ? SSL_SESS_CACHE_SERVER : SSL_SESS_CACHE_OFF, NULL);
    openssl->SSL_CTX_set_session_id_context(attempt->context, (const unsigned char *)"redis", 5);
    if (!is_on)
        return;
    openssl->SSL_CTX_ctrl(attempt->context, SSL_CTRL_SET_SESS_CACHE_SIZE,
                          config_integer(attempt->config, CONFIG_TLS_SESSION_CACHE_SIZE), NULL);
    openssl->SSL_CTX_set_timeout(attempt->context,
                                 config_integer(attempt->config, CONFIG_TLS_SESSION_CACHE_TIMEOUT));
}

static bool has_all_files(const struct attempt *attempt)
{
    if (!*text_of(attempt, CONFIG_TLS_CERT_FILE))
        return refuse(attempt, "No tls-cert-file configured!");
    if (!*text_of(attempt, CONFIG_TLS_KEY_FILE))
        return refuse(attempt, "No tls-key-file configured!");
    bool needs_trusted =
        config_integer(attempt->config, CONFIG_TLS_AUTH_CLIENTS) != CONFIG_TLS_AUTH_NO ||
        config_integer(attempt->config, CONFIG_TLS_CLUSTER) ||
        config_integer(attempt->config, CONFIG_TLS_REPLICATION);
    bool has_trusted =
        *text_of(attempt, CONFIG_TLS_CA_CERT_FILE) || *text_of(attempt, CONFIG_TLS_CA_CERT_DIR);
    return has_trusted || !needs_trusted || refuse(attempt, ERROR_TLS_NO_CA);
}

static bool fill_server_context(const struct attempt *attempt)
{
    uint64_t options = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_SINGLE_DH_USE;
    uint64_t protocols;
    if (!has_all_files(attempt) || !choose_protocols(attempt, &protocols))
        return false;
    if (config_integer(attempt->config, CONFIG_TLS_PREFER_SERVER_CIPHERS))
        options |= SSL_OP_CIPHER_SERVER_PREFERENCE;
    attempt->openssl->SSL_CTX_set_options(attempt->context, options | protocols);
    attempt->openssl->SSL_CTX_ctrl(attempt->context, SSL_CTRL_MODE,
                                   SSL_MODE_ENABLE_PARTIAL_WRITE |
                                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                       SSL_MODE_RELEASE_BUFFERS,
                                   NULL);
    set_session_cache(attempt);
    return load_pair(attempt, CONFIG_TLS_CERT_FILE, CONFIG_TLS_KEY_FILE,
                     CONFIG_TLS_KEY_FILE_PASS) &&
           load_trusted(attempt) && choose_ciphers(attempt) && load_dh_parameters(attempt);
}

/* We open no connections, but what Redis refuses is refused. */
static bool check_client_files(const struct config *config, const struct openssl *openssl,
                               char *error, size_t error_size)
{
    struct attempt attempt = {openssl, config, NULL, error, error_size};
    if (!*text_of(&attempt, CONFIG_TLS_CLIENT_CERT_FILE) ||
        !*text_of(&attempt, CONFIG_TLS_CLIENT_KEY_FILE))
        return true;
    attempt.context = openssl->SSL_CTX_new(openssl->TLS_client_method());
    bool is_right = load_pair(&attempt, CONFIG_TLS_CLIENT_CERT_FILE, CONFIG_TLS_CLIENT_KEY_FILE,
                              CONFIG_TLS_CLIENT_KEY_FILE_PASS);
    openssl->SSL_CTX_free(attempt.context);
    return is_right;
}

bool tls_configure(struct tls *tls, const struct config *config, char *error, size_t error_size)
{
    const struct openssl *openssl = tls->openssl;
    openssl->ERR_clear_error();
    struct attempt attempt = {openssl, config, openssl->SSL_CTX_new(openssl->TLS_server_method()),
                              error, error_size};
    if (!attempt.context)
        return refuse_file(&attempt, "TLS", "");
    bool is_right =
        fill_server_context(&attempt) && check_client_files(config, openssl, error, error_size);
    openssl->ERR_clear_error();
    if (!is_right) {
        openssl->SSL_CTX_free(attempt.context);
        return false;
    }
    openssl->SSL_CTX_free(tls->context);
    tls->context = attempt.context;
    tls_set_verification(tls, config);
    return true;
}

void tls_set_verification(struct tls *tls, const struct config *config)
{
    int64_t which = config_integer(config, CONFIG_TLS_AUTH_CLIENTS);
    tls->verify = which == CONFIG_TLS_AUTH_NO ? SSL_VERIFY_NONE
                  : which == CONFIG_TLS_AUTH_OPTIONAL
                      ? SSL_VERIFY_PEER
                      : SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}
