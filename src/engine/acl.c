/* SPDX-License-Identifier: MIT */
/*
 * Invariants: `users` is sorted, and has the default user. A user that is in it is never replaced
 * but changed in place, because sessions hold it.
 */
#include "engine/acl.h"

#include "base/digest.h"
#include "base/memory.h"
#include "engine/acl_rules.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "reply/errors.h"

/* --- sets of users --- */

/* Where the name is or would be. */
static size_t place_of(const struct acl_users *users, struct bytes name, bool *is_there)
{
    size_t low = 0, high = users->count;
    *is_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = bytes_compare(acl_user_name(users->items[middle]), name);
        if (order == 0) {
            *is_there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct acl_user *acl_users_find(const struct acl_users *users, struct bytes name)
{
    bool is_there;
    size_t place = place_of(users, name, &is_there);
    return is_there ? users->items[place] : NULL;
}

void acl_users_add(struct acl_users *users, struct acl_user *user)
{
    bool is_there;
    size_t place = place_of(users, acl_user_name(user), &is_there);
    if (users->count == users->capacity) {
        users->capacity = users->capacity ? users->capacity * 2 : 4;
        users->items = memory_resize(users->items, users->capacity * sizeof *users->items);
    }
    memmove(users->items + place + 1, users->items + place,
            (users->count++ - place) * sizeof *users->items);
    users->items[place] = user;
}

void acl_users_clear(struct acl_users *users)
{
    for (size_t i = 0; i < users->count; i++)
        acl_user_release(users->items[i]);
    memory_free(users->items);
    *users = (struct acl_users){0};
}

static void copy_users(struct acl_users *copy, const struct acl_users *from)
{
    acl_users_clear(copy);
    for (size_t i = 0; i < from->count; i++) {
        struct acl_user *user = acl_user_new(acl_user_name(from->items[i]));
        acl_user_assign(user, from->items[i]);
        acl_users_add(copy, user);
    }
}

struct acl_user *acl_find(const struct engine *engine, struct bytes name)
{
    return acl_users_find(&engine->acl.users, name);
}

struct acl_user *acl_at(const struct engine *engine, size_t index)
{
    return index < engine->acl.users.count ? engine->acl.users.items[index] : NULL;
}

/* --- start and end --- */

static void allow_everything(const struct engine *engine, struct acl_user *user)
{
    static const char *const rules[] = {"+@all", "~*", "&*", "on", "nopass"};
    acl_rules_start(engine, user);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        acl_rules_apply(engine, user, bytes_of_string(rules[i]));
}

void acl_init(struct engine *engine)
{
    struct acl *acl = &engine->acl;
    acl->default_user = acl_user_new(BYTES_LITERAL("default"));
    allow_everything(engine, acl->default_user);
    acl_users_add(&acl->users, acl->default_user);
    acl_set_default_password(engine);
    acl_settle_start(engine);
}

void acl_settle_start(struct engine *engine)
{
    copy_users(&engine->acl.at_start, &engine->acl.users);
}

void acl_clear(struct acl *acl)
{
    acl_users_clear(&acl->users);
    acl_users_clear(&acl->at_start);
    acl_log_clear(&acl->log);
}

void acl_set_default_password(struct engine *engine)
{
    const char *password = config_string(engine->config, CONFIG_REQUIREPASS);
    struct acl_user *user = engine->acl.default_user;
    if (!*password) {
        acl_rules_apply(engine, user, BYTES_LITERAL("nopass"));
        return;
    }
    struct buffer rule = {0};
    buffer_append_format(&rule, ">%s", password);
    acl_rules_apply(engine, user, BYTES_LITERAL("resetpass"));
    acl_rules_apply(engine, user, buffer_bytes(&rule));
    buffer_clear(&rule);
}

/* --- sessions --- */

bool acl_asks_for_login(const struct engine *engine)
{
    const uint32_t open = ACL_USER_ON | ACL_USER_NOPASS;
    return (engine->acl.default_user->flags & open) != open;
}

void acl_set_session_user(struct session *session, struct acl_user *user)
{
    struct acl_user *former = session->user;
    session->user = acl_user_hold(user);
    acl_user_release(former);
}

void acl_begin_session(struct session *session)
{
    acl_set_session_user(session, session->engine->acl.default_user);
    session->flags &= (uint32_t)~SESSION_AUTHENTICATED;
    if (session->flags & SESSION_EXEMPT || !acl_asks_for_login(session->engine))
        session->flags |= SESSION_AUTHENTICATED;
}

void acl_end_session(struct session *session)
{
    acl_user_release(session->user);
    session->user = NULL;
}

/* A client that is being answered gets its answer first. */
static void close_client(struct session *session)
{
    acl_set_session_user(session, session->engine->acl.default_user);
    session->flags &= (uint32_t)~SESSION_AUTHENTICATED;
    if (session == session->engine->current)
        session->flags |= SESSION_CLOSE_AFTER_REPLY;
    else
        session_close(session, false);
}

static void close_clients_of(struct engine *engine, const struct acl_user *user)
{
    struct list_node *next;
    for (struct list_node *node = list_first(&engine->sessions); node; node = next) {
        struct session *session = LIST_ENTRY(node, struct session, node);
        next = list_next(node);
        if (session->user == user)
            close_client(session);
    }
}

static bool is_password(const struct acl_user *user, struct bytes password)
{
    char digits[DIGEST_SHA256_HEX_SIZE + 1];
    if (user->flags & ACL_USER_NOPASS)
        return true;
    digest_sha256_hex(password, digits);
    return acl_user_find_text(&user->passwords, bytes_of_string(digits)) != NULL;
}

bool acl_authenticate(struct call *call, struct bytes name, struct bytes password)
{
    struct session *session = call->session;
    struct acl_user *user = acl_find(call->engine, name);
    if (!user || !(user->flags & ACL_USER_ON) || !is_password(user, password)) {
        const struct acl_log_event event = {
            .reason = ACL_DENIED_LOGIN,
            .context = session->flags & SESSION_IN_MULTI ? ACL_LOG_MULTI : ACL_LOG_TOPLEVEL,
            .object = call->argv[0],
            .user = name,
            .client = session};
        acl_log_add(&call->engine->acl.log, &event);
        return false;
    }
    acl_set_session_user(session, user);
    session->flags |= SESSION_AUTHENTICATED;
    return true;
}

/* --- changes --- */

static bool has_all_channels(const struct acl_user *user)
{
    for (size_t i = 0; i < user->selector_count; i++)
        if (user->selectors[i].flags & ACL_ALL_CHANNELS)
            return true;
    return false;
}

static void collect_channels(const struct acl_user *user, struct acl_texts *channels)
{
    for (size_t i = 0; i < user->selector_count; i++)
        for (size_t j = 0; j < user->selectors[i].channels.count; j++)
            acl_user_add_text(channels, bytes_of_string(user->selectors[i].channels.items[j].text),
                              0);
}

static bool is_subset(const struct acl_texts *some, const struct acl_texts *all)
{
    for (size_t i = 0; i < some->count; i++)
        if (!acl_user_find_text(all, bytes_of_string(some->items[i].text)))
            return false;
    return true;
}

struct hearing {
    const struct acl_texts *channels;
    bool is_allowed;
};

static void check_subscription(enum pubsub_kind kind, struct bytes name, void *context)
{
    struct hearing *hearing = context;
    if (!acl_check_channel(hearing->channels, name, kind == PUBSUB_PATTERN))
        hearing->is_allowed = false;
}

/* Clients that hear what `user` will not be allowed to hear when it becomes as `changed` is. */
static void close_listeners(struct engine *engine, const struct acl_user *user,
                            const struct acl_user *changed)
{
    if (has_all_channels(changed))
        return;
    struct acl_texts before = {0}, after = {0};
    collect_channels(user, &before);
    collect_channels(changed, &after);
    struct list_node *node = list_first(&engine->sessions), *next;
    if (!has_all_channels(user) && is_subset(&before, &after))
        node = NULL;
    for (; node; node = next) {
        struct session *session = LIST_ENTRY(node, struct session, node);
        struct hearing hearing = {.channels = &after, .is_allowed = true};
        next = list_next(node);
        if (session->user == user)
            pubsub_visit_subscriptions(session, check_subscription, &hearing);
        if (!hearing.is_allowed)
            close_client(session);
    }
    acl_user_clear_texts(&before);
    acl_user_clear_texts(&after);
}

static bool apply_all(const struct engine *engine, struct acl_user *user, const struct bytes *rules,
                      int count, struct buffer *error)
{
    struct acl_texts merged = {0};
    int open;
    bool is_done = acl_rules_merge(rules, count, &merged, &open) >= 0;
    if (!is_done)
        buffer_append_format(error, ERROR_ACL_PARENTHESIS, BYTES_PRINT(rules[open]));
    for (size_t i = 0; is_done && i < merged.count; i++) {
        const char *rule = merged.items[i].text;
        enum acl_rules_result result =
            acl_rules_apply(engine, user, bytes_of(rule, merged.items[i].mark));
        is_done = result == ACL_RULES_DONE;
        if (!is_done)
            buffer_append_format(error, ERROR_ACL_RULE, rule, acl_rules_problem(result));
    }
    acl_user_clear_texts(&merged);
    return is_done;
}

bool acl_set_user(struct engine *engine, struct bytes name, const struct bytes *rules, int count,
                  struct buffer *error)
{
    struct acl_user *user = acl_find(engine, name);
    struct acl_user *changed = acl_user_new(name);
    if (user)
        acl_user_assign(changed, user);
    else
        acl_rules_start(engine, changed);
    bool is_done = apply_all(engine, changed, rules, count, error);
    if (is_done && user) {
        close_listeners(engine, user, changed);
        acl_user_assign(user, changed);
    } else if (is_done) {
        acl_users_add(&engine->acl.users, acl_user_hold(changed));
    }
    acl_user_release(changed);
    return is_done;
}

bool acl_delete(struct engine *engine, struct bytes name)
{
    struct acl_users *users = &engine->acl.users;
    bool is_there;
    size_t place = place_of(users, name, &is_there);
    if (!is_there || users->items[place] == engine->acl.default_user)
        return false;
    struct acl_user *user = users->items[place];
    users->count--;
    memmove(users->items + place, users->items + place + 1,
            (users->count - place) * sizeof *users->items);
    close_clients_of(engine, user);
    acl_user_disarm(user);
    acl_user_release(user);
    return true;
}

/* --- going back --- */

/* Clients of the user go on as the default one. */
static void orphan_clients_of(struct engine *engine, const struct acl_user *user)
{
    for (struct list_node *node = list_first(&engine->sessions); node; node = list_next(node)) {
        struct session *session = LIST_ENTRY(node, struct session, node);
        if (session->user == user)
            acl_begin_session(session);
    }
}

static void assign_users(struct engine *engine, const struct acl_users *from)
{
    struct acl_users *users = &engine->acl.users;
    for (size_t i = 0; i < from->count; i++) {
        struct bytes name = acl_user_name(from->items[i]);
        struct acl_user *user = acl_users_find(users, name);
        if (!user) {
            user = acl_user_new(name);
            acl_users_add(users, user);
        }
        acl_user_assign(user, from->items[i]);
    }
}

static void replace_users(struct engine *engine, const struct acl_users *from)
{
    struct acl_users *users = &engine->acl.users;
    assign_users(engine, from);
    for (size_t i = users->count; i-- > 0;) {
        if (acl_users_find(from, acl_user_name(users->items[i])))
            continue;
        orphan_clients_of(engine, users->items[i]);
        acl_delete(engine, acl_user_name(users->items[i]));
    }
}

void acl_start_like(struct engine *engine, const struct engine *like)
{
    replace_users(engine, &like->acl.at_start);
    acl_settle_start(engine);
}

/* Before 7.4 the clients of all users but the default one have to log in again. */
void acl_adopt(struct engine *engine, struct acl_users *from)
{
    struct acl_users *users = &engine->acl.users;
    if (!acl_users_find(from, BYTES_LITERAL("default"))) {
        struct acl_user *user = acl_user_new(BYTES_LITERAL("default"));
        allow_everything(engine, user);
        acl_users_add(from, user);
    }
    for (size_t i = users->count; i-- > 0;) {
        struct acl_user *user = users->items[i];
        const struct acl_user *changed = acl_users_find(from, acl_user_name(user));
        bool is_default = user == engine->acl.default_user;
        if (changed && engine_emulates(engine, 7, 4))
            close_listeners(engine, user, changed);
        else if (!is_default)
            close_clients_of(engine, user);
        if (!changed)
            acl_delete(engine, acl_user_name(user));
    }
    assign_users(engine, from);
}

void acl_reset(struct engine *engine)
{
    replace_users(engine, &engine->acl.at_start);
    acl_log_clear(&engine->acl.log);
}

void *acl_copy(const struct engine *engine)
{
    struct acl_users *copy = memory_zeroed(sizeof *copy);
    copy_users(copy, &engine->acl.users);
    return copy;
}

void acl_restore(struct engine *engine, const void *copy)
{
    replace_users(engine, copy);
}

void acl_copy_free(void *copy)
{
    if (copy)
        acl_users_clear(copy);
    memory_free(copy);
}

/* --- permissions --- */

static struct bytes object_of(const struct acl_request *request, enum acl_verdict verdict,
                              int position)
{
    if (verdict == ACL_DENIED_COMMAND)
        return bytes_of(request->state->name, request->state->name_size);
    return request->argv[position];
}

enum acl_verdict acl_judge(struct session *session, const struct acl_request *request)
{
    struct engine *engine = session->engine;
    int position;
    enum acl_verdict verdict =
        acl_check_call(session->user, request->state, request->argv, request->argc, &position);
    if (verdict == ACL_ALLOWED)
        return verdict;
    bool is_script = request->context == ACL_LOG_LUA && engine->current;
    const struct acl_log_event event = {.reason = verdict,
                                        .context = request->context,
                                        .object = object_of(request, verdict, position),
                                        .user = acl_user_name(session->user),
                                        .client = is_script ? engine->current : session};
    acl_log_add(&engine->acl.log, &event);
    return verdict;
}

const char *acl_refusal(const struct engine *engine, enum acl_verdict verdict)
{
    bool is_new = engine_emulates(engine, 7, 2);
    if (verdict == ACL_DENIED_KEY)
        return is_new ? ERROR_NOPERM_KEY : ERROR_NOPERM_KEY_BEFORE_7_2;
    if (verdict == ACL_DENIED_CHANNEL)
        return is_new ? ERROR_NOPERM_CHANNEL : ERROR_NOPERM_CHANNEL_BEFORE_7_2;
    if (is_new)
        return ERROR_NOPERM_COMMAND;
    return engine_emulates(engine, 7, 0) ? ERROR_NOPERM_COMMAND_BEFORE_7_2
                                         : ERROR_NOPERM_COMMAND_BEFORE_7;
}

void acl_append_refusal(const char *format, const struct session *session,
                        const struct command_state *state, struct buffer *out)
{
    for (; *format; format++) {
        if (format[0] == '%' && format[1] == 's')
            buffer_append_string(out, state->name);
        else if (format[0] == '%' && format[1] == 'u')
            buffer_append_bytes(out, acl_user_name(session->user));
        else {
            buffer_append_byte(out, *format);
            continue;
        }
        format++;
    }
    buffer_append_byte(out, '\0');
}
