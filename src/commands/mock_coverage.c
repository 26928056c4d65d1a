/* SPDX-License-Identifier: MIT */
/* MOCK COVERAGE: which lines of scripts have run (src/script/coverage.h). */
#include "base/memory.h"
#include "commands/mock.h"
#include "engine/engine.h"
#include "reply/errors.h"
#include "script/coverage.h"
#include "script/interpreter.h"
#include "script/lcov.h"
#include "script/script_sources.h"

static struct coverage *coverage_of(const struct call *call)
{
    return interpreter_coverage(call->engine->interpreter);
}

static void answer_summary(struct call *call, struct coverage_summary summary)
{
    int permille = coverage_permille(summary);
    reply_bulk_string(call->reply, "lines");
    reply_integer(call->reply, (int64_t)summary.lines);
    reply_bulk_string(call->reply, "hit");
    reply_integer(call->reply, (int64_t)summary.hit);
    reply_bulk_string(call->reply, "percent");
    reply_bulk_format(call->reply, "%d.%d", permille / 10, permille % 10);
}

static void answer_uncovered(struct call *call, const struct coverage_unit *unit)
{
    reply_bulk_string(call->reply, "uncovered");
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    for (int line = 1; line < unit->line_count; line++)
        if (unit->has_code[line] && unit->hits[line] == 0)
            reply_integer(call->reply, line);
    reply_close(call->reply);
}

static void answer_unit(struct call *call, const struct coverage_unit *unit,
                        const struct script_sources *sources)
{
    const char *source = script_sources_find(sources, bytes_of(unit->text, unit->text_size));
    reply_open(call->reply, REPLY_MAP, 6);
    reply_bulk_string(call->reply, "sha");
    reply_bulk_string(call->reply, unit->sha);
    reply_bulk_string(call->reply, "source");
    if (source)
        reply_bulk_string(call->reply, source);
    else
        reply_null(call->reply);
    answer_summary(call, coverage_summary(unit));
    answer_uncovered(call, unit);
    reply_close(call->reply);
}

static void report(struct call *call)
{
    const struct coverage *coverage = coverage_of(call);
    struct script_sources *sources =
        script_sources_new(config_string(call->engine->config, CONFIG_SCRIPT_SOURCES));
    size_t count = coverage_count(coverage);
    reply_open(call->reply, REPLY_MAP, 2);
    reply_bulk_string(call->reply, "scripts");
    reply_open(call->reply, REPLY_ARRAY, count);
    for (size_t i = 0; i < count; i++)
        answer_unit(call, coverage_unit(coverage, i), sources);
    reply_close(call->reply);
    reply_bulk_string(call->reply, "total");
    reply_open(call->reply, REPLY_MAP, 3);
    answer_summary(call, coverage_total(coverage));
    reply_close(call->reply);
    reply_close(call->reply);
    script_sources_free(sources);
}

static void reset(struct call *call)
{
    coverage_reset(coverage_of(call));
    reply_ok(call->reply);
}

static void write(struct call *call)
{
    const struct config *config = call->engine->config;
    const char *configured = config_string(config, CONFIG_SCRIPT_COVERAGE);
    char error[LCOV_ERROR_SIZE];
    if (call->argc == 3 && !*configured) {
        reply_error(call->reply, ERROR_MOCK_COVERAGE_NO_PATH);
        return;
    }
    char *path = bytes_to_string(call->argc > 3 ? call->argv[3] : bytes_of_string(configured));
    if (lcov_write(coverage_of(call), path, config_string(config, CONFIG_SCRIPT_SOURCES), error))
        reply_ok(call->reply);
    else
        reply_error_format(call->reply, ERROR_MOCK_COVERAGE_WRITE, error);
    memory_free(path);
}

void mock_coverage(struct call *call)
{
    static const struct {
        const char *word;
        int most; /* argc */
        void (*run)(struct call *call);
    } options[] = {{"REPORT", 3, report}, {"RESET", 3, reset}, {"WRITE", 4, write}};
    if (!mock_is_allowed(call))
        return;
    if (!coverage_of(call)) {
        reply_error(call->reply, ERROR_MOCK_COVERAGE_OFF);
        return;
    }
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!call_is(call, 2, options[i].word))
            continue;
        if (call->argc > options[i].most)
            reply_error_format(call->reply, ERROR_MOCK_COVERAGE_ARITY, options[i].word);
        else
            options[i].run(call);
        return;
    }
    reply_error_format(call->reply, ERROR_MOCK_COVERAGE_OPTION, BYTES_PRINT(call->argv[2]));
}
