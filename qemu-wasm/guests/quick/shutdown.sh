#!/bin/sh
# What the guest agent calls: shutdown -h|-r -P|-H +0.
case " $* " in
*" -r "*) exec reboot ;;
*" -H "*) exec halt ;;
*) exec poweroff ;;
esac
