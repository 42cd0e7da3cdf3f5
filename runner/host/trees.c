// See trees.h.
#include "host/trees.h"

#include "host/store/hosts.h"

enum { TREE_KEPT_MAX = REPO_BYTES_MAX + (4 << 20) };

// ---- those that were seen in the store, from where none is ever removed

static bool is_known(const struct host *host, const char *tree)
{
    for (size_t i = 0; i < COUNT_OF(host->trees); i++)
        if (strcmp(host->trees[i], tree) == 0)
            return true;
    return false;
}

static void know(struct host *host, const char *tree)
{
    char *place = host->trees[host->trees_seen++ % COUNT_OF(host->trees)];
    if (strlen(tree) < sizeof host->trees[0])
        memcpy(place, tree, strlen(tree) + 1);
}

void trees_forget(struct host *host)
{
    memset(host->trees, 0, sizeof host->trees);
}

// ---- keeping and fetching

bool trees_keep(struct host *host, const char *tree, struct err *err)
{
    bool kept = false;
    if (!store_is_shared(host->store) || is_known(host, tree))
        return true;
    if (!store_tree_is_kept(host->store, &kept, tree, err))
        return false;
    know(host, tree);
    if (kept)
        return true;
    SCOPED_BUF(content, TREE_KEPT_MAX);
    struct repo *repo = host_repo(host, err);
    return repo && repo_lend(repo, &content, tree, err) &&
           store_tree_put(host->store, tree, buf_text(&content), err);
}

struct fetching {
    struct repo *repo;
    const char *tree;
    bool found;
};

static bool borrow(void *owner, struct text content, struct err *err)
{
    struct fetching *fetching = owner;
    fetching->found = true;
    return repo_borrow(fetching->repo, fetching->tree, content, err);
}

bool trees_fetch(struct host *host, struct repo *repo, const char *tree, struct err *err)
{
    struct fetching fetching = {repo, tree, false};
    if (!store_tree_find(host->store, tree, borrow, &fetching, err))
        return false;
    return fetching.found ? true : fail(err, ERR_ROBOT_TREE_MISSING, tree);
}
