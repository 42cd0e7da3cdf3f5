# kill -9 of a run's worker, of its host, or of everything at once, at random instants; see README.md.
. "$SUPPORT/workspace.sh"

victim=$1
kills=${KILLS:-12}
seed=${SEED:-$(date +%s)}
echo "seed $seed"

robot ledger <<'LUA'
local rows = {}
for i = 1, 2000 do rows[i] = { no = i, sum = ("%d.%02d"):format(i, i % 100) } end
local total = "2001990.00"
run:expect { items = 2000, sum = total }
run:each(rows, { key = "no", sum = "sum" }, function(row)
  run:log("item %d", row.no)
  return row.no
end)
run:step("close", function() return run:log "closed" end)
LUA

# One process of this workspace's run, by the name of its role; the private host is a child of the command line.
descendants() { # pid
    for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
        echo "$child"
        descendants "$child"
    done
}
role_of() { { tr '\0' ' ' </proc/"$1"/cmdline; } 2>/dev/null; }

random() { # most: a number from 0, repeatable by the seed
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    echo $((seed / 65536 % $1))
}

# Workers are forks of the zygote and carry its name: they are those zygotes whose parent is not the first.
victims() { # pid of the command line
    case $victim in
    host) for one in $(descendants "$1"); do case $(role_of "$one") in *" host "*) echo "$one" ;; esac done ;;
    worker)
        zygotes=$(for one in $(descendants "$1"); do case $(role_of "$one") in *" zygote "*) echo "$one" ;; esac done)
        echo "$zygotes" | sort -n | tail -n +2 ;;
    all) echo "$1"; descendants "$1" ;;
    esac
}

# Every other round strikes while items are done, the rest at any time, also before there is a run.
strike_when() { # round, pid of the command line
    if [ $(($1 % 2)) = 1 ]; then
        until grep -qs item "$scene/out" || ! kill -0 "$2" 2>/dev/null; do sleep 0.01; done
    fi
    sleep "0.$(printf %03d "$(random 300)")"
}

attempt=run
argument=ledger
state=none
for round in $(seq "$kills"); do
    : >"$scene/out" # the shell empties it in the background: what the run before said must not be taken for this one's
    "$RENKI" $attempt $argument >"$scene/out" 2>&1 &
    command=$!
    strike_when "$round" $command
    targets=$(victims $command)
    # shellcheck disable=SC2086 # a list of processes, all of them ours
    [ -n "$targets" ] && kill -9 $targets 2>/dev/null
    wait $command 2>/dev/null
    code=$?
    [ -s .renki/store.sqlite ] || continue
    "$RENKI" runs --json >"$said" 2>&1 || failed "the store can be read after kill $round"
    [ "$(value .runs)" = "[]" ] && continue
    state=$(value .runs[0].state)
    [ "$state" = done ] && break
    [ "$state" = failed ] || failed "a killed run is failed, not $state (exit code $code)"
    attempt=resume
    argument=1
done

[ "$state" = done ] || exits 0 "$RENKI" $attempt $argument
exits 0 "$RENKI" show 1 --json
is .run[0].state done
is .totals.items.done 2000
is .totals.sums.done 2001990.00
is .totals.balanced true

python3 - .renki/store.sqlite .renki/logs/1.jsonl <<'PYTHON' >"$said" 2>&1 || failed "store and log agree"
import collections, json, sqlite3, sys
keys = [row[0] for row in sqlite3.connect(sys.argv[1]).execute("SELECT key FROM entries WHERE kind = 'item'")]
assert sorted(map(int, keys)) == list(range(1, 2001)), "each item once"
lines = [json.loads(line) for line in open(sys.argv[2]) if line.endswith("\n")]
told = collections.Counter(line["text"] for line in lines)
# Only the item in whose midst the run was killed may have begun again; one that was stored never is.
attempts = max(line["attempt"] for line in lines)
again = sum(count - 1 for text, count in told.items() if text.startswith("item "))
assert again <= attempts - 1, f"{again} items began again in {attempts} attempts"
assert told["closed"] >= 1
print("attempts", attempts, "begun again", again)
PYTHON
cat "$said"
exits 0 "$RENKI" doctor
says audit
