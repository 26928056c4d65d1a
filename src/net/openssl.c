/* SPDX-License-Identifier: MIT */
#include "net/openssl.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define TEXT_OF_VALUE(value) #value
#define TEXT_OF(macro)       TEXT_OF_VALUE(macro)

/* The one whose headers this was compiled with: types and numbers are those of its version. */
#define LIBRARY "libssl.so." TEXT_OF(OPENSSL_SHLIB_VERSION)

/* False: `error` says what is missing. dlsym looks at libcrypto as well, which libssl needs. */
static bool find(void *library, const char *name, void *place, char *error, size_t error_size)
{
    void *function = dlsym(library, name);
    memcpy(place, &function, sizeof function);
    if (!function)
        snprintf(error, error_size, "TLS needs OpenSSL: " LIBRARY " has no %s", name);
    return function != NULL;
}

struct openssl *openssl_load(char *error, size_t error_size)
{
    /* It cannot be unloaded safely, as it may have told the C library what to do at exit. */
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library) {
        snprintf(error, error_size, "TLS needs OpenSSL: %s", dlerror());
        return NULL;
    }
    struct openssl *openssl = memory_zeroed(sizeof *openssl);
    openssl->library = library;
    bool is_whole = true;
#define FIND(name) is_whole = is_whole && find(library, #name, &openssl->name, error, error_size);
    OPENSSL_FUNCTIONS(FIND)
#undef FIND
    /* A server's thread may still run when the process that embeds it leaves by exit(). */
    if (is_whole && !openssl->OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL)) {
        openssl_explain(openssl, error, error_size);
        is_whole = false;
    }
    if (is_whole)
        return openssl;
    openssl_free(openssl);
    return NULL;
}

void openssl_free(struct openssl *openssl)
{
    if (openssl)
        dlclose(openssl->library);
    memory_free(openssl);
}

void openssl_explain(const struct openssl *openssl, char *text, size_t size)
{
    unsigned long first = openssl->ERR_get_error();
    openssl->ERR_error_string_n(first, text, size);
    openssl->ERR_clear_error();
}
