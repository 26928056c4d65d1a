/* SPDX-License-Identifier: MIT */
#include "engine/journal_manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"

static void assert_written(const struct journal_manifest *manifest, const char *expected)
{
    struct buffer text = {0};
    journal_manifest_write(manifest, &text);
    buffer_append_byte(&text, '\0');
    assert_string_equal(text.data, expected);
    buffer_clear(&text);
}

static void what_is_read_is_written(void **state)
{
    static const char text[] = "file \"a b\" seq 3 type b\nfile h seq 1 type h\n"
                               "file i1 seq 2 type i\nfile i2 seq 5 type i\n";
    struct journal_manifest manifest = {0};
    struct buffer problem = {0};
    (void)state;
    assert_true(journal_manifest_read(&manifest, bytes_of_string(text), &problem));
    assert_written(&manifest, text);
    assert_int_equal(manifest.base_sequence, 3);
    assert_int_equal(manifest.increment_sequence, 5);
    assert_string_equal(journal_manifest_last_increment(&manifest)->name, "i2");
    assert_int_equal(journal_manifest_live_count(&manifest), 3);
    journal_manifest_clear(&manifest);
}

static void notes_and_unknown_words_are_read_over(void **state)
{
    struct journal_manifest manifest = {0};
    struct buffer problem = {0};
    (void)state;
    assert_true(journal_manifest_read(
        &manifest, BYTES_LITERAL("# note\nfile a seq 1 startoffset 7 type i\n"), &problem));
    assert_written(&manifest, "file a seq 1 type i\n");
    journal_manifest_clear(&manifest);
}

static void a_rewrite_makes_history_and_goes_on_counting(void **state)
{
    struct journal_manifest manifest = {0}, copy;
    (void)state;
    journal_manifest_add(&manifest, JOURNAL_BASE, "b", 1);
    journal_manifest_add(&manifest, JOURNAL_INCREMENT, "i", 4);
    journal_manifest_copy(&copy, &manifest);
    journal_manifest_retire(&copy);
    char *base = journal_manifest_next_base(&copy, "x", true);
    char *increment = journal_manifest_next_increment(&copy, "x");
    assert_string_equal(base, "x.2.base.rdb");
    assert_string_equal(increment, "x.5.incr.aof");
    journal_manifest_add(&copy, JOURNAL_INCREMENT, increment, 5);
    journal_manifest_add(&copy, JOURNAL_BASE, base, 2);
    assert_written(&copy, "file x.2.base.rdb seq 2 type b\nfile b seq 1 type h\n"
                          "file i seq 4 type h\nfile x.5.incr.aof seq 5 type i\n");
    journal_manifest_forget(&copy);
    assert_written(&copy, "file x.2.base.rdb seq 2 type b\nfile x.5.incr.aof seq 5 type i\n");
    memory_free(base);
    memory_free(increment);
    journal_manifest_clear(&copy);
    journal_manifest_clear(&manifest);
}

static void a_damaged_one_is_refused_with_its_line(void **state)
{
    static const char *const texts[] = {
        "",
        "file a seq 1 type i",
        "file a seq 1\n",
        "file a seq 0 type i\n",
        "file a seq 1 type x\n",
        "file a/b seq 1 type i\n",
        "file .. seq 1 type i\n",
        "file a seq 2 type i\nfile b seq 2 type i\n",
        "file a seq 1 type b\nfile b seq 2 type b\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct journal_manifest manifest = {0};
        struct buffer problem = {0};
        assert_false(journal_manifest_read(&manifest, bytes_of_string(texts[i]), &problem));
        assert_true(problem.size > 0);
        assert_int_equal(manifest.count, 0);
        buffer_clear(&problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_written),
        cmocka_unit_test(notes_and_unknown_words_are_read_over),
        cmocka_unit_test(a_rewrite_makes_history_and_goes_on_counting),
        cmocka_unit_test(a_damaged_one_is_refused_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
