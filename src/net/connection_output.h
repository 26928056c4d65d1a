/* SPDX-License-Identifier: MIT */
/*
 * What connection.c asks of the half of a connection that sends. connection.h has what others may.
 *
 *     connection_output_lend(connection);
 *     session_execute(...);
 *     connection_flush(connection);           // sends, and gives the buffer back when it is empty
 */
#ifndef UNDERSTUDY_NET_CONNECTION_OUTPUT_H
#define UNDERSTUDY_NET_CONNECTION_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/bytes.h"

struct connection;

/* Bytes that are answered and that the system has not taken. */
size_t connection_output_unsent(const struct connection *connection);

/* Whether those are so many that the client must read before more of its requests are executed. */
bool connection_output_is_much(const struct connection *connection);

/* The turn's spare buffer becomes the session's for output, if that has none. */
void connection_output_lend(struct connection *connection);

/* The number of bytes that the socket takes at once; below 0 when the client is gone. */
ssize_t connection_output_try(struct connection *connection, struct bytes data);

/* Sends what the TLS stream has, which encrypts no more than the client takes. Below 0 when the
 * client is gone. */
int connection_output_send_encrypted(struct connection *connection);

/* Tells a client of TLS that this is the end, as far as the socket takes it at once. */
void connection_output_end_encrypted(struct connection *connection);

#endif
