#!/bin/sh
# install.sh BUILD: what `cmake --install` puts somewhere works from there, without the source tree.
set -eu
build=$1
scene=$(mktemp -d /tmp/renki-install-XXXXXX)
trap 'rm -rf "$scene"' EXIT

fail() { echo "$*" >&2; exit 1; }
# No role runs as root: there, an ordinary user does what follows.
as_person() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$scene/home" "$@"
    else
        env HOME="$scene/home" "$@"
    fi
}

cmake --install "$build" --prefix "$scene/usr" >/dev/null
mkdir "$scene/home" "$scene/work"
[ "$(id -u)" = 0 ] && chown -R 65534:65534 "$scene"
chmod 755 "$scene"

for name in bin/renki lib/systemd/system/renki@.service lib/sysusers.d/renki.conf share/man/man1/renki.1 share/bash-completion/completions/renki share/renki/stdlib-lua/run.lua \
    share/renki/stdlib-lua/internal/values.lua share/doc/renki/README.md \
    share/doc/renki/reference/decimal.md share/doc/renki/reference/service.md; do
    [ -s "$scene/usr/$name" ] || fail "nothing was installed as $name"
done
bash -n "$scene/usr/share/bash-completion/completions/renki" || fail "the completion is no bash"
grep -q '^\.SH NAME' "$scene/usr/share/man/man1/renki.1" || fail "the manual is no man page"

renki=$scene/usr/bin/renki
cd "$scene/work"
as_person "$renki" version
as_person "$renki" init . || fail "init failed"
sed -i "s|^return {|return {\\n  key = \"$scene/home/gateway.key\",|" renki.lua # not this person's own
as_person "$renki" new robot greeter || fail "new robot failed"
as_person "$renki" run greeter --draft name=Aino >"$scene/said" 2>&1 || { cat "$scene/said"; fail "the run failed"; }
grep -q 'hello, Aino' "$scene/said" || { cat "$scene/said"; fail "the robot did not say what it should"; }

# Without its own library it does not take the one of the source, though that is there.
mv "$scene/usr/share/renki/stdlib-lua" "$scene/usr/share/renki/elsewhere"
if as_person "$renki" run greeter --draft name=Aino >"$scene/said" 2>&1; then
    cat "$scene/said"
    fail "the installed binary used another library than its own"
fi
grep -q 'stdlib-lua' "$scene/said" || { cat "$scene/said"; fail "it does not say what is missing"; }
echo "installed, run, and told what is missing"
