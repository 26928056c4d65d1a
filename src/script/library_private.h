/* SPDX-License-Identifier: MIT */
/* What library.c, library_load.c and library_dump.c share; others see library.h. */
#ifndef UNDERSTUDY_SCRIPT_LIBRARY_PRIVATE_H
#define UNDERSTUDY_SCRIPT_LIBRARY_PRIVATE_H

#include "base/list.h"
#include "base/table.h"
#include "script/library.h"

struct library_function {
    struct library *library;  /* borrowed */
    struct bytes name;        /* these three stand in `text`, each terminated */
    struct bytes key;         /* the name in lower case */
    struct bytes description; /* data NULL: there is none */
    uint32_t flags;           /* enum script_flags */
    int reference;            /* of the callback in Lua's registry */
    char text[];
};

struct coverage_unit;

struct library {
    struct list_node node;               /* in shelf->libraries */
    struct bytes name;                   /* owned; terminated */
    struct bytes code;                   /* owned */
    struct library_function **functions; /* owned, as is each */
    size_t function_count;
    size_t function_capacity;
    struct coverage_unit *coverage; /* borrowed; NULL: not asked for */
    size_t memory;                  /* bytes of all that */
};

/* Libraries whose names and functions do not clash. */
struct library_shelf {
    struct list libraries;  /* owned, oldest first */
    struct table names;     /* of struct library */
    struct table functions; /* of struct library_function by key: FCALL ignores case. Of two in one
                               library that differ in case, the first is there. */
    size_t function_count;
    size_t memory;
};

/* --- library.c --- */

struct library_shelf *library_shelf_new(uint64_t seed);
/* No library may be left on it. Accepts NULL. */
void library_shelf_free(struct library_shelf *shelf);
void library_shelf_add(struct library_shelf *shelf, struct library *library);
/* Off the shelf; the caller owns it then. */
void library_shelf_remove(struct library_shelf *shelf, struct library *library);
struct library *library_shelf_find(struct library_shelf *shelf, struct bytes name);
/* The function on the shelf that FCALL would find; NULL: none. */
struct library_function *library_shelf_find_function(struct library_shelf *shelf,
                                                     struct bytes name);

struct library *library_new(struct bytes name, struct bytes code);
/* Lets go of its callbacks in the state, if there is one. */
void library_free(struct interpreter *functions, struct library *library);
/* `reference` is taken. */
void library_add_function(struct library *library, struct bytes name, struct bytes description,
                          uint32_t flags, int reference);
/* Removes all from the shelf and frees them. */
void library_shelf_clear(struct interpreter *functions, struct library_shelf *shelf);

/* --- library_load.c --- */

/* library_load onto any shelf; `functions` is the interpreter that libraries live in. */
struct library *library_load_onto(struct interpreter *functions, struct library_shelf *shelf,
                                  struct bytes code, bool replaces, struct reply *reply);

#endif
