/* SPDX-License-Identifier: MIT */
/*
 * DEBUG's subcommands that stand in files of their own; debug.c calls them, having checked the
 * number of arguments.
 */
#ifndef UNDERSTUDY_COMMANDS_DEBUG_H
#define UNDERSTUDY_COMMANDS_DEBUG_H

struct call;

/* The error for a subcommand that there is not, or not with so many arguments. */
void debug_answer_unknown(struct call *call);

/* debug_digest.c: hexadecimal digests that equal data has in every server. */
void debug_digest_everything(struct call *call);
void debug_digest_values(struct call *call);

/* debug_dataset.c: what happens to whole databases. */
void debug_dataset_reload(struct call *call);
void debug_dataset_load_append_only(struct call *call);
void debug_dataset_populate(struct call *call);

/* debug_values.c: how one value is kept. */
void debug_values_object(struct call *call);
void debug_values_listpack(struct call *call);
void debug_values_ziplist(struct call *call);
void debug_values_quicklist(struct call *call);
void debug_values_sdslen(struct call *call);

/* debug_tables.c: how full hash tables are. */
void debug_tables_of_database(struct call *call);
void debug_tables_of_key(struct call *call);

/* debug_memory.c: what clients take, what happens by itself, sizes of structs. */
void debug_memory_client_eviction(struct call *call);
void debug_memory_reply_buffer(struct call *call);
void debug_memory_pause_cron(struct call *call);
void debug_memory_set_active_expire(struct call *call);
void debug_memory_disable_deny_scripts(struct call *call);
void debug_memory_struct_sizes(struct call *call);

/* debug_protocol.c: a value of each type that the protocol has. */
void debug_protocol_reply(struct call *call);

#endif
