// See memory.h. Sizes are asked of malloc itself (malloc_usable_size), so no header is kept before a block.
#include "lib/base/memory.h"

#include "lib/base/log.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    size_t budget, counted, peak;
    void (*exhausted)(size_t);
} memory;

void memory_budget_set(size_t bytes)
{
    memory.budget = bytes;
    memory.counted = memory.peak = 0;
}

size_t memory_counted(void)
{
    return memory.counted;
}

size_t memory_peak(void)
{
    return memory.peak;
}

void memory_on_exhausted(void (*handler)(size_t bytes))
{
    memory.exhausted = handler;
}

void memory_exhausted(size_t bytes)
{
    if (memory.exhausted)
        memory.exhausted(bytes);
    static const char text[] = "renki: out of memory\n";
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(71);
}

void memory_charge(size_t released, size_t taken)
{
    memory.counted = memory.counted > released ? memory.counted - released : 0;
    memory.counted += taken;
    if (memory.counted > memory.peak)
        memory.peak = memory.counted;
    if (memory.budget && memory.counted > memory.budget && taken > released)
        memory_exhausted(taken);
}

// Before the block is taken: a budget that would be passed ends the process without touching the kernel.
static void charge_ahead(size_t size)
{
    if (size > PTRDIFF_MAX ||
        (memory.budget && (size > memory.budget || memory.counted > memory.budget - size)))
        memory_exhausted(size);
}

static void *counted(void *block, size_t size)
{
    if (!block)
        memory_exhausted(size);
    memory_charge(0, malloc_usable_size(block));
    return block;
}

void *xmalloc(size_t size)
{
    charge_ahead(size);
    return counted(malloc(size ? size : 1), size);
}

void *xcalloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        memory_exhausted(SIZE_MAX);
    charge_ahead(bytes);
    return counted(calloc(1, bytes ? bytes : 1), bytes);
}

void *xrealloc(void *old, size_t size)
{
    const size_t before = malloc_usable_size(old);
    if (size > before)
        charge_ahead(size - before);
    void *block = realloc(old, size ? size : 1);
    if (!block)
        memory_exhausted(size);
    memory_charge(before, malloc_usable_size(block));
    return block;
}

void *xreallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        memory_exhausted(SIZE_MAX);
    return xrealloc(old, bytes);
}

char *xstrndup(const char *s, size_t length)
{
    char *copy = xmalloc(length + 1);
    memcpy(copy, s, length);
    copy[length] = '\0';
    return copy;
}

char *xstrdup(const char *s)
{
    return xstrndup(s, strlen(s));
}

char *xasprintf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    require(length >= 0);
    char *text = xmalloc((size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void xfree(void *block)
{
    if (block)
        memory_charge(malloc_usable_size(block), 0);
    free(block);
}

void memory_wipe(void *block, size_t size)
{
    explicit_bzero(block, size);
}

void require_failed(const char *condition, const char *file, int line)
{
    log_error("bug.require", "condition=\"%s\" at=%s:%d", condition, file, line);
    abort();
}

void check_failed(const char *condition, const char *file, int line)
{
    log_error("bug.check", "condition=\"%s\" at=%s:%d", condition, file, line);
}
