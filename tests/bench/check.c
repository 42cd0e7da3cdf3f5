// The check before a run: `bench_check WORKSPACE ROBOT check|blob` prints milliseconds, the median of 1001.
//
// check: the robot's content is found in the newest commit, and judged by the rules below; the workspace holds one word that
// the host signed. blob: what libgit2 takes to look up one file of that commit, opened before.
#include "host/approvals.h"
#include "lib/base/clock.h"

#include <git2.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TIMES = 1001 };

static const char rules[] =
    "{\"mode\":\"production\",\"people\":{\"controller\":{\"name\":\"The controller\","
    "\"email\":\"controller@city.example\"}},\"groups\":{\"controllers\":[\"controller\"]},"
    "\"approval\":{\"approvers\":1,\"group\":\"controllers\"}}";

static int is_less(const void *a, const void *b)
{
    const int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
    return (first > second) - (first < second);
}

static void judge(struct host *host, const char *robot, const struct manifest *manifest)
{
    char tree[REPO_ID_SIZE];
    struct err err;
    if (!repo_pin(host->repo, tree, robot, REPO_BRANCH, &err) ||
        !approvals_check(host, robot, tree, manifest, &err)) {
        fprintf(stderr, "bench_check: %s\n", err_name(err.code));
        exit(1);
    }
}

static void look_up(git_repository *repository, const char *path)
{
    git_oid id;
    git_commit *commit = NULL;
    git_tree *tree = NULL;
    git_tree_entry *entry = NULL;
    git_blob *blob = NULL;
    require(git_reference_name_to_id(&id, repository, "HEAD") == 0 &&
            git_commit_lookup(&commit, repository, &id) == 0 && git_commit_tree(&tree, commit) == 0 &&
            git_tree_entry_bypath(&entry, tree, path) == 0 &&
            git_blob_lookup(&blob, repository, git_tree_entry_id(entry)) == 0);
    git_blob_free(blob);
    git_tree_entry_free(entry);
    git_tree_free(tree);
    git_commit_free(commit);
}

int main(int count, char **arguments)
{
    struct host host = {0};
    struct problems problems = {0};
    struct manifest *manifest = NULL;
    git_repository *repository = NULL;
    struct err err;
    int64_t times[TIMES];
    if (count != 4 || sodium_init() < 0 || chdir(arguments[1]) != 0 || !repo_open(&host.repo, ".", &err) ||
        !settings_read(&host.settings, text_from(rules), NULL, &problems) ||
        !manifest_read(&manifest, TEXT_OF("{\"title\":\"a robot\",\"owner\":\"finance\"}"), &run_limits_most,
                       &problems) ||
        git_repository_open(&repository, ".") != 0)
        return 2;
    SCOPED_TEXT char *path = xasprintf("robots/%s/robot.lua", arguments[2]);
    for (size_t i = 0; i < TIMES; i++) {
        const int64_t begun = clock_monotonic_us();
        if (strcmp(arguments[3], "check") == 0)
            judge(&host, arguments[2], manifest);
        else
            look_up(repository, path);
        times[i] = clock_monotonic_us() - begun;
    }
    qsort(times, TIMES, sizeof *times, is_less);
    printf("%.3f\n", (double)times[TIMES / 2] / 1000);
    git_repository_free(repository);
    manifest_free(manifest);
    approvals_free(&host);
    settings_free(host.settings);
    repo_free(host.repo);
    return 0;
}
