# The disk fills up in the midst of a run: it stops with one clear message, and goes on when there is room again. The disk
# is a small file system in memory, in namespaces of the test's own.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/ledger.sh"

if ! unshare -Urm --fork true 2>/dev/null; then
    echo "skipped: no namespaces for a disk of our own"
    exit 0
fi
manifest='return { title = "a test", owner = "tests", inputs = { kind = { type = "text" } },
  permits = { http = { { "GET", "https://ledger.example/*" } } } }'
robot fill <<'LUA'
local http = require "http"
local text = require "text"
local rows = {}
for i = 1, 3000 do rows[i] = { no = i } end
run:each(rows, { key = "no" }, function(row)
  if row.no % 10 == 0 then run:log("item %d", row.no) end
  if row.no == 50 then http.get "https://ledger.example/pause" end
  if run.inputs.kind == "entries" then return ("x"):rep(2000) end
  if row.no % 100 == 0 then
    text.write("big.txt", ("z"):rep(1024 * 1024 + row.no))
    run:attach "big.txt"
  end
end)
LUA
sed -n '/^failed()/,/^# robot/p' "$SUPPORT/workspace.sh" >"$scene/functions"
cat >"$scene/inside" <<'INSIDE'
. "$scene/functions"
disk=$scene/disk
mkdir "$disk"
mount -t tmpfs -o size=600m tmpfs "$disk" || failed "a disk of our own is there"
cp -a "$workspace/." "$disk/"
user() { unshare -U --map-user=1000 --map-group=1000 --wd="$disk" "$@"; }
# mount(8) can't say this in a namespace: it repeats the first options.
resize() { python3 -c 'import ctypes, sys
sys.exit(ctypes.CDLL(None).mount(b"tmpfs", sys.argv[1].encode(), b"tmpfs", 32, b"size=" + sys.argv[2].encode()) != 0)' "$disk" "$1"; }
run=0
for kind in entries files; do
    run=$((run + 1))
    : >"$said" # the shell empties it in the background: what run 1 said must not be taken for this one's
    user "$RENKI" run fill kind=$kind >"$said" 2>&1 &
    child=$!
    until grep -q "item 50" "$said"; do
        kill -0 $child 2>/dev/null || failed "run $run begins"
        sleep 0.01
    done
    used=$(df -k --output=used "$disk" | tail -1)
    resize $((used + 500))k || failed "the disk is nearly full"
    wait $child
    [ $? = 1 ] || failed "a run that finds the disk full fails"
    says "disk" # a write failed, or the host saw it first
    says "renki resume"
    says_not "item 3000"
    resize 640m || failed "the disk has room again"
    exits 0 user "$RENKI" resume $run
    if grep -qx "item 40" "$said"; then failed "what was done is not done again"; fi
    exits 0 user "$RENKI" show $run --json
    is .run[0].state done
    is .totals.items.done 3000
done
used=$(df -k --output=used "$disk" | tail -1)
resize $((used + 1000))k || failed "the disk is nearly full"
exits 1 user "$RENKI" run fill kind=entries
says "no run starts"
says "Make room"
exits 1 user "$RENKI" doctor
says "✗ disk"
says "✓ audit"
exit 0
INSIDE
export scene said workspace
unshare -Urm --fork /bin/sh "$scene/inside" || exit 1
