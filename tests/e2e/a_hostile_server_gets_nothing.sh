# The same repositories behind a server of git's own over https, which packs them.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/remotes.sh"
. "$SUPPORT/hostile.sh"

hostile_repositories
certificates
serve_https web
serve_remote "https://localhost:$port/remote.git" "ca = \"$scene/ca.pem\""
all_refused 3 55
unharmed
