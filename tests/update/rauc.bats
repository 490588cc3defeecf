# SPDX-License-Identifier: Apache-2.0
#
# examples/update/rauc on the workstation: RAUC itself makes, verifies and opens
# the bundle. The board has no D-Bus, without which RAUC installs nothing.

setup() {
	EXAMPLE=$(realpath "$BATS_TEST_DIRNAME/../../examples/update")
	cd "$BATS_TEST_TMPDIR"
	mkdir bin new
	printf '[req]\nprompt = no\ndistinguished_name = name\n[name]\nCN = vendor\n' >request
	openssl req -x509 -newkey rsa:2048 -nodes -config request -days 9999 \
		-keyout key.pem -out vendor.crt 2>openssl || cat openssl
	head -c 300000 /dev/urandom >new/model.sealed
	cp "$EXAMPLE/probe" new
	"$EXAMPLE/rauc/pack" new 2 board key.pem vendor.crt new.raucb
}

@test "a bundle names the device, and its handler hands over the update" {
	run rauc --keyring vendor.crt info new.raucb
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"Compatible:"*"'board'"*"Version:"*"'2'"* ]]
	rauc --keyring vendor.crt extract new.raucb mounted
	printf '#!/bin/sh\necho "$@" >said\nexit 3\n' >bin/enc_mnist-update
	chmod +x bin/enc_mnist-update
	PATH=$PWD/bin:$PATH run "$PWD/mounted/rauc-handler"
	[ "$status" -eq 3 ]
	[ "$(cat said)" = "apply $PWD/mounted" ]
	cmp new/model.sealed mounted/model.sealed
	cmp new/probe mounted/probe
}

@test "RAUC refuses a bundle that was changed" {
	perl -0777 -pi -e 'substr($_, length($_) / 2, 1) ^= "\1"' new.raucb
	run rauc --keyring vendor.crt extract new.raucb mounted
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"bundle payload is corrupted"* ]]
}
