# A thousand runs wait for an answer at once: each is a row, and each can be answered.
# WAITING says how many, if not so many.
. "$SUPPORT/workspace.sh"
waiting=${WAITING:-1000}

cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", queued_runs = 2000 }
SETTINGS
robot asks <<'LUA'
local answer = run:ask { title = "Go on?", fields = { { name = "yes", type = "boolean" } } }
run:log("went on: %s", answer.yes)
LUA
"$RENKI" serve >"$scene/serve" 2>&1 &
children="$children $!"
tries=0
until [ -S .renki/host.sock ]; do
    tries=$((tries + 1)) && [ $tries -lt 300 ] || failed "the host listens"
    sleep 0.1
done
seq "$waiting" | xargs -P 8 -I{} sh -c '"$RENKI" run asks >/dev/null 2>&1; [ $? = 5 ]' || failed "each run waits for a person"
exits 0 "$RENKI" tasks list --json
[ "$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["tasks"]))' "$said")" = "$waiting" ] ||
    failed "$waiting tasks are listed"
# No worker is left of them.
host=$(cat /proc/"${children##* }"/task/*/children | tr ' ' '\n' | head -n 1)
[ -n "$host" ] || failed "the host is there"
for task in 1 $((waiting / 2)) "$waiting"; do
    exits 0 "$RENKI" tasks answer "$task" yes=yes
    run=$("$RENKI" tasks show "$task" --json | sed -n 's/.*"run":\([0-9]*\).*/\1/p')
    tries=0
    until "$RENKI" show "$run" --json >"$said" 2>&1 && [ "$(value .run[0].state)" = "done" ]; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || failed "run $run is done"
        sleep 0.1
    done
done
