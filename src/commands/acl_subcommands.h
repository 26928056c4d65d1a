/* SPDX-License-Identifier: MIT */
/* The functions of ACL's subcommands (acl_subcommands.c), for their rows (acl.c). */
#ifndef UNDERSTUDY_COMMANDS_ACL_SUBCOMMANDS_H
#define UNDERSTUDY_COMMANDS_ACL_SUBCOMMANDS_H

struct call;

void acl_subcommands_cat(struct call *call);
void acl_subcommands_deluser(struct call *call);
void acl_subcommands_dryrun(struct call *call);
void acl_subcommands_genpass(struct call *call);
void acl_subcommands_getuser(struct call *call);
void acl_subcommands_help(struct call *call);
void acl_subcommands_list(struct call *call);
void acl_subcommands_load(struct call *call);
void acl_subcommands_log(struct call *call);
void acl_subcommands_save(struct call *call);
void acl_subcommands_setuser(struct call *call);
void acl_subcommands_users(struct call *call);
void acl_subcommands_whoami(struct call *call);

#endif
