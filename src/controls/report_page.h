/* SPDX-License-Identifier: MIT */
/* The page of a report: report_page.html as a string, built in by the Makefile. */
#ifndef UNDERSTUDY_CONTROLS_REPORT_PAGE_H
#define UNDERSTUDY_CONTROLS_REPORT_PAGE_H

#include <stddef.h>

extern const char report_page[]; /* terminated */
extern const size_t report_page_size;

#endif
