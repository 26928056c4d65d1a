/* SPDX-License-Identifier: MIT */
/*
 * Assertions that stay on in release builds.
 *
 *     CHECK(slot < table->capacity);
 *
 * A CHECK that fails is a bug in Understudy, never something a client can cause: it prints the
 * place and aborts. What a client may get wrong is answered with an error reply instead.
 */
#ifndef UNDERSTUDY_BASE_CHECK_H
#define UNDERSTUDY_BASE_CHECK_H

/* Prints "file:line: check failed: expression" on standard error and aborts. */
_Noreturn void check_failed(const char *file, int line, const char *expression);

#define CHECK(expression) ((expression) ? (void)0 : check_failed(__FILE__, __LINE__, #expression))

#endif
