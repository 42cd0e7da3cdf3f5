// See watches.h.
#include "host/watches.h"

#include "host/session.h"

struct watch {
    struct watch *next;
    int64_t run;
    struct answer_list answers;
};

static struct watch **find(struct host *host, int64_t run)
{
    struct watch **at = &host->watches;
    while (*at && (*at)->run != run)
        at = &(*at)->next;
    return at;
}

static struct watch *find_or_make(struct host *host, int64_t run)
{
    struct watch **at = find(host, run);
    if (!*at) {
        *at = xcalloc(1, sizeof **at);
        (*at)->run = run;
    }
    return *at;
}

void watches_add(struct host *host, int64_t run, struct answer *answer)
{
    struct session *session = session_find(host, run);
    answer_list_add(session ? &session->watchers : &find_or_make(host, run)->answers, answer);
}

void watches_keep(struct host *host, int64_t run, struct answer_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        answer_list_add(&find_or_make(host, run)->answers, list->items[i]);
    answer_list_dispose(list);
}

struct answer_list watches_take(struct host *host, int64_t run)
{
    struct watch **at = find(host, run), *watch = *at;
    if (!watch)
        return (struct answer_list){0};
    const struct answer_list answers = watch->answers;
    *at = watch->next;
    xfree(watch);
    return answers;
}

void watches_event(const struct host *host, int64_t run, const char *name, struct text body)
{
    for (const struct watch *watch = host->watches; watch; watch = watch->next)
        for (size_t i = 0; watch->run == run && i < watch->answers.count; i++)
            answer_event(watch->answers.items[i], name, body);
}

void watches_end(struct host *host, int64_t run)
{
    struct answer_list answers = watches_take(host, run);
    if (answers.count == 0)
        return;
    SCOPED_BUF(body, BODY_MAX);
    struct err err;
    const bool good = session_report(host, &body, run, &err);
    for (size_t i = 0; i < answers.count; i++) {
        if (good)
            answer_done(answers.items[i], buf_text(&body));
        else
            answer_fail(answers.items[i], &err);
    }
    answer_list_dispose(&answers);
}

// Thousands may be watched, and a server answers one statement after another.
void watches_ask(struct host *host)
{
    struct watch *watch = host->watches;
    while (watch) {
        int64_t runs[STORE_RUNS_ASKED], over[STORE_RUNS_ASKED];
        size_t count = 0, over_count = 0;
        struct err err;
        for (; watch && count < STORE_RUNS_ASKED; watch = watch->next)
            runs[count++] = watch->run;
        if (!store_runs_over(host->store, over, &over_count, runs, count, &err))
            return; // asked again at the next beat
        for (size_t i = 0; i < over_count; i++)
            watches_end(host, over[i]);
    }
}

void watches_free(struct host *host)
{
    struct err gone;
    while (host->watches) {
        const int64_t run = host->watches->run;
        struct answer_list answers = watches_take(host, run);
        (void)(host->draining ? fail(&gone, ERR_RUN_GIVEN_BACK, N(run)) : fail(&gone, ERR_ROLE_DIED, "host"));
        for (size_t i = 0; i < answers.count; i++)
            answer_fail(answers.items[i], &gone);
        answer_list_dispose(&answers);
    }
}
