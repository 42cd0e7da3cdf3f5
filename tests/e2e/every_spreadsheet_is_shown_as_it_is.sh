# What people's spreadsheets hold is printed exactly, wherever the command is typed; where the shared data is there.
. "$SUPPORT/workspace.sh"
cd "$scene" || exit 1 # outside of any workspace

if [ ! -d "$SHARED/spreadsheets" ]; then
    echo "skipped: no shared data"
    exit 0
fi
exits 0 python3 "$SUPPORT/expected_sheets.py" "$RENKI" "$SHARED" spreadsheets
cat "$said"
exits 0 python3 "$SUPPORT/expected_sheets.py" "$RENKI" "$SHARED" csv
cat "$said"
exits 0 python3 "$SUPPORT/real_sheets.py" "$RENKI" "$SHARED"
cat "$said"
