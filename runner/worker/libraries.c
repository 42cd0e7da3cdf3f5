// See libraries.h. What is kept is what the worker's own code is linked with and what that needs in turn; all else of
// the loader's list is left out. Measured: a worker has 170 mappings instead of 360, and a run costs a quarter less.
#include "worker/libraries.h"

#include "lib/base/memory.h"
#include "lib/decimal/decimal.h"

#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LIBRARIES_MAX = 256 };

// What worker/ and the folders of lib/ that it is made of are linked with, and the program's own parts.
static const char *const roots[] = {
    "ld-linux",         "linux-vdso", "libc.so",       "libm.so",    "liblua5.4.so",
    "libgmp.so",        "libisal.so", "libseccomp.so", "libz.so",    "libzip.so",
    "libxlsxwriter.so", "libxml2.so", "libsodium.so",  "libasan.so", "libubsan.so", // of sanitized builds
};

struct library {
    const struct link_map *map;
    uintptr_t begin, end; // of its mappings; 0 when they are not known
    bool needed;
};

struct libraries {
    struct library items[LIBRARIES_MAX];
    size_t count;
};

static const char *file_name(const struct library *library)
{
    const char *slash = strrchr(library->map->l_name, '/');
    return slash ? slash + 1 : library->map->l_name;
}

static bool is_root(const struct library *library)
{
    for (size_t i = 0; i < COUNT_OF(roots); i++)
        if (strncmp(file_name(library), roots[i], strlen(roots[i])) == 0)
            return true;
    return strstr(library->map->l_name, "/gconv/") != NULL; // encodings, loaded while warming up
}

static bool is_program(const struct library *library)
{
    return library->map->l_name[0] == '\0';
}

static void note_mappings(struct library *library, const struct dl_phdr_info *info)
{
    library->begin = UINTPTR_MAX;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        const uintptr_t begin = info->dlpi_addr + part->p_vaddr, end = begin + part->p_memsz;
        if (part->p_type != PT_LOAD)
            continue;
        library->begin = begin < library->begin ? begin : library->begin;
        library->end = end > library->end ? end : library->end;
    }
}

static int on_object(struct dl_phdr_info *info, size_t size, void *owner)
{
    struct libraries *libraries = owner;
    (void)size;
    for (size_t i = 0; i < libraries->count; i++)
        if (libraries->items[i].map->l_addr == info->dlpi_addr)
            note_mappings(&libraries->items[i], info);
    return 0;
}

static struct library *find(struct libraries *libraries, const char *name)
{
    for (size_t i = 0; i < libraries->count; i++)
        if (strcmp(file_name(&libraries->items[i]), name) == 0)
            return &libraries->items[i];
    return NULL;
}

static const char *names_of(const struct library *library)
{
    for (const ElfW(Dyn) *entry = library->map->l_ld; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_STRTAB)
            return (const char *)entry->d_un.d_ptr;
    return "";
}

static void keep(struct libraries *libraries, struct library *library)
{
    if (library->needed)
        return;
    library->needed = true;
    for (const ElfW(Dyn) *entry = library->map->l_ld; entry->d_tag != DT_NULL; entry++) {
        struct library *other =
            entry->d_tag == DT_NEEDED ? find(libraries, names_of(library) + entry->d_un.d_val) : NULL;
        if (other)
            keep(libraries, other);
    }
}

static void leave_out(const struct library *library)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = library->begin / page * page;
    if (library->end)
        (void)madvise((void *)begin, library->end - begin,
                      MADV_DONTFORK); // not done: the fork has it, as before
}

void libraries_keep_needed(void)
{
    struct libraries libraries = {.count = 0};
    if (!getenv("LD_BIND_NOW"))
        return;
    for (const struct link_map *map = _r_debug.r_map; map && libraries.count < LIBRARIES_MAX;
         map = map->l_next)
        libraries.items[libraries.count++] = (struct library){.map = map};
    dl_iterate_phdr(on_object, &libraries);
    for (size_t i = 0; i < libraries.count; i++)
        if (is_root(&libraries.items[i]))
            keep(&libraries, &libraries.items[i]);
    decimal_own_memory(); // the one place where a library left out has put itself into one that is kept
    for (size_t i = 0; i < libraries.count; i++)
        if (!libraries.items[i].needed && !is_program(&libraries.items[i]))
            leave_out(&libraries.items[i]);
}
