# TLS to the database server: its certificate is checked, also when the host is sealed and connects again; to a server that
# is not this machine nothing is sent without.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/database.sh"

certificate() { # name subject's host
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$2" -addext "subjectAltName=DNS:$2" \
        -keyout "$scene/$1.key" -out "$scene/$1.crt" >"$said" 2>&1 || failed "a certificate is made"
    chmod 600 "$scene/$1.key"
}
certificate database localhost
certificate other localhost
port=$(free_port)
export OPTIONS="-c ssl=on -c ssl_cert_file=$scene/database.crt -c ssl_key_file=$scene/database.key"
server stop
server start "$port" || failed "it listens on a port"
address="postgresql://renki:only%20for%20a%20test@localhost:$port/renki"
robot many <<'LUA'
local rows = {}
for i = 1, 4000 do rows[i] = { no = i } end
run:each(rows, { key = "no" }, function(row)
  if row.no % 10 == 0 then run:log("item %d", row.no) end
end)
LUA

store "$address?sslmode=verify-full&sslrootcert=$scene/database.crt"
: >"$scene/out"
"$RENKI" run many >"$scene/out" 2>&1 &
child=$!
children="$children $child"
until grep -q "item 10" "$scene/out"; do
    kill -0 $child 2>/dev/null || { cp "$scene/out" "$said"; failed "the run begins"; }
    sleep 0.01
done
server kill
server start "$port" || failed "it starts again"
wait $child || { cp "$scene/out" "$said"; failed "the run goes on"; }
exits 0 "$RENKI" show 1 --json
is .totals.items.done 4000

store "$address?sslmode=verify-full&sslrootcert=$scene/other.crt"
exits 1 "$RENKI" runs
says "certificate verify failed"
says_not "only for"

# A server elsewhere, without TLS: nothing is sent to it.
server stop
unset OPTIONS
server start "$port" || failed "it starts without TLS"
store "postgresql://renki:only%20for%20a%20test@db.example:$port/renki?hostaddr=127.0.0.1"
exits 1 "$RENKI" runs
says "SSL"
store "postgresql://renki:only%20for%20a%20test@db.example:$port/renki?hostaddr=127.0.0.1&sslmode=disable"
exits 0 "$RENKI" runs
