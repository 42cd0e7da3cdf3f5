# Three environments, each with settings of its own, share a remote that stock git serves: a robot goes from test over
# acceptance to production as the content that it was; each run tells where it ran.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/remotes.sh"

export USER=bookkeeper
promote() { exits "$1" "$RENKI" promote rents --to "$2"; } # code environment
at() { git -C "$scene/remote.git" show "$1:robots/rents/robot.lua"; } # branch

certificates
serve_https web --basic robots:correct-horse
mkdir -p "$scene/inbox" "$scene/test-inbox"
cat >renki.lua <<LUA
return { key = "$scene/gateway.key",
  shares = { inbox = "$scene/inbox" },
  people = { bookkeeper = { name = "Bookkeeper", email = "bookkeeper@city.example" } },
  remote = { url = "https://localhost:$port/remote.git", login = "git", ca = "$scene/ca.pem" },
  promotions = { "test", "acceptance", "production" },
  environments = {
    test = { remote = { branch = "test" }, shares = { inbox = "$scene/test-inbox" } },
    acceptance = { remote = { branch = "acceptance" } },
    production = { mode = "production", remote = { branch = "production" } },
  } }
LUA
mkdir -p robots/lib
printf 'return { greeting = "good morning" }\n' >robots/lib/names.lua
manifest='return { title = "Rents", owner = "bookkeeper", permits = { shares = { inbox = "read" } } }'
robot rents <<'LUA'
local names = require "lib.names"
run:log(names.greeting)
LUA
robot taxes <<'LUA'
local names = require "lib.names"
run:log(names.greeting)
LUA
git branch -m test
git clone -q --bare . "$scene/remote.git"
git -C "$scene/remote.git" branch acceptance
git -C "$scene/remote.git" branch production

# which of them this is has to be said, by a file that is this host's own
exits 2 "$RENKI" run rents
says "nothing says which of them this is"
mkdir -p .renki
echo nowhere >.renki/environment
exits 2 "$RENKI" run rents
says ".renki/environment: renki.lua has no environment called nowhere"
says "acceptance, production, test"
echo test >.renki/environment
exits 0 "$RENKI" doctor
says "test, development"
git status --porcelain | grep -q . && failed "the file is not in git"
exits 0 "$RENKI" run rents
exits 0 "$RENKI" show 1
says "It ran in the environment test, mode development"
exits 0 "$RENKI" show 1 --json
is .run[0].environment test
is .run[0].mode development

# the other environments are workspaces of their own, on their own branches
for environment in acceptance production; do
    git clone -q --branch $environment "$scene/remote.git" "$scene/$environment"
    mkdir "$scene/$environment/.renki"
    echo $environment >"$scene/$environment/.renki/environment"
done
for place in . "$scene/acceptance" "$scene/production"; do
    printf 'correct-horse' | exits 0 "$RENKI" secret set git -C "$place" --origin "https://localhost:$port" --username robots
done

# what is not saved does not go; what is, is shown first
promote 0 acceptance
says "the same in acceptance already"
sed -i 's/run:log(.*/run:log(names.greeting .. ", rents")/' robots/rents/robot.lua
promote 3 acceptance
says "rents"
sed -i 's/good morning/good evening/' robots/lib/names.lua
echo 'run:log("more")' >>robots/taxes/robot.lua
commit
promote 3 production
says "Robots come to production from acceptance; this is test"
promote 3 test
says "This is test already"
promote 2 live
says "has no environment called live"
exits 2 "$RENKI" promote rents
says "where the robot is to come"
before=$(git -C "$scene/remote.git" rev-parse acceptance)
exits 0 "$RENKI" promote rents --to acceptance --dry-run
says "rents would come to acceptance (branch acceptance)"
says "robots/rents/robot.lua"
says "robots/lib/names.lua"
says_not "robots/taxes"
says "names.lua is required by other robots of acceptance, too: taxes"
[ "$(git -C "$scene/remote.git" rev-parse acceptance)" = "$before" ] || failed "a rehearsal moves nothing"
promote 0 acceptance
says "rents is in acceptance now"
says "Schedules stay as they are there"
at acceptance | grep -q "rents" || failed "the remote's branch has it"
git -C "$scene/remote.git" show acceptance:robots/taxes/robot.lua | grep -q more && failed "other robots stay as they are"
exits 0 git -C "$scene/remote.git" log -1 --format='%an <%ae>|%s' acceptance
says "Bookkeeper <bookkeeper@city.example>|rents: promote from test to acceptance"
[ "$(git -C "$scene/remote.git" rev-parse acceptance^)" = "$before" ] || failed "history goes on from where it was"
promote 0 acceptance
says "the same in acceptance already"
exits 0 "$RENKI" run rents --json
content=$(value .run[0].tree)

