# A person makes a workspace and a robot, tries it, commits it, runs it, and looks at what it did.
. "$SUPPORT/workspace.sh"

exits 0 "$RENKI" new robot greeter
says robots/greeter/robot.lua
exits 0 "$RENKI" test greeter
says "1 passed, 0 failed"
exits 0 "$RENKI" check greeter
says "0 errors"

exits 3 "$RENKI" run greeter
says "not saved yet"
exits 0 "$RENKI" run greeter --draft name=Aino
says "hello, Aino"
says "draft"

exits 0 "$RENKI" save greeter
exits 0 "$RENKI" run greeter
says "hello, world"
exits 0 "$RENKI" runs
says greeter
exits 0 "$RENKI" show 2
says done
exits 0 "$RENKI" log 2
says "hello, world"

exits 0 "$RENKI" run greeter --json
is .run[0].state done
is .run[0].draft false
is .counts[0].count 1
