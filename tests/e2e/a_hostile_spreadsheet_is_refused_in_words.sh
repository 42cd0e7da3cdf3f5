# Zip bombs, entities, numbers that overflow, files cut off and damaged: each ends in words, soon, within its memory.
. "$SUPPORT/workspace.sh"
cd "$scene" || exit 1

mkdir hostile
exits 0 python3 "$SUPPORT/hostile_sheets.py" "$RENKI" hostile "$SHARED"
tail -n 1 "$said"