# there it is the very same content; on it goes
cd "$scene/acceptance" || exit 1
exits 0 "$RENKI" sync
exits 0 "$RENKI" run rents --json
is .run[0].tree "$content"
is .run[0].environment acceptance
promote 0 production
says "runs only when this very content is approved"
at production | grep -q "rents" || failed "it is in production"
cd "$scene/production" || exit 1
exits 0 "$RENKI" sync
exits 0 "$RENKI" doctor
says "production, production"

# somebody was quicker: nothing is forced
cd "$workspace" || exit 1
git clone -q --branch acceptance "$scene/remote.git" "$scene/desk"
echo '-- by hand' >>"$scene/desk/robots/taxes/robot.lua"
git -C "$scene/desk" -c user.name=Test -c user.email=test@localhost commit -qam "by hand"
git -C "$scene/desk" push -q
echo '-- again' >>robots/rents/robot.lua
commit
promote 0 acceptance
git -C "$scene/remote.git" show acceptance:robots/taxes/robot.lua | grep -q "by hand" || failed "what others did stays"

# what the server does not take is told in its words, and nothing moved
before=$(git -C "$scene/remote.git" rev-parse acceptance)
printf '#!/bin/sh\nexit 1\n' >"$scene/remote.git/hooks/pre-receive"
chmod +x "$scene/remote.git/hooks/pre-receive"
echo '-- once more' >>robots/rents/robot.lua
commit
promote 3 acceptance
says "come to acceptance (branch acceptance): pre-receive hook declined"
[ "$(git -C "$scene/remote.git" rev-parse acceptance)" = "$before" ] || failed "the branch is where it was"
rm "$scene/remote.git/hooks/pre-receive"

# a remote that is a folder is only read: the commit waits on the branch here, two of them too, and git sends it
sed -i "s#https://localhost:$port/remote.git\", login = \"git\", ca = \"$scene/ca.pem\"#$scene/remote.git\"#" renki.lua
promote 0 acceptance
says "git push $scene/remote.git acceptance"
[ "$(git rev-parse acceptance^)" = "$before" ] || failed "it is made on what the remote has"
echo '-- and more' >>robots/rents/robot.lua
commit
promote 0 acceptance
[ "$(git rev-parse acceptance~2)" = "$before" ] || failed "what was not sent yet stays"
exits 0 git push -q "$scene/remote.git" acceptance
promote 0 acceptance
says "the same in acceptance already"

# a host stays what it is until it ends
"$RENKI" serve >"$scene/serve" 2>&1 &
server=$!
children="$children $server"
wait_for_file "$scene/serve"
echo acceptance >.renki/environment
exits 3 "$RENKI" reload
says "This host serves the environment test; now it is to be acceptance"
echo test >.renki/environment
exits 0 "$RENKI" reload

git -C "$scene/remote.git" fsck --strict >"$said" 2>&1 || failed "git finds the remote whole"
git fsck --strict >"$said" 2>&1 || failed "git finds the workspace whole"
exits 0 "$RENKI" doctor
