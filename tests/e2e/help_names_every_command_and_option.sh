# Help of each command with examples; man page and completion know all of them.
. "$SUPPORT/workspace.sh"

exits 0 "$RENKI" --help
for command in init new check run resume test runs show log cancel secret serve doctor version; do
    "$RENKI" --help | grep -q "$command" || failed "the help names $command"
    exits 0 "$RENKI" "$command" --help
    says "renki $command"
done
exits 0 "$RENKI" run --help
for option in --dry-run --draft --json --record; do says "$option"; done
exits 0 "$RENKI" version
says renki
for language in fi sv; do
    RENKI_LANGUAGE=$language "$RENKI" --help >"$said" 2>&1
    says_not "is there"
done
