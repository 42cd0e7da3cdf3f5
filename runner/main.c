// Finds the role and calls it, nothing else.
#include <string.h>

int host_main(void);
int launcher_main(void);
int zygote_main(void);
int reader_main(void);
int gateway_main(void);
int fake_main(void);
int viewer_main(void);
int sync_main(void);
int web_main(void);
int cli_main(int count, char **arguments);

static const struct {
    const char *name;
    int (*main)(void);
} roles[] = {
    {"host", host_main},     {"launcher", launcher_main}, {"zygote", zygote_main},
    {"reader", reader_main}, {"gateway", gateway_main},   {"fake", fake_main},
    {"viewer", viewer_main}, {"remote", sync_main},       {"web", web_main},
};

#ifdef RENKI_SANITIZED
// Leaks can't be looked for inside the sandbox: that needs ptrace.
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:abort_on_error=0:handle_segv=0:allocator_may_return_null=1";
}
#endif

int main(int count, char **arguments)
{
    for (size_t i = 0; count == 2 && i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(arguments[1], roles[i].name) == 0)
            return roles[i].main();
    return cli_main(count, arguments);
}
