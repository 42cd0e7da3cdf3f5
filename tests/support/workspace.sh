# What every end-to-end test begins with: `. "$SUPPORT/workspace.sh"`. Makes a workspace of its own and goes there.
#
# A test is a scene: what there is, what the person types, what must have happened. It stops at the first thing that is
# not so, and leaves nothing behind: no file, no process.
set -u
export LC_ALL=C RENKI_LANGUAGE=en NO_COLOR=1
unset LANG LC_MESSAGES RENKI_LOG

scene=$(mktemp -d "${TMPDIR:-/tmp}/renki-e2e.XXXXXX") || exit 1
workspace=$scene/workspace
export HOME="$scene"
said=$scene/said       # what the last command said, on both outputs
children=              # processes to end
database=              # the folder of a database server to end; see database.sh

leave() {
    status=$?
    for child in $children; do kill "$child" 2>/dev/null && wait "$child" 2>/dev/null; done
    [ -z "$database" ] || "$SUPPORT/postgres.sh" stop "$database" 2>/dev/null
    chmod -R u+rwx "$scene" 2>/dev/null
    rm -rf "$scene"
    exit $status
}
trap leave EXIT
trap 'exit 1' INT TERM HUP

failed() { # what
    printf 'not so: %s\n' "$*" >&2
    [ -f "$said" ] && sed 's/^/  | /' "$said" >&2
    exit 1
}

# exits CODE command…: the command ends with this code. What it says is in $said.
exits() {
    expected=$1
    shift
    "$@" >"$said" 2>&1
    code=$?
    [ $code = "$expected" ] || failed "\"$*\" ends with $expected, not $code"
}

says() { grep -qF -e "$1" "$said" || failed "it says \"$1\""; }
says_not() { if grep -qF -e "$1" "$said"; then failed "it does not say \"$1\""; fi; }

# One value of the last command's JSON: value .run[0].state
value() { python3 -c '
import json, re, sys
data = json.loads(open(sys.argv[1]).read().strip().splitlines()[-1])
for part in re.findall(r"[^.\[\]]+", sys.argv[2]):
    data = data[int(part)] if part.isdigit() else data[part]
print(json.dumps(data) if isinstance(data, (dict, list, bool)) or data is None else data)' "$said" "$1"; }
is() { # path expected
    found=$(value "$1") || failed "the answer has $1"
    [ "$found" = "$2" ] || failed "$1 is $2, not $found"
}

# robot NAME < robot.lua: with a manifest of its own (in $manifest) or an empty one; committed.
manifest='return { title = "a test", owner = "tests" }'
robot() {
    mkdir -p "robots/$1"
    cat >"robots/$1/robot.lua"
    printf '%s\n' "$manifest" >"robots/$1/manifest.lua"
    commit
}
commit() { git add -A && git -c user.name=Test -c user.email=test@localhost commit -q -m "robots" || failed "git commits"; }

exits 0 "$RENKI" init "$workspace"
cd "$workspace" || exit 1
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key" }
SETTINGS
commit
