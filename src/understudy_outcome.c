/* SPDX-License-Identifier: MIT */
/* What is left when a server has served: reports, and the status of a run. */
#include <stdio.h>

#include "base/memory.h"
#include "controls/controls.h"
#include "controls/report.h"
#include "engine/config.h"
#include "engine/engine.h"
#include "script/coverage.h"
#include "script/interpreter.h"
#include "script/lcov.h"
#include "understudy_private.h"

/* The report that `script-coverage` asks for. */
static void write_coverage(struct understudy *server)
{
    const struct coverage *coverage = interpreter_coverage(server->engine->interpreter);
    const char *path = config_string(server->config, CONFIG_SCRIPT_COVERAGE);
    const char *sources = config_string(server->config, CONFIG_SCRIPT_SOURCES);
    char error[LCOV_ERROR_SIZE];
    if (!coverage || !*path || lcov_write(coverage, path, sources, error))
        return;
    engine_log(server->engine, 3, "%s", error);
    server->problem = bytes_to_string(bytes_of_string(error));
}

/* The report that `report` asks for; scripts come from where controls may not look. */
static void write_report(struct understudy *server)
{
    const struct coverage *coverage = interpreter_coverage(server->engine->interpreter);
    struct report *report = server->engine->controls->report;
    char error[REPORT_ERROR_SIZE];
    if (!report)
        return;
    size_t count = coverage_count(coverage);
    struct report_script *scripts = memory_zeroed(count * sizeof *scripts + 1);
    for (size_t i = 0; i < count; i++) {
        const struct coverage_unit *unit = coverage_unit(coverage, i);
        struct report_function *functions =
            memory_zeroed(unit->function_count * sizeof *functions + 1);
        for (size_t f = 0; f < unit->function_count; f++)
            functions[f] = (struct report_function){.name = unit->functions[f].name,
                                                    .first_line = unit->functions[f].first_line,
                                                    .calls = unit->functions[f].calls};
        scripts[i] = (struct report_script){.sha = unit->sha,
                                            .text = bytes_of(unit->text, unit->text_size),
                                            .line_count = unit->line_count,
                                            .has_code = unit->has_code,
                                            .hits = unit->hits,
                                            .functions = functions,
                                            .function_count = unit->function_count};
    }
    const char *path = config_string(server->config, CONFIG_REPORT);
    if (!report_write(report, path, scripts, count, error)) {
        engine_log(server->engine, 3, "%s", error);
        if (!server->problem)
            server->problem = bytes_to_string(bytes_of_string(error));
    }
    for (size_t i = 0; i < count; i++)
        memory_free((void *)scripts[i].functions);
    memory_free(scripts);
}

void understudy_outcome_write(struct understudy *server)
{
    write_coverage(server);
    write_report(server);
}

int understudy_exit_status(const struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE])
{
    const struct coverage *coverage = interpreter_coverage(server->engine->interpreter);
    int64_t least = config_integer(server->config, CONFIG_SCRIPT_COVERAGE_MIN);
    if (server->problem)
        snprintf(error, UNDERSTUDY_ERROR_SIZE, "%s", server->problem);
    if (!coverage || server->problem)
        return server->problem ? 1 : 0;
    struct coverage_summary total = coverage_total(coverage);
    int permille = coverage_permille(total);
    if (permille >= least * 10)
        return 0;
    snprintf(error, UNDERSTUDY_ERROR_SIZE,
             "%d.%d %% of the scripts' lines ran (%zu of %zu), script-coverage-min asks for %d %%",
             permille / 10, permille % 10, total.hit, total.lines, (int)least);
    return 1;
}
