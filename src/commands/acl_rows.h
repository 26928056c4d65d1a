/* SPDX-License-Identifier: MIT */
/* The functions of ACL's subcommands (acl.c), for their rows (acl_rows.c). */
#ifndef UNDERSTUDY_COMMANDS_ACL_ROWS_H
#define UNDERSTUDY_COMMANDS_ACL_ROWS_H

struct call;

void acl_rows_cat(struct call *call);
void acl_rows_deluser(struct call *call);
void acl_rows_dryrun(struct call *call);
void acl_rows_genpass(struct call *call);
void acl_rows_getuser(struct call *call);
void acl_rows_help(struct call *call);
void acl_rows_list(struct call *call);
void acl_rows_load(struct call *call);
void acl_rows_log(struct call *call);
void acl_rows_save(struct call *call);
void acl_rows_setuser(struct call *call);
void acl_rows_users(struct call *call);
void acl_rows_whoami(struct call *call);

#endif
