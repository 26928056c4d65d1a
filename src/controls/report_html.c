/* SPDX-License-Identifier: MIT */
/* The page brings its own styles and program; the report stands in it as JSON. */
#include "base/check.h"
#include "controls/report_page.h"
#include "controls/report_private.h"

#define PLACE "@REPORT@" /* in report_page.html, once */

void report_html_append(const struct report_contents *contents, struct buffer *out)
{
    const char *place = strstr(report_page, PLACE);
    CHECK(place);
    buffer_append(out, report_page, (size_t)(place - report_page));
    report_json_append(contents, out);
    buffer_append_string(out, place + strlen(PLACE));
}
