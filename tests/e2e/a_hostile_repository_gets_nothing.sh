# Repositories that nobody means well with, as folders, where libgit2 reads their objects itself: each is refused with words,
# nothing moves, git finds the workspace whole, and the next good commit is taken.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/remotes.sh"
. "$SUPPORT/hostile.sh"

hostile_repositories
serve_remote "$scene/remote.git" ""
all_refused 2 74
unharmed
