/* SPDX-License-Identifier: MIT */
/*
 * What connection.c asks of the half of a connection that reads. connection.h has what others may.
 *
 *     struct bytes input = connection_input_pending(connection);
 *     ...                                                        // executes some of it
 *     connection_input_keep(connection, input);                  // the rest
 */
#ifndef UNDERSTUDY_NET_CONNECTION_INPUT_H
#define UNDERSTUDY_NET_CONNECTION_INPUT_H

#include "base/bytes.h"

struct connection;

/* Received and not executed: borrowed until the connection reads again or the turn ends. */
struct bytes connection_input_pending(const struct connection *connection);

/* `left`, an end of what is pending, stays for later, in memory of the connection's own. */
void connection_input_keep(struct connection *connection, struct bytes left);

/* Receives all that can be had of what the TLS stream was fed. */
void connection_input_decrypt(struct connection *connection);

#endif
