# People and groups of the settings are listed, for people and for git; what git could not hold is refused by name.
. "$SUPPORT/workspace.sh"

exits 0 "$RENKI" people
says "The settings name nobody"
ssh-keygen -q -t ed25519 -N "" -C laptop -f "$scene/key" || failed "a key is made"
cat >renki.lua <<SETTINGS
return {
  key    = "$scene/gateway.key",
  people = {
    controller = { name = "The controller", email = "controller@city.example", keys = { "$(cat "$scene/key.pub")" } },
    treasurer  = { name = "The treasurer", email = "treasurer@city.example", active = false },
  },
  groups = { controllers = { "controller", "treasurer" }, administrators = { "operator" } },
}
SETTINGS
exits 0 "$RENKI" people
says "The controller"
says "no longer"
says "operator@renki.invalid"
exits 0 "$RENKI" people --json
is .people[0].login controller
is .people[0].groups '["controllers"]'
is .people[2].listed false

# The list is one that ssh-keygen reads.
"$RENKI" people --allowed-signers >"$scene/signers" || failed "signers are listed"
printf 'a text' | ssh-keygen -q -Y sign -n git -f "$scene/key" - >"$scene/text.sig" 2>/dev/null || failed "it is signed"
printf 'a text' | ssh-keygen -q -Y verify -n git -f "$scene/signers" -I controller@city.example -s "$scene/text.sig" ||
    failed "ssh-keygen takes the list"

sed -i 's/email = "treasurer@/email = "controller@/' renki.lua
exits 2 "$RENKI" people
says "controller@city.example"
