#!/bin/sh
# systemd.sh BUILD: the unit under a real systemd, the first process of namespaces of its own over a copy of this machine's
# files that is thrown away: it starts, runs a robot within all its hardening, reloads, comes back when it is killed, stops.
set -eu
build=$1
[ "$(id -u)" = 0 ] && [ -x /lib/systemd/systemd ] || { echo "skipped: no systemd here, or not root"; exit 0; }
scene=$(mktemp -d /tmp/renki-systemd-XXXXXX)
groups=
leave() {
    [ -z "$groups" ] || find "$groups" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    rm -rf "$scene"
}
trap leave EXIT

# systemd wants a control group to itself.
if [ -d /sys/fs/cgroup/systemd ]; then
    groups=/sys/fs/cgroup/systemd/renki-test-$$ hierarchy="-t cgroup -o none,name=systemd" below=/systemd
else
    groups=/sys/fs/cgroup/renki-test-$$ hierarchy="-t cgroup2" below=
fi
mkdir "$groups" 2>/dev/null || { groups=; echo "skipped: no control group of our own"; exit 0; }
mkdir "$scene/root" "$scene/out"

cat >"$scene/probe" <<'PROBE'
set -eu
unit=renki@srv-renki
exec >/mnt/said 2>&1
fail() { echo "not so: $*"; systemctl --no-pager status $unit || true; systemctl exit 1; exit 1; }
trap 'fail "the probe ends well"' EXIT
renki() { setpriv --reuid renki --regid renki --init-groups env HOME=/var/lib/renki LC_ALL=C RENKI_LANGUAGE=en /usr/bin/renki "$@"; }
show() { systemctl show -P "$1" $unit; }
install -d -o renki -g renki /srv/renki /var/lib/renki
cd /srv/renki
renki init .
mkdir robots/hello
echo 'return { title = "hello", owner = "tests" }' >robots/hello/manifest.lua
echo 'run:step("say", function() print "hello from the service" end)' >robots/hello/robot.lua
chown -R renki:renki .
renki save -m "a robot" </dev/null || fail "it is saved"

systemctl start $unit || fail "it starts, and says ready"
[ "$(show ActiveState)" = active ] || fail "it is active"
renki doctor || fail "all layers hold within the unit's hardening"
renki doctor | grep -q "service  *since" || fail "the service answers"
renki run hello | grep -q "hello from the service" || fail "a robot runs"
systemctl reload $unit || fail "it reloads"

first=$(show MainPID)
kill -9 "$first"
tries=0
until [ "$(show MainPID)" != "$first" ] && [ "$(show ActiveState)" = active ]; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || fail "it comes back when it is killed"
    sleep 0.1
done
[ "$(show NRestarts)" = 1 ] || fail "once"
renki run hello | grep -q "hello from the service" || fail "a robot runs again"
systemctl stop $unit || fail "it stops"
[ "$(show ActiveState) $(show Result)" = "inactive success" ] || fail "and ends well"
trap - EXIT
echo "started, ran, reloaded, came back, stopped"
systemctl exit 42
PROBE

cat >"$scene/inside" <<'INSIDE'
set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs "$scene/root"
cd "$scene/root"
mkdir upper work whole
mount -t overlay overlay -o "lowerdir=/,upperdir=$scene/root/upper,workdir=$scene/root/work" whole
cd whole
for folder in run tmp dev srv; do mount -t tmpfs tmpfs $folder; done
mount -t proc proc proc
for device in null zero full random urandom tty; do
    touch dev/$device
    mount --bind /dev/$device dev/$device
done
mkdir -p dev/shm dev/pts srv/renki old
mount -t devpts devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t sysfs -o ro sysfs sys
[ -z "$below" ] || mount -t tmpfs tmpfs sys/fs/cgroup
mkdir -p "sys/fs/cgroup$below"
mount $hierarchy cgroup "sys/fs/cgroup$below"
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys # the kernel's settings are the machine's
mount --bind "$scene/out" mnt
cp "$scene/probe" mnt/probe
# No journal runs here.
mkdir etc/systemd/system/renki@.service.d
printf '[Service]\nStandardError=append:/mnt/service\n' >etc/systemd/system/renki@.service.d/told.conf
touch "$scene/out/begins"
DESTDIR=$PWD cmake --install "$build" --prefix /usr >/dev/null
systemd-sysusers --root="$PWD" >/dev/null 2>&1 || true
# Nothing else of this machine starts, or cleans up.
rm -rf usr/lib/systemd/system/*.wants etc/systemd/system/*.wants etc/systemd/system/*.requires
: >etc/fstab
rm -f etc/machine-id
: >etc/machine-id
cat >etc/systemd/system/probe.service <<'UNIT'
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/sh /mnt/probe
UNIT
pivot_root . old
umount -l /old
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=probe.service \
    --log-target=console --show-status=0
INSIDE

export scene build hierarchy below
code=0
sh -c "echo \$\$ >$groups/cgroup.procs && exec unshare --mount --pid --uts --ipc --net --cgroup --fork --kill-child \
    sh $scene/inside" >"$scene/log" 2>&1 || code=$?
if [ ! -e "$scene/out/begins" ]; then
    echo "skipped: no namespaces for a systemd of our own: $(tail -1 "$scene/log")"
    exit 0
fi
[ $code = 42 ] && exit 0
cat "$scene/log" "$scene/out/said" "$scene/out/service" 2>/dev/null
exit 1
