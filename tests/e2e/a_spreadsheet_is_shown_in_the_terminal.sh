# A clerk looks at what came by mail: as a table, as CSV, as JSON; nothing that is in it reaches the terminal raw.
. "$SUPPORT/workspace.sh"
cd "$scene" || exit 1 # no workspace is needed

printf 'Lasku;Summa;P\344iv\344\r\n1001;"1 204,50";1.10.2026\r\n1002;-0,5;2.10.2026\r\n' >october.csv

# For people: what was found, then rows with letters and numbers, then what the columns hold.
exits 0 "$RENKI" sheet october.csv
says 'october.csv  csv · windows-1252 · delimiter ; · decimal comma · 3 rows · 3 columns'
says ' 1   Lasku     Summa      Päivä'
says ' 2    1001  1 204,50  1.10.2026'
says 'B  Summa   number 2'
says 'C  Päivä   date 2'
exits 0 env RENKI_LANGUAGE=fi "$RENKI" sheet october.csv --rows 1
says 'erotin ; · desimaalipilkku'
says '--rows 3 näyttää enemmän'
says_not 1002
exits 0 env RENKI_LANGUAGE=sv "$RENKI" sheet october.csv
says 'avgränsare ; · decimalkomma'

# For programs.
exits 0 "$RENKI" sheet october.csv --csv
printf 'Lasku,Summa,Päivä\r\n1001,"1 204,50",1.10.2026\r\n1002,"-0,5",2.10.2026\r\n' | cmp -s - "$said" || failed "it is CSV by RFC 4180"
exits 0 "$RENKI" sheet october.csv --json
is .format csv
is .encoding windows-1252
is .rows[1] '["1001", "1 204,50", "1.10.2026"]'
exits 0 "$RENKI" sheet october.csv --json --rows 1 --encoding iso-8859-1 --delimiter ';'
is .encoding iso-8859-1
is .rows '[["Lasku", "Summa", "P\u00e4iv\u00e4"]]'

# Escape sequences, marks that turn a line round and line ends are seen, not obeyed.
printf 'a name,another name\n"\033]0;owned\007x","one\ntwo\t\342\200\256three, and so on"\n' >hostile.csv
exits 0 "$RENKI" sheet hostile.csv
says '␛]0;owned␇x'
says 'one↵two→�three'
if grep -q "$(printf '\033')" "$said"; then failed "no escape sequence is printed"; fi

# Damage: told beside the rows for people, an error for programs.
printf 'a,b\n1,"never closed\n2,3\n' >cut.csv
exits 0 "$RENKI" sheet cut.csv
says 'The quote that opens in the row on line 2 is never closed'
exits 1 "$RENKI" sheet cut.csv --json
is .code CSV_QUOTE_OPEN
exits 1 "$RENKI" sheet cut.csv --csv

# What can't be shown says why.
: >empty.csv
mkfifo pipe
exits 1 "$RENKI" sheet nothing.xlsx
says 'There is no file nothing.xlsx.'
exits 1 "$RENKI" sheet .
says 'not a file but a folder'
exits 1 "$RENKI" sheet pipe --json
is .code FILE_NOT_PLAIN
exits 1 "$RENKI" sheet empty.csv --json
is .error 'The file is empty.'
exits 1 "$RENKI" sheet october.csv --page Rates --json
is .code SHEET_NO_PAGE
exits 2 "$RENKI" sheet october.csv --csv --json
exits 2 "$RENKI" sheet october.csv --rows many
says 'a whole number, not "many"'
exits 2 "$RENKI" sheet october.csv --delimiter ';;'
exits 2 "$RENKI" sheet

# A reader that goes away ends it without a word.
seq 200000 | sed 's/$/;some text that makes the line longer/' >long.csv
{ "$RENKI" sheet long.csv --csv 2>"$scene/words" | head -n 1 >"$said"; } || failed "head reads a line"
says '1,some text'
{ "$RENKI" sheet long.csv --rows 100000 2>>"$scene/words" | head -n 1 >"$said"; } || failed "head reads a line"
[ ! -s "$scene/words" ] || failed "it ends without a word: $(cat "$scene/words")"

# Stopped while it prints, it no process and no file behind.
mkdir "$scene/tmp"
mkfifo "$scene/stuck"
exec 9<>"$scene/stuck" # holds the pipe open and reads nothing
TMPDIR="$scene/tmp" "$RENKI" sheet long.csv --csv >"$scene/stuck" &
child=$!
children="$children $child"
until viewer=$(cat "/proc/$child/task/$child/children" 2>/dev/null) && [ -n "$viewer" ]; do
    kill -0 "$child" 2>/dev/null || failed "it waits for its reader"
done
kill -TERM "$child"
wait "$child"
exec 9>&-
while kill -0 $viewer 2>/dev/null; do sleep 0.05; done # its parent's end ends it; the test's own limit is the clock
[ -z "$(ls "$scene/tmp")" ] || failed "no file is left: $(ls "$scene/tmp")"
