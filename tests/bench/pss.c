// Proportional memory (PSS) of a process and its descendants, in kilobytes: pss PID… prints one number for all named.
// Run as the user of those processes' owner with the right to see them (roles are not dumpable: root, or the owner in a
// user namespace, reads smaps_rollup).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long pss_of(const char *pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%s/smaps_rollup", pid);
    FILE *file = fopen(path, "r");
    long kilobytes = -1;
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "Pss:", 4) == 0)
            kilobytes = strtol(line + 4, NULL, 10);
    if (file)
        fclose(file);
    return kilobytes;
}

int main(int count, char **arguments)
{
    long sum = 0;
    for (int i = 1; i < count; i++) {
        const long kilobytes = pss_of(arguments[i]);
        if (kilobytes < 0) {
            fprintf(stderr, "pss: can't read the memory of process %s\n", arguments[i]);
            return 1;
        }
        sum += kilobytes;
    }
    printf("%ld\n", sum);
    return 0;
}
