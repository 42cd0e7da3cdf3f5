# kill -9 of the worker, gateway, host, command line, or of all of them, in the midst of a run: it is told, and `renki
# resume` sends nothing a second time. A zygote is not needed any more by the runs it has forked: they end well.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/ledger.sh"

manifest='return { title = "a test", owner = "tests", inputs = { from = { type = "number" } },
  permits = { http = { { "GET", "https://ledger.example/*" }, { "POST", "https://ledger.example/*" } } } }'
robot post <<'LUA'
local http = require "http"
local ledger = http.client { base = "https://ledger.example" }
local rows = {}
for i = 1, 20 do rows[i] = { no = run.inputs.from + i } end
run:each(rows, { key = "no" }, function(row)
  if row.no == run.inputs.from + 11 and run.attempt == 1 then
    run:log "in the midst"
    ledger:get "/pause"
  end
  ledger:post("/entries", { json = { no = row.no } })
end)
LUA

descendants() { # pid
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
        echo "$child"
        descendants "$child"
    done
}
# pid role: the processes of a role; workers are zygotes forked by the first one.
processes() {
    case $2 in
    command) echo "$1" ;;
    all) echo "$1"; descendants "$1" ;;
    worker) processes "$1" zygote | sort -n | tail -n +2 ;;
    *) for one in $(descendants "$1"); do
        case $({ tr '\0' ' ' </proc/"$one"/cmdline; } 2>/dev/null) in *" $2 "*) echo "$one" ;; esac
    done ;;
    esac
}

run=0
for victim in worker zygote gateway host command all; do
    run=$((run + 1))
    : >"$scene/out" # the shell empties it in the background: what the run before said must not be taken for this one's
    "$RENKI" run post from=$((run * 100)) >"$scene/out" 2>&1 &
    command=$!
    children="$children $command"
    until grep -qs "in the midst" "$scene/out"; do
        kill -0 $command 2>/dev/null || { cp "$scene/out" "$said"; failed "run $run begins"; }
        sleep 0.02
    done
    targets=
    until [ -n "$targets" ]; do targets=$(processes $command $victim | sort -n); done
    [ $victim = zygote ] && targets=$(echo "$targets" | head -1)
    # shellcheck disable=SC2086 # a list of processes, all of them ours
    kill -9 $targets
    wait $command 2>/dev/null
    code=$?
    cp "$scene/out" "$said"
    if [ $victim = zygote ]; then
        [ $code = 0 ] || failed "a run outlives its zygote"
        posted $((run * 20)) 1
        continue
    fi
    [ $code = 1 ] || [ $code = 137 ] || failed "the run ends with 1 when the $victim is killed, not $code"
    case $victim in
    worker) says "ended from outside" ;;
    gateway | host) says "process $victim" ;;
    esac
    case $victim in command | all) ;; *) says "renki resume" ;; esac
    exits 0 "$RENKI" show $run --json
    is .run[0].state failed
    exits 0 "$RENKI" resume $run
    exits 0 "$RENKI" show $run --json
    is .run[0].state done
    is .totals.items.done 20
    posted $((run * 20)) 1
done
