# Only what is committed runs; what differs is named; a draft runs and is marked.
. "$SUPPORT/workspace.sh"

robot plain <<'LUA'
run:log "as committed"
LUA
echo 'run:log "as changed"' >robots/plain/robot.lua
exits 3 "$RENKI" run plain
says "robots/plain/robot.lua is not as it was saved"
exits 0 "$RENKI" run plain --draft --json
is .run[0].draft true
tree=$(value .run[0].tree)
git cat-file -p "$tree:robot/robot.lua" >"$said" || failed "the draft's content is kept"
says "as changed"
git for-each-ref refs/renki/drafts >"$said"
says "$tree"
git checkout -q robots
exits 0 "$RENKI" run plain
says "as committed"
