# In production only content runs that somebody else than its author has approved; git itself checks the words.
. "$SUPPORT/workspace.sh"

by() { # who subject: what there is becomes a commit of theirs
    git add -A && git -c user.name="The $1" -c user.email="$1@city.example" commit -q -m "$2" || failed "git commits"
}
settings() { # what else
    cat >renki.lua <<SETTINGS
return {
  key    = "$scene/gateway.key",
  mode   = "production",
  people = {
    bookkeeper = { name = "The bookkeeper", email = "bookkeeper@city.example" },
    controller = { name = "The controller", email = "controller@city.example" },
    treasurer  = { name = "The treasurer", email = "treasurer@city.example", keys = { "$(cat "$scene/treasurer.pub")" } },
  },
  groups   = { controllers = { "controller", "treasurer" } },
  approval = { approvers = 1, group = "controllers" $1 },
}
SETTINGS
}
tree() { exits 0 "$RENKI" review rents --json; tree=$(value .robots[0].tree); }

ssh-keygen -q -t ed25519 -N "" -f "$scene/treasurer" && ssh-keygen -q -t ed25519 -N "" -f "$scene/stranger" ||
    failed "keys are made"
settings ""
mkdir -p robots/rents robots/lib
echo 'run:log(require "lib.words")' >robots/rents/robot.lua
echo 'return { title = "Rents", owner = "bookkeeper" }' >robots/rents/manifest.lua
echo 'return "paid"' >robots/lib/words.lua
echo 'return "other"' >robots/lib/other.lua
by bookkeeper "rents"

# Nothing runs unapproved: not by hand, not as a draft.
exits 3 "$RENKI" run rents
says "is not approved"
says "controller, treasurer"
exits 3 "$RENKI" run rents --draft
says "drafts don't run in production"

# The author can't, strangers can't, who has keys has to sign.
exits 3 "$RENKI" approve rents --as bookkeeper
says "wrote a part of rents"
exits 3 "$RENKI" approve rents --as stranger
exits 3 "$RENKI" approve rents --as treasurer
says "registered keys"
exits 3 "$RENKI" approve rents --as treasurer --key "$scene/stranger"
says "not one of treasurer"
exits 3 "$RENKI" approve rents --as controller --content 0123456789
exits 3 "$RENKI" run rents

# Somebody else approves; it runs; git itself says that the word is good, and fsck that it is whole.
exits 0 "$RENKI" approve rents --as controller
exits 0 "$RENKI" run rents
says "paid"
exits 0 "$RENKI" review rents
says "told by account"
tree
"$RENKI" people --allowed-signers >"$scene/signers" || failed "signers are listed"
git config gpg.format ssh
git config gpg.ssh.allowedSignersFile "$scene/signers"
approval=refs/renki/approvals/$tree/controller
exits 0 git verify-tag "$(git rev-parse "$approval")"
exits 0 git fsck --strict
says_not "error"
says_not "warning"

# Another module, a merge, a rebase: not asked again. A change of what it requires is.
echo 'return "new"' >robots/lib/other.lua
by controller "a module that rents does not require"
exits 0 "$RENKI" run rents
main=$(git symbolic-ref --short HEAD)
git checkout -q -b side HEAD~1 && echo x >README && by treasurer "on the side" && git checkout -q "$main" || failed "a branch"
git -c user.name=T -c user.email=treasurer@city.example merge -q --no-edit side || failed "git merges"
exits 0 "$RENKI" run rents
git -c user.name="The controller" -c user.email=controller@city.example rebase -q --root --force-rebase ||
    failed "git rebases"
git mktree </dev/null >"$said" || failed "git's own rebase names the empty tree, and does not write it"
exits 0 "$RENKI" run rents
echo 'return "late"' >robots/lib/words.lua
exits 0 "$RENKI" run rents # working files are not what runs
says "paid"
by bookkeeper "late"
exits 3 "$RENKI" run rents
exits 0 "$RENKI" review rents
says "lib/words.lua"
says '-return "[-paid-]"'
says '+return "{+late+}"'
first=$tree
tree

# Words that are worth nothing: moved to another tree, unsigned, forged, by a key that is nobody's.
git update-ref "refs/renki/approvals/$tree/controller" "$(git rev-parse "refs/renki/approvals/$first/controller")"
exits 3 "$RENKI" run rents
exits 0 "$RENKI" review rents --json
is '.robots[0].words[0].worth' "of something else"
tag() { git cat-file tag "refs/renki/approvals/$first/controller" | sed "s/$first/$tree/"; }
hung() { git hash-object -t tag -w --stdin; }
git update-ref "refs/renki/approvals/$tree/controller" "$(tag | hung)"
exits 3 "$RENKI" run rents
exits 0 "$RENKI" review rents --json
is '.robots[0].words[0].worth' forged
git update-ref "refs/renki/approvals/$tree/controller" "$(tag | sed '/-----BEGIN/,$d' | hung)"
exits 3 "$RENKI" run rents
exits 0 "$RENKI" review rents --json
is '.robots[0].words[0].worth' unsigned
tag | sed '/-----BEGIN/,$d' >"$scene/payload"
ssh-keygen -q -Y sign -n git -f "$scene/stranger" "$scene/payload" 2>/dev/null
git update-ref "refs/renki/approvals/$tree/controller" "$(cat "$scene/payload" "$scene/payload.sig" | hung)"
exits 3 "$RENKI" run rents
exits 0 "$RENKI" review rents --json
is '.robots[0].words[0].worth' "unknown key"

rm "$scene/payload.sig" && ssh-keygen -q -Y sign -n git -f "$scene/treasurer" "$scene/payload" 2>/dev/null
git update-ref "refs/renki/approvals/$tree/controller" "$(cat "$scene/payload" "$scene/payload.sig" | hung)"
exits 3 "$RENKI" run rents
exits 0 "$RENKI" review rents --json
is '.robots[0].words[0].worth' "another's key"

# What was approved and comes back is approved still, whoever takes the change back.
echo 'return "paid"' >robots/lib/words.lua
by controller "back"
exits 0 "$RENKI" run rents
says "paid"
echo 'return "late"' >robots/lib/words.lua
by bookkeeper "late again"
exits 3 "$RENKI" run rents

# With a person's own key; then the same person takes it back.
exits 0 "$RENKI" approve rents --as treasurer --key "$scene/treasurer"
exits 0 "$RENKI" run rents
says "late"
exits 0 git verify-tag "$(git rev-parse "refs/renki/approvals/$tree/treasurer")"
sleep 1
exits 0 "$RENKI" reject rents --as treasurer --key "$scene/treasurer" --why "the wrong month"
exits 3 "$RENKI" run rents
says "the wrong month"
exits 0 git fsck --strict
