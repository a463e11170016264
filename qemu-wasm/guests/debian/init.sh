#!/bin/sh
# PID 1 of the Debian disk: mounts, a root shell on the console, a clean power-off when that ends.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin HOME=/root TERM=vt220 LC_ALL=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mkdir /dev/pts /dev/shm
ln -s /proc/self/fd /dev/fd
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
hostname debian
cd /root
# The terminal echoes; no line editing that would rewrite what was typed.
PS1='root@debian:~# ' setsid --ctty bash --norc --noprofile --noediting -i </dev/ttyS0 >/dev/ttyS0 2>&1
exec poweroff
