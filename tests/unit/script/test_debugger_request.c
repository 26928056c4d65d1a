/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "script/debugger_request.h"

/* The input ends where its allocation does, so that a sanitizer sees a read beyond. */
static enum debugger_request_status parse(const char *text, size_t size,
                                          struct debugger_request *request)
{
    char *copy = memory_copy(text, size);
    enum debugger_request_status status = debugger_request_parse(bytes_of(copy, size), request);
    for (int i = 0; status == DEBUGGER_REQUEST_COMPLETE && i < request->argc; i++)
        request->argv[i].data = text + (request->argv[i].data - copy);
    memory_free(copy);
    return status;
}

static void a_command_is_found_in_every_part_of_its_bytes(void **state)
{
    static const char text[] = "*2\r\n$1\r\np\r\n$3\r\na\rb\r\n*1";
    const size_t whole = sizeof text - 3;
    struct debugger_request request = {0};
    (void)state;
    for (size_t size = 0; size < whole; size++)
        assert_int_equal(parse(text, size, &request), DEBUGGER_REQUEST_PARTIAL);
    assert_int_equal(parse(text, sizeof text - 1, &request), DEBUGGER_REQUEST_COMPLETE);
    assert_int_equal(request.argc, 2);
    assert_true(bytes_equal_string(request.argv[0], "p"));
    assert_true(bytes_equal_string(request.argv[1], "a\rb"));
    assert_int_equal(request.consumed, whole);
    debugger_request_clear(&request);
}

static void what_comes_before_the_star_is_passed_over(void **state)
{
    static const char text[] = "\r\nxx*1x\r\n$1y\r\nq\r\n";
    struct debugger_request request = {0};
    (void)state;
    assert_int_equal(parse(text, sizeof text - 1, &request), DEBUGGER_REQUEST_COMPLETE);
    assert_int_equal(request.consumed, sizeof text - 1);
    debugger_request_clear(&request);
}

static void what_is_no_command_is_refused(void **state)
{
    static const char *const texts[] = {
        "PING\r\n", "*0\r\n",           "*-1\r\n",         "*1025\r\n",          "*x\r\n",
        "*1\r\nq",  "*1\r\n$0\r\n\r\n", "*1\r\n$1025\r\n", "*1\r\n$1\r\nab\r\n", "*1\r\n:1\r\n",
    };
    struct debugger_request request = {0};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(parse(texts[i], strlen(texts[i]), &request), DEBUGGER_REQUEST_INVALID);
    debugger_request_clear(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_found_in_every_part_of_its_bytes),
        cmocka_unit_test(what_comes_before_the_star_is_passed_over),
        cmocka_unit_test(what_is_no_command_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
