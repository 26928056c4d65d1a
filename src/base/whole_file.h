/* SPDX-License-Identifier: MIT */
/*
 * Files that are there whole or not at all.
 *
 *     if (!whole_file_write("report.json", buffer_bytes(&text)))
 *         complain(strerror(errno));
 */
#ifndef UNDERSTUDY_BASE_WHOLE_FILE_H
#define UNDERSTUDY_BASE_WHOLE_FILE_H

#include <stdbool.h>

#include "base/bytes.h"

/* Writes the text beside its place and moves it there, unless that is a pipe or a device. False
 * with errno. */
bool whole_file_write(const char *path, struct bytes text);

#endif
