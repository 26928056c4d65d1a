/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "script/debugger_log.h"

static void expect_taken(struct debugger_log *log, const char *expected)
{
    struct buffer out = {0};
    debugger_log_take(log, &out);
    buffer_append_byte(&out, '\0');
    assert_string_equal(out.data, expected);
    buffer_clear(&out);
}

static void lines_become_an_array(void **state)
{
    struct debugger_log log;
    (void)state;
    debugger_log_init(&log);
    debugger_log_format(&log, "%d", 1);
    debugger_log_line(&log, BYTES_LITERAL("a\r\nb"));
    expect_taken(&log, "*2\r\n+1\r\n+a  b\r\n");
    expect_taken(&log, "*0\r\n");
    debugger_log_clear(&log);
}

static void a_long_value_is_cut_and_the_way_out_is_told_once(void **state)
{
    struct debugger_log log;
    (void)state;
    debugger_log_init(&log);
    log.longest = 3;
    debugger_log_value(&log, BYTES_LITERAL("abc"));
    debugger_log_value(&log, BYTES_LITERAL("abcd"));
    debugger_log_value(&log, BYTES_LITERAL("efgh"));
    expect_taken(&log, "*4\r\n+abc\r\n+abc ...\r\n+<hint> The above reply was trimmed. Use 'maxlen "
                       "0' to disable trimming.\r\n+efg ...\r\n");
    log.longest = 0;
    debugger_log_value(&log, BYTES_LITERAL("abcd"));
    expect_taken(&log, "*1\r\n+abcd\r\n");
    debugger_log_clear(&log);
}

static void it_does_not_grow_without_end(void **state)
{
    static const char line[64 * 1024];
    struct debugger_log log;
    (void)state;
    debugger_log_init(&log);
    for (int i = 0; i < 1000; i++)
        debugger_log_line(&log, bytes_of(line, sizeof line));
    assert_in_range(log.lines.size, DEBUGGER_LOG_LIMIT, DEBUGGER_LOG_LIMIT + 2 * sizeof line);
    debugger_log_clear(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_an_array),
        cmocka_unit_test(a_long_value_is_cut_and_the_way_out_is_told_once),
        cmocka_unit_test(it_does_not_grow_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
