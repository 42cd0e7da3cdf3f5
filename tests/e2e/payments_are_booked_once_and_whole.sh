# The payment file: allocated once, refused the second time, and the real-format file read to its trailer.
. "$SUPPORT/workspace.sh"
root=$SUPPORT/../..
file=$root/examples/city/data/MR_OUT_ID256_2800_20261030_061500.TXT

exits 0 "$root/examples/city/demo" "$RENKI" "$scene/demo"
cd "$scene/demo" || exit 1
"$RENKI" fake examples/city lines="$root/examples/city/data/purchase-ledger-2026-10.csv" --free-ports --mails mails --json >listening 2>&1 &
children=$!
until grep -q '"mail"' listening; do sleep 0.1; done
port() { sed -n "s/.*\"name\":\"https:..$1\",\"port\":\([0-9]*\).*/\1/p" listening; }
sed -i "s|\(receivables.example\", address = \"http://127.0.0.1:\)[0-9]*|\1$(port receivables.example)|
        s|smtp://127.0.0.1:[0-9]*|smtp://127.0.0.1:$(sed -n 's/.*"mail":\([0-9]*\).*/\1/p' listening)|" renki.lua

exits 4 "$RENKI" run payments-in payments="$file"
says "7 items: 3 done, 4 for a person, 0 failed, 0 left"
says "balanced: 2262.50"
says "no open invoice has the reference"
says "a payment taken back by the bank"

cp "$file" "again.txt"
exits 1 "$RENKI" run payments-in payments=again.txt
says "This file was booked before"

head -c 400 "$file" >half.txt
exits 1 "$RENKI" run payments-in payments=half.txt
says "The file is not booked"

real=$root/../shared/data/helsinki/laske/mr-out-payments.latin1.txt
if [ -r "$real" ]; then
    exits 4 "$RENKI" run payments-in payments="$real"
    says "balanced: 13316.20"
    says "Testääj"
else
    echo "skipped: the real file, for ../shared is absent"
fi
