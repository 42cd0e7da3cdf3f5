// The robots' trees that runs are pinned to, lent by host to host through the shared store. In the host.
//
// A host that pins a tree for a run keeps its files in the store, so that any other can go on with the run, whatever
// its own repository has and whether or not the git remote can be reached. What comes from the store is written into the
// repository and must come out as the very tree that was asked for: nothing can be put in its place.
#ifndef RENKI_HOST_TREES_H
#define RENKI_HOST_TREES_H

#include "host/host.h"

// In the turn's transaction, with the run's row; nothing where no other host shares the store.
bool trees_keep(struct host *host, const char *tree, struct err *err) MUST_CHECK;
// The turn was not kept: what was put into the store in it is not there.
void trees_forget(struct host *host);
// ROBOT_TREE_MISSING when no host has kept it.
bool trees_fetch(struct host *host, struct repo *repo, const char *tree, struct err *err) MUST_CHECK;

#endif
