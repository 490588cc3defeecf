#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# board.sh new|ready: on the board of board.suite. A new device shows its key; a
# ready one gets a model. Speaks TAP.
# shellcheck disable=SC2317 # try calls them
set -u

TA=/usr/lib/optee_armtz/ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744.ta
n=0
failed=0

# try NAME COMMAND...: one test, which shows what it saw if it fails.
try() {
	name=$1
	n=$((n + 1))
	shift
	if "$@" >said 2>&1; then
		echo "ok $n $name"
	else
		echo "not ok $n $name"
		failed=1
		sed 's/^/# /' said
	fi
}

# as USER PROGRAM ARG...
as() {
	timeout 120 start-stop-daemon --start --quiet --chuid "$1" --exec "$2" \
		-- "${@:3}"
}

# enc_mnist as a user who is not root, of the group tee.
user() {
	as user /usr/bin/enc_mnist "$@"
}

installs() {
	dpkg -i debs/*.deb &&
		[ "$(dpkg -l | grep -c '^ii.*encmnist\|^ii.*enc-mnist')" = 3 ]
}

# What udev does by the package's rules.
gives_the_tee_to_a_group() {
	sed -n 's/.*KERNEL=="\([^"]*\)".*GROUP="\([^"]*\)".*MODE="\([^"]*\)".*/\1 \2 \3/p' \
		/usr/lib/udev/rules.d/60-enc-mnist.rules >rules
	while read -r glob group mode; do
		# shellcheck disable=SC2086 # a glob
		chown "root:$group" /dev/$glob && chmod "$mode" /dev/$glob ||
			return
	done <rules
	printf '%s\n' 'u user 1000' 'm user tee' 'm user enc-mnist' |
		systemd-sysusers -
	id enc-mnist && id user && ls -l /dev/tee* &&
		id -nG user | grep -qw tee && id -nG enc-mnist | grep -qw tee &&
		[ "$(stat -c '%a %U %G' /dev/tee0)" = '660 root tee' ] &&
		[ "$(stat -c '%a %U %G' /dev/teepriv0)" = '660 root teepriv' ]
}

shows_its_key() {
	user device-key >device.pub && grep -q 'PUBLIC KEY' device.pub
}

keeps_others_out() {
	! as nobody /usr/bin/enc_mnist status && grep -q 'group' said
}

is_a_product() {
	user status && grep -q '^owner: ' said && ! grep -qi 'development' said
}

says_seven() {
	user infer --model lenet.sealed --image 7.png &&
		grep -qx '1. 7.png: 7' said
}

# As its own user, which the package has made.
serves() {
	cp lenet.sealed /var/lib/enc_mnist/model.sealed
	mkdir /run/service && chown enc-mnist: /run/service
	as enc-mnist /usr/bin/enc-mnistd --socket=/run/service/socket \
		--model=model=/var/lib/enc_mnist/model.sealed &
	for _ in $(seq 100); do
		[ ! -S /run/service/socket ] || break
		sleep 0.2
	done
	chmod 660 /run/service/socket
	as user "$PWD/ask" /run/service/socket model 3 && ps &&
		kill "$(pidof enc-mnistd)"
}

lists_its_files() {
	dpkg -L enc-mnist-ta && grep -qx "$TA" said
}

removes() {
	dpkg -r enc-mnist-device libencmnist0 enc-mnist-ta &&
		[ ! -e /usr/bin/enc_mnist ] && [ ! -e "$TA" ]
}

printf '%s\n' root:x:0:0::/root:/bin/sh nobody:x:65534:65534::/:/bin/sh \
	>/etc/passwd
printf '%s\n' root:x:0: nogroup:x:65534: >/etc/group
chmod 777 .

try "dpkg installs program, library and TA ($1 device)" installs
try "a group gets the TEE, and a user joins it ($1 device)" \
	gives_the_tee_to_a_group
if [ "$1" = new ]; then
	try "a user gets the device's public key" shows_its_key
	exit $failed
fi
try "others stay out of the TEE, and learn why" keeps_others_out
try "dpkg knows whose the TA is" lists_its_files
try "the TA is a product's" is_a_product
try "a user provisions the device" user provision --input key.envelope
try "a user runs a sealed model" says_seven
try "the service answers a user" serves
try "dpkg removes all of it" removes
exit $failed
