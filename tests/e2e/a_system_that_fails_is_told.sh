# Another system is down, slow, refuses, breaks off, lies about itself or answers nonsense: one clear message each.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/ledger.sh"

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$scene/key.pem" -out "$scene/certificate.pem" -days 2 \
    -subj /CN=other.example >/dev/null 2>&1 || failed "openssl makes a certificate"
free=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
openssl s_server -quiet -www -accept "127.0.0.1:$free" -key "$scene/key.pem" -cert "$scene/certificate.pem" \
    >/dev/null 2>&1 &
children="$children $!"
settings "stranger = { origin = \"https://stranger.example\", address = \"https://127.0.0.1:$free\" },
  other = { origin = \"https://other.example\", address = \"https://127.0.0.1:$free\", ca = \"$scene/certificate.pem\" },
  down = { origin = \"https://down.example\", address = \"http://127.0.0.1:1\" }"

manifest='return { title = "a test", owner = "tests",
  inputs = { url = { type = "text" }, as = { type = "choice", choices = { "text", "json" }, default = "text" },
    timeout = { type = "number", default = 30 } },
  permits = { http = { { "GET", "https://ledger.example/*" }, { "GET", "https://down.example/*" },
    { "GET", "https://stranger.example/*" }, { "GET", "https://other.example/*" } } } }'
robot ask <<'LUA'
local http = require "http"
local client = http.client { base = "https://ledger.example", timeout = run.inputs.timeout, retries = 0 }
local answer = client:get(run.inputs.url)
run:log(answer[run.inputs.as](answer))
LUA

# fails CODE URL WORDS…: asking for it ends with this code, and each of the words is said.
fails() {
    code=$1 url=$2
    shift 2
    exits "$code" "$RENKI" run ask url="$url" as="${as:-text}" timeout="${timeout:-30}"
    for words in "$@"; do says "$words"; done
    says "robot.lua:"
    says "renki resume"
}

fails 1 https://down.example/ "down.example does not answer" "nobody listens at its port"
fails 1 https://stranger.example/ "certificate of stranger.example is not trusted" "signed itself" "CN=other.example"
timeout=0.3 # the others have all the time that a busy machine may need
fails 1 /slow "ledger.example did not answer" "Try again later" "timeout"
fails 1 /silent "ledger.example did not answer"
timeout=
fails 1 /refused "ledger.example broke the connection"
fails 1 /cut "ledger.example broke the connection before its answer was whole"
fails 3 /status/401 "the login was not accepted" "can lock the account"
fails 1 /status/403 "answered with 403" "may not do this"
fails 1 /status/404 "answered with 404" "accept = { 404 }"
fails 1 /busy "answered with 429" "per_second"
fails 1 /status/500 "answered with 500" "has a fault"
fails 1 /circle "sent the call on more than" "round in a circle"
fails 1 /charset "can't be read as utf-8" "windows-1252"
as=json
fails 1 /json/cut "can't be read as JSON" "ends in the middle"
fails 1 /json/page "can't be read as JSON" "like a web page" "Log in"

# In the reader's language, the system's own reasons too.
export RENKI_LANGUAGE=fi
fails 1 https://down.example/ "down.example ei vastaa: kukaan ei kuuntele sen porttia"
fails 1 https://stranger.example/ "varmenteeseen ei luoteta: se on allekirjoittanut itsensä"
export RENKI_LANGUAGE=sv
fails 1 https://down.example/ "ingen lyssnar på dess port"
