/* SPDX-License-Identifier: MIT */
/*
 * As forgiving as Redis's: what comes before the first '*' is passed over, and a number is what its
 * line begins with. An empty argument is refused.
 */
#include "script/debugger_request.h"

#include "base/memory.h"
#include "base/number.h"

static void skip(struct bytes *input, size_t count)
{
    input->data += count;
    input->size -= count;
}

/* Where the first CR LF is; NULL when there is none. */
static const char *find_line_end(struct bytes text)
{
    const char *end = text.data;
    const char *last = text.data + text.size - 1;
    while (end < last && (end = memchr(end, '\r', (size_t)(last - end))) != NULL) {
        if (end[1] == '\n')
            return end;
        end++;
    }
    return NULL;
}

/* Takes "<type><number>\r\n" from the front of `input`. */
static enum debugger_request_status take_number(struct bytes *input, char type, int *number)
{
    if (input->size == 0)
        return DEBUGGER_REQUEST_PARTIAL;
    if (*input->data != type)
        return DEBUGGER_REQUEST_INVALID;
    const char *end = find_line_end(*input);
    if (!end)
        return DEBUGGER_REQUEST_PARTIAL;
    size_t size = (size_t)(end - input->data);
    *number = number_leading_integer(bytes_of(input->data + 1, size - 1));
    skip(input, size + 2);
    bool is_allowed = *number > 0 && *number <= DEBUGGER_REQUEST_ARGUMENTS;
    return is_allowed ? DEBUGGER_REQUEST_COMPLETE : DEBUGGER_REQUEST_INVALID;
}

static void add_argument(struct debugger_request *request, struct bytes argument)
{
    if (request->argc == request->capacity) {
        request->capacity = request->capacity ? request->capacity * 2 : 16;
        request->argv =
            memory_resize(request->argv, (size_t)request->capacity * sizeof *request->argv);
    }
    request->argv[request->argc++] = argument;
}

enum debugger_request_status debugger_request_parse(struct bytes input,
                                                    struct debugger_request *request)
{
    struct bytes left = input;
    int count, size;
    if (input.size == 0)
        return DEBUGGER_REQUEST_PARTIAL;
    const char *start = memchr(input.data, '*', input.size);
    if (!start)
        return DEBUGGER_REQUEST_INVALID;
    skip(&left, (size_t)(start - input.data));
    enum debugger_request_status status = take_number(&left, '*', &count);
    request->argc = 0;
    while (status == DEBUGGER_REQUEST_COMPLETE && request->argc < count) {
        status = take_number(&left, '$', &size);
        if (status != DEBUGGER_REQUEST_COMPLETE)
            return status;
        if (left.size < (size_t)size + 2)
            return DEBUGGER_REQUEST_PARTIAL;
        if (memcmp(left.data + size, "\r\n", 2) != 0)
            return DEBUGGER_REQUEST_INVALID;
        add_argument(request, bytes_of(left.data, (size_t)size));
        skip(&left, (size_t)size + 2);
    }
    request->consumed = input.size - left.size;
    return status;
}

void debugger_request_clear(struct debugger_request *request)
{
    memory_free(request->argv);
    *request = (struct debugger_request){0};
}
