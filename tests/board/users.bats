# SPDX-License-Identifier: Apache-2.0
#
# What users of a device are told, inside the board: each message says what to
# do, has the right exit status, and no command hangs. The tests follow one
# another; the device has a key, from the first boot.

load refused
load users

TA=ee09aa8a-fbb9-4734-ae8c-d7cd1a3f6744.ta
STORAGE=/var/lib/optee-client/data/tee
NOT_RUNNING="tee-supplicant is not running"

setup_file() {
	install_rules
}

stop_supplicant() {
	killall tee-supplicant
	while pidof tee-supplicant >/dev/null; do sleep 0.1; done
}

# bats would wait for every process that has its descriptors
start_supplicant() {
	tee-supplicant -d >/dev/null 2>&1 3>&- 4>&-
}

restart_supplicant() {
	stop_supplicant
	start_supplicant
}

# storage_of OPTION...: another file system, empty, which teardown removes.
storage_of() {
	mount -t tmpfs "$@" tmpfs $STORAGE
	restart_supplicant
}

teardown() {
	mount -o remount,rw /
	mount -o remount,hidepid=0 /proc
	groups user
	while grep -q "^tmpfs $STORAGE " /proc/mounts; do
		! pidof tee-supplicant >/dev/null || stop_supplicant
		umount $STORAGE
	done
	pidof tee-supplicant >/dev/null || start_supplicant
}

