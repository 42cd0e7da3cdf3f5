# Each command in docs/reference/schedules.md says exactly what stands under it.
. "$SUPPORT/workspace.sh"

page=$SUPPORT/../../docs/reference/schedules.md
mkdir "$scene/bin" && ln -s "$RENKI" "$scene/bin/renki" || exit 1
PATH=$scene/bin:$PATH
cd "$scene" || exit 1

# "    $ command" and the lines after it, one file each.
awk -v scene="$scene" '
    /^    \$ / { count++; print substr($0, 7) >(scene "/command." count); next }
    /^    / && count { print substr($0, 5) >(scene "/expected." count); next }
' "$page"

count=0
for command in "$scene"/command.*; do
    number=${command##*.}
    exits 0 sh "$command"
    cmp -s "$said" "$scene/expected.$number" || failed "the page shows what \"$(cat "$command")\" says"
    count=$((count + 1))
done
[ "$count" -ge 10 ] || failed "the page has commands"
