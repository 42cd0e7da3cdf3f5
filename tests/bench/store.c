// The store alone: how many entries (steps, items) a second are on disk, committed one by one and fifty together.
//
//     bench_store WHERE ENTRIES TOGETHER      prints entries a second
#include "host/store/store.h"
#include "lib/base/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static bool add_run(struct store *store, int64_t *id, struct err *err)
{
    const struct run_new run = {.robot = "bench",
                                .tree = "00",
                                .actor = "bench",
                                .language = "en",
                                .folder = "00",
                                .host = "bench",
                                .inputs = TEXT_OF("{}"),
                                .manifest = TEXT_OF("{}")};
    return store_begin(store, err) && store_run_add(store, id, &run, err) && store_commit(store, err);
}

static bool put(struct store *store, int64_t run, int64_t number, struct err *err)
{
    char key[INTEGER_TEXT_SIZE];
    const struct entry entry = {.kind = TEXT_OF("step"),
                                .scope = TEXT_OF(""),
                                .key = text_from(integer_text(key, number)),
                                .state = TEXT_OF("done"),
                                .amount = TEXT_OF(""),
                                .note = TEXT_OF(""),
                                .result = TEXT_OF("{\"number\":12345,\"state\":\"posted\"}"),
                                .position = number,
                                .attempt = 1};
    return store_begin(store, err) && store_entry_put(store, run, &entry, err);
}

static bool measure(struct store *store, int64_t entries, int64_t together, struct err *err)
{
    int64_t run;
    if (!add_run(store, &run, err))
        return false;
    const int64_t begun_us = clock_monotonic_us();
    for (int64_t i = 1; i <= entries; i++)
        if (!put(store, run, i, err) || (i % together == 0 && !store_commit(store, err)))
            return false;
    if (!store_commit(store, err))
        return false;
    printf("%.1f\n", (double)entries * 1e6 / (double)(clock_monotonic_us() - begun_us));
    return true;
}

int main(int count, char **arguments)
{
    struct err err;
    int64_t entries, together;
    SCOPED(store)
    store = NULL;
    if (count != 4 || sodium_init() < 0 || !text_to_int64(text_from(arguments[2]), &entries) ||
        !text_to_int64(text_from(arguments[3]), &together)) {
        fprintf(stderr, "bench_store WHERE ENTRIES TOGETHER\n");
        return EXIT_FAILURE;
    }
    if (store_open(&store, arguments[1], &err) && measure(store, entries, together, &err))
        return EXIT_SUCCESS;
    fprintf(stderr, "%s: %s, %s\n", err_name(err.code), err.arguments[0], err.arguments[1]);
    return EXIT_FAILURE;
}
