/* SPDX-License-Identifier: MIT */
#include "engine/observer.h"

#include "engine/engine.h"
#include "engine/session.h"

void observer_add(struct engine *engine, struct observer *observer)
{
    if (list_contains(&engine->observers, &observer->node))
        return;
    if (observer->comes_first)
        list_prepend(&engine->observers, &observer->node);
    else
        list_append(&engine->observers, &observer->node);
}

void observer_remove(struct engine *engine, struct observer *observer)
{
    list_unmark(&engine->observers, &observer->node);
}

static struct observer *observer_of(struct list_node *node)
{
    return LIST_ENTRY(node, struct observer, node);
}

bool observer_arrives(struct session *session, const struct command_state *state,
                      const struct bytes *argv, int argc)
{
    struct list_node *node = list_first(&session->engine->observers);
    for (; node; node = list_next(node)) {
        struct observer *observer = observer_of(node);
        if (observer->arrives && observer->arrives(observer->context, session, state, argv, argc))
            return true;
    }
    return false;
}

bool observer_before(struct call *call)
{
    struct list_node *node = list_first(&call->engine->observers);
    for (; node; node = list_next(node)) {
        struct observer *observer = observer_of(node);
        if (observer->before && !observer->before(observer->context, call))
            return false;
    }
    return true;
}

void observer_after(const struct call *call, int64_t duration_us)
{
    struct list_node *node = list_first(&call->engine->observers);
    for (; node; node = list_next(node)) {
        struct observer *observer = observer_of(node);
        if (observer->after)
            observer->after(observer->context, call, duration_us);
    }
}

bool observer_connects(const struct engine *engine)
{
    struct list_node *node = list_first(&engine->observers);
    for (; node; node = list_next(node)) {
        struct observer *observer = observer_of(node);
        if (observer->connects && !observer->connects(observer->context))
            return false;
    }
    return true;
}

void observer_leaves(const struct session *session)
{
    struct list_node *node = list_first(&session->engine->observers);
    for (; node; node = list_next(node)) {
        struct observer *observer = observer_of(node);
        if (observer->leaves)
            observer->leaves(observer->context, session);
    }
}

void observer_refused(const struct session *session, const struct command_state *state,
                      struct bytes name, struct bytes error)
{
    struct list_node *node = list_first(&session->engine->observers);
    for (; node; node = list_next(node)) {
        struct observer *observer = observer_of(node);
        if (observer->refused)
            observer->refused(observer->context, session, state, name, error);
    }
}

void observer_announced(const struct call *call, enum announce_class class, const char *event,
                        struct bytes key)
{
    struct list_node *node = list_first(&call->engine->observers);
    for (; node; node = list_next(node)) {
        struct observer *observer = observer_of(node);
        if (observer->announced)
            observer->announced(observer->context, call, class, event, key);
    }
}