@test "the rules: /dev/tee0 is of the group tee, the supplicant's device is not" {
	run stat -c '%n %a %U:%G' /dev/tee0 /dev/teepriv0
	echo "$output"
	[ "$output" = "/dev/tee0 660 root:tee
/dev/teepriv0 660 root:teepriv" ]
	[ -d /sys/class/tee/tee0 ]
	[ -d /sys/class/tee/teepriv0 ]
	run user status
	[ "$status" -eq 0 ]
}

@test "a user of the group tee needs no root" {
	run user provision -i 1.envelope
	echo "$output"
	[ "$status" -eq 0 ]
	run user infer -m 1.sealed -b samples/4.bin
	[ "$output" = "1. samples/4.bin: 4" ]
	run user commit -m 1.sealed
	[ "$status" -eq 0 ]
}

@test "a user who is not in the group is told to join it" {
	groups ""
	for command in status "infer -m 1.sealed -b samples/4.bin"; do
		# shellcheck disable=SC2086 # words
		run user $command
		refused 1 "no permission to open /dev/tee0" "join the group" \
			"log in again" "udev rules"
	done
}

@test "without tee-supplicant, a user who cannot ask Linux is told so, soon" {
	stop_supplicant
	begun=$SECONDS
	run user status
	refused 3 "$NOT_RUNNING" "systemctl start tee-supplicant"
	echo "after $((SECONDS - begun)) seconds"
	[ $((SECONDS - begun)) -lt 40 ]
	run user infer -m 1.sealed -b samples/4.bin --wait 1 --json
	refused 3 "$NOT_RUNNING" "systemctl start tee-supplicant"
	[[ "${lines[0]}" == '{"error":{"kind":"try-again","status":3,'* ]]
	start_supplicant
	run user status
	[ "$status" -eq 0 ]
}

@test "a supplicant that is just starting is waited for" {
	stop_supplicant
	(sleep 2 && start_supplicant) 3>&- 4>&- &
	run user status
	echo "$output"
	[ "$status" -eq 0 ]
	wait
}

@test "where /proc hides the supplicant, it is not said to be missing" {
	mount -o remount,hidepid=2 /proc
	run user status
	[ "$status" -eq 0 ]
	stop_supplicant
	run user status --wait 1
	refused 3 "has not answered for 1 second; tee-supplicant is stopped"
}

# As OP-TEE's own unit has it.
@test "a supplicant who is not root: what it may not read or write is said" {
	stop_supplicant
	chown -R supplicant $STORAGE
	start() {
		start-stop-daemon -S -q -c supplicant -x /usr/sbin/tee-supplicant \
			-- -d >/dev/null 2>&1 3>&- 4>&-
	}
	start
	run user status
	[ "$status" -eq 0 ]
	chmod 0 "/usr/lib/optee_armtz/$TA"
	run user status
	chmod 444 "/usr/lib/optee_armtz/$TA"
	refused 1 "does not find /lib/optee_armtz/$TA: let it read that file"
	mv $STORAGE/dirf.db dirf.db
	chmod 0 dirf.db
	mv dirf.db $STORAGE
	chown root $STORAGE
	run user status
	chmod 600 $STORAGE/dirf.db
	refused 6 "tee-supplicant may write to its storage"
}

@test "read-only storage: what reads goes on, what stores says why it cannot" {
	cp -a $STORAGE copy
	storage_of
	cp -a copy/. $STORAGE
	mount -o remount,ro $STORAGE
	run user infer -m 2.sealed -b samples/4.bin
	[ "$output" = "1. samples/4.bin: 4" ]
	run user device-key
	[ "$output" = "$(cat device.pub)" ]
	run user commit -m 2.sealed
	refused 6 "cannot commit the model: the TA has died" "read-only"
	run user provision -i 2.envelope
	refused 6 "2.envelope: cannot take the envelope: the TA has died" \
		"read-only"
	mount -o remount,rw $STORAGE
	user provision -i 2.envelope
	user commit -m 2.sealed
	run user infer -m 1.sealed -b samples/4.bin
	refused 4 "its security version is too low"
}

# The TA is not even started: OP-TEE asks its storage for the TA's version.
@test "read-only storage of a new device: each command says why" {
	storage_of -o ro
	for command in status device-key "infer -m 1.sealed -b samples/4.bin" \
		"provision -i 1.envelope" "commit -m 1.sealed"; do
		# shellcheck disable=SC2086 # words
		run user $command
		refused 6 "cannot open a session with the TA: generic error" \
			"cannot write to trusted storage" "read-only"
	done
}

@test "storage without room: what to do" {
	storage_of -o size=4k
	run user status
	refused 6 "trusted storage is full" "has room"
}

@test "a read-only root is no matter, where storage is not on it" {
	mount -o remount,ro /
	run touch /root/file
	[ "$status" -ne 0 ]
	restart_supplicant
	user device-key | diff device.pub -
	user commit -m 1.sealed
}

@test "a read-only root with storage on it: what to do" {
	stop_supplicant
	mount -t tmpfs -o ro tmpfs /var/lib
	start_supplicant
	run user status
	umount /var/lib
	refused 6 "trusted storage not available" "read-only"
}

@test "storage that was wiped: the device is a new one, and says so" {
	storage_of
	run user status
	echo "$output"
	[[ "$output" == *"device:"*"no key yet: \`enc_mnist device-key\`"* ]]
	for command in "infer -m 1.sealed -b samples/4.bin" "commit -m 1.sealed"; do
		# shellcheck disable=SC2086 # words
		run user $command
		refused 5 "does not have its key" "enc_mnist provision"
	done
	run user provision -i 2.envelope
	refused 5 "no envelope for this device" "must wrap the key" \
		"enc_mnist device-key"
	user device-key >first
	run diff first device.pub
	[ "$status" -eq 1 ]
	# while the supplicant runs
	rm $STORAGE/*
	run user status
	[[ "$output" == *"no key yet"* ]]
	user device-key >second
	run diff first second
	[ "$status" -eq 1 ]
}

@test "a folder of storage that was removed: what to do" {
	stop_supplicant
	mount -t tmpfs tmpfs /var/lib
	start_supplicant
	run user device-key
	rm -r /var/lib/*
	run user status
	said=$output failed=$status
	restart_supplicant
	run user device-key
	again=$status
	stop_supplicant
	umount /var/lib
	output=$said status=$failed
	refused 1 "item not found" "storage was removed" "restart it"
	[ "$again" -eq 0 ]
}

@test "where /lib is a folder of its own, the TA belongs there" {
	loader=ld-linux-aarch64.so.1
	busybox rm /lib
	busybox mkdir /lib
	busybox ln -s /usr/lib/$loader /usr/lib/aarch64-linux-gnu \
		/usr/lib/bats-core /lib
	run user status
	mkdir /lib/optee_armtz
	cp "/usr/lib/optee_armtz/$TA" /lib/optee_armtz
	user status >there 2>&1 || true
	busybox rm -r /lib
	busybox ln -s usr/lib /lib
	refused 1 "does not find /usr/lib/optee_armtz/$TA" \
		"copy it to where it looks, /lib/optee_armtz" "--ta-path"
	cat there
	grep -q "^device:" there
}
