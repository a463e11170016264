#!/bin/sh
# udhcpc calls this with its event; the lease is in the environment.
case $1 in
bound | renew)
	ifconfig "$interface" "$ip" netmask "${subnet:-255.255.255.0}" ${mtu:+mtu "$mtu"}
	for gateway in $router; do
		route add default gw "$gateway" dev "$interface" 2>/dev/null
	done
	for server in $dns; do
		echo "nameserver $server"
	done >/etc/resolv.conf
	;;
deconfig)
	ifconfig "$interface" 0.0.0.0 up
	;;
esac
