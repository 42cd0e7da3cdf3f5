# The unit is one that systemd takes, exposes little, and forbids nothing that renki's own profiles need.
. "$SUPPORT/workspace.sh"

unit=$SUPPORT/../../service/renki@.service
command -v systemd-analyze >/dev/null || { echo "no systemd-analyze here: skipped"; exit 0; }
mkdir "$scene/units"
sed "s|^\(Exec[A-Za-z]*\)=renki|\1=$RENKI|" "$unit" >"$scene/units/renki@srv-renki.service"
cd "$scene/units" || exit 1
exits 0 systemd-analyze verify --man=no ./renki@srv-renki.service
[ ! -s "$said" ] || failed "there is nothing to remark"
exits 0 systemd-analyze security --offline=true --no-pager --threshold=24 ./renki@srv-renki.service
exposure=$(sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p' "$said")
grep -q "exposure is $exposure in" "$SUPPORT/../../docs/reference/service.md" || failed "the page says $exposure"
exits 0 python3 - "$unit" "$SUPPORT/../../runner/lib/sandbox/profiles.c" <<'PYTHON'
import re, subprocess, sys

def members(name):
    lines = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True).stdout.split("\n")
    found = set()
    for word in (line.strip() for line in lines[1:]):
        found |= members(word) if word.startswith("@") else {word}
    return found

unit, profiles = open(sys.argv[1]).read(), open(sys.argv[2]).read()
allowed = set()
for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
    for word in line.split():
        allowed |= members(word) if word.startswith("@") else {word}
needed = set(re.findall(r'ALLOW\w*\("(\w+)"', profiles)) | {"seccomp", "landlock_restrict_self", "unshare", "mount_setattr"}
if len(needed) < 100 or needed - allowed:
    sys.exit("the unit forbids: " + " ".join(sorted(needed - allowed)))
PYTHON
