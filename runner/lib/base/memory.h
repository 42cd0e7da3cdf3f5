// Memory that is never NULL, freed by scope. In every process.
//
// 1. xmalloc and its kin never return NULL: when memory ends, the handler set by `memory_on_exhausted` runs, then
//    the process ends. Nobody needs to test a branch that nobody can try.
// 2. SCOPED(x) frees at the end of the scope by calling x_free; STEAL(p) hands the value on and leaves NULL behind.
// 3. A worker counts what it takes (`memory_budget_set`): Lua's allocator and xmalloc share one budget.
#ifndef RENKI_BASE_MEMORY_H
#define RENKI_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
// A large local of a small function, set before it is read. Release builds zero the others, which can take most of its time.
#define UNSET __attribute__((uninitialized))
#define PRINTF_LIKE(template, first) __attribute__((format(printf, template, first)))

// All give memory of `size` bytes that the caller frees with xfree; size 0 gives a valid pointer too.
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *old, size_t size) __attribute__((returns_nonnull));
// Grows an array to `count` elements; ends the process when count * size overflows.
void *xreallocarray(void *old, size_t count, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
// Copies `length` bytes and ends them with NUL.
char *xstrndup(const char *s, size_t length) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *format, ...) __attribute__((malloc, returns_nonnull)) PRINTF_LIKE(1, 2);
// Accepts NULL.
void xfree(void *memory);

// The budget of this process in bytes; 0 (the default) means none. What was taken before is not counted.
void memory_budget_set(size_t bytes);
// Bytes counted now, and the most there ever were.
size_t memory_counted(void);
size_t memory_peak(void);
// For allocators that take their memory elsewhere (Lua's): counts a change. Runs the handler when the budget ends.
void memory_charge(size_t released, size_t taken);
// Called once when memory ends, with the bytes asked for; must not return.
void memory_on_exhausted(void (*handler)(size_t bytes));
// For such allocators, when the system itself has no more.
void memory_exhausted(size_t bytes) __attribute__((noreturn, cold));

// Wipes what must not stay in memory, whatever the optimiser thinks.
void memory_wipe(void *memory, size_t size);

#define CONCATENATE_(a, b) a##b
#define CONCATENATE(a, b) CONCATENATE_(a, b)

// char *name = …; freed at the end of the scope: SCOPED_TEXT char *name = …
static inline void scoped_xfree(void *pointer_to_pointer)
{
    xfree(*(void **)pointer_to_pointer);
}
#define SCOPED_TEXT __attribute__((cleanup(scoped_xfree)))

// DEFINE_SCOPED(permit) in permit.h makes SCOPED(permit) usable: it calls permit_free(struct permit *).
#define DEFINE_SCOPED(name)                                                                                  \
    static inline void scoped_##name##_free(struct name **p)                                                 \
    {                                                                                                        \
        name##_free(*p);                                                                                     \
    }
#define SCOPED(name) __attribute__((cleanup(scoped_##name##_free))) struct name *

#define STEAL(p)                                                                                             \
    __extension__({                                                                                          \
        __typeof__(p) stolen_ = (p);                                                                         \
        (p) = NULL;                                                                                          \
        stolen_;                                                                                             \
    })

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

// Two assertions, both for our own bugs, never for what a peer, a file or a robot can cause.
#define require(condition) ((condition) ? (void)0 : require_failed(#condition, __FILE__, __LINE__))
#define check(condition) ((condition) ? true : (check_failed(#condition, __FILE__, __LINE__), false))
void require_failed(const char *condition, const char *file, int line) __attribute__((noreturn, cold));
void check_failed(const char *condition, const char *file, int line) __attribute__((cold)); // logs

#endif
