# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The board as a device has it that installs contrib/device: the groups of
# enc-mnist.sysusers, the owners and modes of 60-enc-mnist.rules. `user` is of
# the group tee, `supplicant` of the group teepriv; neither is root.

# device_nodes: "GLOB GROUP MODE" for each rule.
device_nodes() {
	sed -n 's/.*KERNEL=="\([^"]*\)".*GROUP="\([^"]*\)".*MODE="\([^"]*\)".*/\1 \2 \3/p' \
		60-enc-mnist.rules
}

# groups TEE: writes /etc/group; TEE is who is in the group tee.
groups() {
	local id=900
	printf '%s\n' root:x:0: user:x:1000: supplicant:x:1001: >/etc/group
	sed -n 's/^g \([^ ]*\) .*/\1/p' enc-mnist.sysusers | while read -r group; do
		id=$((id + 1))
		case $group in
		tee) echo "$group:x:$id:$1" ;;
		teepriv) echo "$group:x:$id:supplicant" ;;
		esac
	done >>/etc/group
}

install_rules() {
	printf '%s\n' root:x:0:0::/root:/bin/sh user:x:1000:1000::/tmp:/bin/sh \
		supplicant:x:1001:1001::/:/bin/sh >/etc/passwd
	groups user
	device_nodes | while read -r glob group mode; do
		# shellcheck disable=SC2086 # a glob
		chown root:"$group" /dev/$glob
		# shellcheck disable=SC2086
		chmod "$mode" /dev/$glob
	done
}

# user ARG...: enc_mnist as that user; whatever it is told, it must end.
user() {
	timeout 60 start-stop-daemon -S -q -c user -x /usr/bin/enc_mnist -- "$@"
}
