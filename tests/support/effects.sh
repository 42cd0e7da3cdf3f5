# For tests that count what was done outside: `. "$SUPPORT/effects.sh"` after workspace.sh. Starts effects.py; robots of the
# workspace reach it as https://bank.example. `torn NAME …` runs a robot and kills all of it once /NAME was posted and
# before that is answered.
effects=$scene/effects
mkdir "$effects"
python3 "$SUPPORT/effects.py" "$effects" 2>"$said" &
children="$children $!"
until [ -s "$effects/port" ]; do
    kill -0 $! 2>/dev/null || failed "the bank listens"
    sleep 0.05
done
port=$(cat "$effects/port")
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", systems = {
  bank = { origin = "https://bank.example", address = "http://127.0.0.1:$port" } } }
SETTINGS
manifest='return { title = "a test", owner = "aino", deputy = "eino", inputs = { from = { type = "text", default = "1" } },
  permits = { http = { { "GET", "https://bank.example/*" }, { "POST", "https://bank.example/*" } } } }'

count() { # path
    python3 -c 'import sys, urllib.request
print(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}{sys.argv[2]}").read().decode())' "$port" "$1"
}
counted() { # path expected
    found=$(count "$1")
    [ "$found" = "$2" ] || failed "$1 was done $2 times, not $found"
}

descendants() { # pid
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
        echo "$child"
        descendants "$child"
    done
}

# torn PATH command…: killed as a whole when PATH was posted once more and not answered.
torn() {
    path=$1
    shift
    before=$(count "$path")
    touch "$effects/hang"
    "$@" >"$scene/out" 2>&1 &
    torn_pid=$!
    tries=0
    until [ "$(count "$path")" -gt "$before" ]; do
        kill -0 $torn_pid 2>/dev/null || { cp "$scene/out" "$said"; failed "$path is posted"; }
        tries=$((tries + 1))
        [ $tries -lt 600 ] || failed "$path is posted in time"
        sleep 0.05
    done
    # shellcheck disable=SC2046 # a list of processes, all of them ours
    kill -9 $torn_pid $(descendants $torn_pid) 2>/dev/null
    wait $torn_pid 2>/dev/null
    rm "$effects/hang"
}
