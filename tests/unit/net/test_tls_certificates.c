/* SPDX-License-Identifier: MIT */
#include "net/tls_certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static unsigned mode_of(const char *directory, const char *name)
{
    char path[128];
    struct stat state;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return stat(path, &state) == 0 && state.st_size > 100 ? state.st_mode & 0777 : 0;
}

static void directory_has_what_server_and_client_need(void **state)
{
    static const char *const names[] = {"ca.crt", "server.crt", "server.key", "client.crt",
                                        "client.key"};
    char directory[] = "/tmp/understudy-test-XXXXXX", inner[64], path[128], error[256];
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(inner, sizeof inner, "%s/certs", directory);
    for (int time = 0; time < 2; time++) { /* the second time they are there already */
        struct tls_certificates *made = tls_certificates_make(inner, error, sizeof error);
        assert_non_null(made);
        snprintf(path, sizeof path, "%s/server.crt", inner);
        assert_string_equal(made->certificate, path);
        tls_certificates_free(made);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            assert_int_equal(mode_of(inner, names[i]) & (strstr(names[i], ".key") ? 0777 : 0600),
                             0600);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", inner, names[i]);
        unlink(path);
    }
    rmdir(inner);
    rmdir(directory);
}

static void files_in_memory_go_when_they_are_freed(void **state)
{
    char error[256], path[64];
    (void)state;
    struct tls_certificates *made = tls_certificates_make(NULL, error, sizeof error);
    assert_non_null(made);
    assert_int_equal(access(made->authority, R_OK), 0);
    assert_int_equal(access(made->key, R_OK), 0);
    snprintf(path, sizeof path, "%s", made->authority);
    tls_certificates_free(made);
    assert_int_not_equal(access(path, R_OK), 0);
}

static void directory_that_cannot_be_made_is_named(void **state)
{
    char error[256];
    (void)state;
    assert_null(tls_certificates_make("/nosuch/directory", error, sizeof error));
    assert_string_equal(error, "cannot make /nosuch/directory: No such file or directory");
    tls_certificates_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directory_has_what_server_and_client_need),
        cmocka_unit_test(files_in_memory_go_when_they_are_freed),
        cmocka_unit_test(directory_that_cannot_be_made_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
