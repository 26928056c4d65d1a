/* SPDX-License-Identifier: MIT */
/*
 * List values: one listpack while the list is small, a chain of listpacks from then on. An element
 * too large to share a pack stands in the chain alone, as plain bytes.
 *
 *     struct value *list = quicklist_new();
 *     quicklist_prepare(list, &text, 1, fill);
 *     quicklist_push(list, QUICKLIST_TAIL, text, fill);
 *     char digits[NUMBER_INTEGER_SIZE];
 *     struct quicklist_cursor cursor;
 *     for (bool has = quicklist_seek(&cursor, list, 0); has; has = quicklist_next(&cursor))
 *         reply_bulk(reply, quicklist_get(&cursor, digits));
 *
 * `fill` is list-max-listpack-size: how much one pack may hold, in elements if positive, if
 * negative in bytes: -1 is 4 KiB, each further step the double, -5 and below 64 KiB. Texts handed
 * in must not point into the list itself.
 *
 * The nodes between the ends of a long chain are folded: kept compressed (quicklist_chain.h). A
 * cursor opens what it comes to and closes what it leaves, so that a walk over a long list takes no
 * memory. Hence a list has one cursor in use at a time, and a text read through it must be copied
 * by whoever needs it when the cursor has moved on.
 *
 * When a list becomes a chain and when a pack again is for the caller to say, because Redis looks
 * at a command as a whole: quicklist_prepare before elements are added, quicklist_settle when the
 * command is done.
 */
#ifndef UNDERSTUDY_VALUES_QUICKLIST_H
#define UNDERSTUDY_VALUES_QUICKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/number.h"
#include "values/quicklist_chain.h"
#include "values/value.h"

enum quicklist_end { QUICKLIST_HEAD, QUICKLIST_TAIL };

struct quicklist {
    struct value head;
    union {
        unsigned char *pack;           /* ENCODING_LISTPACK; owned */
        struct quicklist_chain *chain; /* ENCODING_QUICKLIST; owned */
    };
};

/* An element's place; valid until the list changes in another way than through the cursor, or
 * another cursor seeks in it. */
struct quicklist_cursor {
    struct quicklist *list;
    struct quicklist_node *node; /* NULL while the list is one pack */
    unsigned char *entry;        /* in the pack; NULL in a plain node */
    size_t index;                /* within node or pack */
};

/* --- life --- */

struct value *quicklist_new(void);

/* For RESTORE: an empty chain, whole nodes at its end. Takes `pack`, which isn't empty; copies
 * `text`. */
struct value *quicklist_new_chain(void);
void quicklist_append_pack(struct value *value, unsigned char *pack);
/* A pack as bytes and what LZF made of them; copies the latter. False: nothing was done, as here a
 * node is not to be folded, or `compressed` is empty or saves too little. */
bool quicklist_append_folded(struct value *value, struct bytes pack, struct bytes compressed);
void quicklist_append_plain(struct value *value, struct bytes text);

/* --- the whole --- */

size_t quicklist_count(const struct value *value);

/* Makes a list that is one pack a chain, if with these texts it would be beyond the fill. */
void quicklist_prepare(struct value *value, const struct bytes *texts, size_t count, int64_t fill);

/* Makes a chain that has come down to one pack within the fill one pack again. After a removal
 * (`is_shrinking`) it must be within half of the fill, so that a list at the limit does not change
 * with every command. */
void quicklist_settle(struct value *value, int64_t fill, bool is_shrinking);

/* --- elements --- */

void quicklist_push(struct value *value, enum quicklist_end end, struct bytes text, int64_t fill);

/* To the element at an index; negative indexes count from the end. False: there is none, and the
 * cursor must not be used. */
bool quicklist_seek(struct quicklist_cursor *cursor, const struct value *value, int64_t index);

/* To the neighbour. False: there is none, and the cursor must not be used any more. */
bool quicklist_next(struct quicklist_cursor *cursor);
bool quicklist_previous(struct quicklist_cursor *cursor);

/* The element's text: points into the list, or into `digits` for one that is kept as a number.
 * Valid until the cursor moves, another seeks in the list, or the list changes. */
struct bytes quicklist_get(const struct quicklist_cursor *cursor, char digits[NUMBER_INTEGER_SIZE]);

/* Whether texts that quicklist_get points to stay valid while a cursor moves: nothing is folded. */
bool quicklist_keeps_texts(const struct value *value);

/* Whether the element is this text. */
bool quicklist_equals(const struct quicklist_cursor *cursor, struct bytes text);

/* A new element before or after the cursor's. The cursor must not be used any more. */
void quicklist_insert_before(struct quicklist_cursor *cursor, struct bytes text, int64_t fill);
void quicklist_insert_after(struct quicklist_cursor *cursor, struct bytes text, int64_t fill);

/* Another text for the element. The cursor must not be used any more. */
void quicklist_replace(struct quicklist_cursor *cursor, struct bytes text, int64_t fill);

/* Removes the element; the cursor is then at the one after (or before) it. False: there is none. */
bool quicklist_remove_forward(struct quicklist_cursor *cursor);
bool quicklist_remove_backward(struct quicklist_cursor *cursor);

/* Removes up to `count` elements from an index on (negative: from the end). */
void quicklist_delete_range(struct value *value, int64_t index, size_t count);

/* value_class members. */
void quicklist_free(struct value *value);
struct value *quicklist_clone(const struct value *value);
size_t quicklist_memory(const struct value *value, size_t samples);

#endif
