/* SPDX-License-Identifier: MIT */
/* ACL LOG: who was refused what. The same thing again within a minute counts up. */
#ifndef UNDERSTUDY_ENGINE_ACL_LOG_H
#define UNDERSTUDY_ENGINE_ACL_LOG_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/list.h"
#include "engine/acl_check.h"

struct session;

enum acl_log_context { ACL_LOG_TOPLEVEL, ACL_LOG_MULTI, ACL_LOG_LUA };

struct acl_log_entry {
    struct list_node node;
    uint64_t id;
    uint64_t count;
    enum acl_verdict reason;
    enum acl_log_context context;
    int64_t created_ms; /* since epoch */
    int64_t updated_ms;
    char *object; /* owned, object_size bytes: command, key, channel or AUTH's own name */
    size_t object_size;
    char *user; /* owned, user_size bytes */
    size_t user_size;
    char *client; /* owned: the client's line, as CLIENT LIST has it */
};

struct acl_log {
    struct list entries; /* of struct acl_log_entry, the latest first */
    uint64_t next_id;
    uint64_t denied[ACL_DENIED_CHANNEL + 1]; /* all there were, by enum acl_verdict */
};

struct acl_log_event {
    enum acl_verdict reason;
    enum acl_log_context context;
    struct bytes object;
    struct bytes user;
    const struct session *client; /* who asked */
};

/* Keeps the latest acllog-max-len. */
void acl_log_add(struct acl_log *log, const struct acl_log_event *event);
/* Forgets all entries; ids go on. */
void acl_log_clear(struct acl_log *log);

#endif
