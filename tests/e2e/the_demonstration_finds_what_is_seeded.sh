# The main job: a month of lines against a ledger over HTTP, balanced to the cent, what is seeded found and nothing else.
. "$SUPPORT/workspace.sh"
root=$SUPPORT/../..

exits 0 "$root/examples/city/demo" "$RENKI" "$scene/demo"
if [ -r "$root/../shared/data/helsinki/trafford/supplier-spend-2026-05.sample.csv" ]; then
    says "1848 items: 1841 done, 7 for a person, 0 failed, 0 left"
    says "balanced: 4104904.38"
    says 'GB20084738'
    says_not "invoice 101:"   # a booking and its reversal
    says_not "invoice 0526:"  # a split
else
    echo "skipped: the real lines, for ../shared is absent"
    says "119 items: 112 done, 7 for a person, 0 failed, 0 left"
    says "balanced: 453159.78"
fi
says "sum differs"
says "not in the ledger"
says "booked twice"
says "Subject: Purchase ledger"
says "X-Envelope-To: month-end@finance.example"
path=$(sed -n 's/^Findings: //p' "$said")
[ -s "$path" ] || failed "the workbook is where it is said to be"
[ "$(ls "$scene/demo/mails" | wc -l)" = 1 ] || failed "one mail was sent"
for secret in peltomaa-2026 cm9ib3Q6cGVsdG9tYWEtMjAyNg; do
    if grep -rqF "$secret" "$scene/demo/.renki" "$scene/demo/mails"; then failed "the password is nowhere in the store, the log or the mail"; fi
done
