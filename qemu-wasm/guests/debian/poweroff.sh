#!/bin/sh
# The file system is clean afterwards: its journal is empty, and e2fsck has nothing to do.
sync
mount -o remount,ro /
exec busybox poweroff -f
