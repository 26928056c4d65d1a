/* SPDX-License-Identifier: MIT */
/*
 * Every error text that a client can get, once. A text is a whole error with its code; those with
 * conversions are formats for reply_error_format. The wording is Redis's, because clients and scripts
 * compare it.
 */
#ifndef UNDERSTUDY_REPLY_ERRORS_H
#define UNDERSTUDY_REPLY_ERRORS_H

/* --- dispatch --- */
#define ERROR_UNKNOWN_COMMAND "ERR unknown command '%.*s', with args beginning with: %s"
#define ERROR_UNKNOWN_SUBCOMMAND "ERR unknown subcommand '%.*s'. Try %s HELP."
#define ERROR_ARITY "ERR wrong number of arguments for '%s' command"
#define ERROR_NOAUTH "NOAUTH Authentication required."
#define ERROR_SCRIPT_UNKNOWN_COMMAND "ERR Unknown Redis command called from script"
#define ERROR_SCRIPT_ARITY "ERR Wrong number of args calling Redis command from script"
#define ERROR_SCRIPT_NOT_ALLOWED "ERR This Redis command is not allowed from script"
#define ERROR_SCRIPT_READ_ONLY "ERR Write commands are not allowed from read-only scripts."
#define ERROR_NOT_IN_MULTI "ERR Command not allowed inside a transaction"

/* --- arguments --- */
#define ERROR_SYNTAX "ERR syntax error"
#define ERROR_WRONG_TYPE "WRONGTYPE Operation against a key holding the wrong kind of value"
#define ERROR_NOT_INTEGER "ERR value is not an integer or out of range"
#define ERROR_NOT_FLOAT "ERR value is not a valid float"
#define ERROR_OUT_OF_RANGE "ERR value is out of range"
#define ERROR_NO_SUCH_KEY "ERR no such key"
#define ERROR_DB_INDEX "ERR DB index is out of range"
#define ERROR_SAME_OBJECT "ERR source and destination objects are the same"

/* --- transactions --- */
#define ERROR_EXECABORT "EXECABORT Transaction discarded because of previous errors."
#define ERROR_EXECABORT_REASON "EXECABORT Transaction discarded because of: %s"
#define ERROR_MULTI_NESTED "ERR MULTI calls can not be nested"
#define ERROR_EXEC_WITHOUT_MULTI "ERR EXEC without MULTI"
#define ERROR_DISCARD_WITHOUT_MULTI "ERR DISCARD without MULTI"
#define ERROR_WATCH_IN_MULTI "ERR WATCH inside MULTI is not allowed"

#endif
