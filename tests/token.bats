# SPDX-License-Identifier: Apache-2.0
#
# The owner's key in a token, which is SoftHSM. native/test_token.c brings what
# it signed into the TA.

load lib/refused

MODULE=module-path=/usr/lib/softhsm/libsofthsm2.so
URI="pkcs11:token=owner;object=sign?$MODULE"
TOP=$BATS_TEST_DIRNAME/..

# soft COMMAND...: pkcs11-tool on the token "owner".
soft() {
	pkcs11-tool --module /usr/lib/softhsm/libsofthsm2.so \
		--token-label owner --login --pin 1234 "$@" >>soft.log 2>&1
}

# token LABEL: a token without keys.
token() {
	softhsm2-util --init-token --free --label "$1" --so-pin 12345678 \
		--pin 1234 >>soft.log
}

setup_file() {
	cd "$BATS_FILE_TMPDIR"
	export SOFTHSM2_CONF=$PWD/conf
	mkdir tokens
	echo "directories.tokendir = $PWD/tokens" >conf
	token owner
	soft --keypairgen --key-type EC:edwards25519 --label sign --id 01
}

setup() {
	PATH=$TOP/out/native:$PATH
	cp -R "$BATS_FILE_TMPDIR/tokens" "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	export SOFTHSM2_CONF=$PWD/conf
	echo "directories.tokendir = $PWD/tokens" >conf
	echo 1234 >pin
}

# public URI: writes the public key to owner.pub, with the PIN in the file.
public() {
	enc_mnist owner-key --owner "$1" --public owner.pub --passphrase-file pin
}

# odd HOW [OPTION...]: the same with a module that is odd in this way.
odd() {
	ODD_TOKEN=$1 enc_mnist owner-key --public "$1.pub" --owner \
		"pkcs11:token=owner?module-path=$TOP/out/native/tools/odd_token.so" \
		"${@:2}"
}

@test "owner-key: the public key, as the token has it" {
	public "$URI" >said
	pkcs11-tool --module /usr/lib/softhsm/libsofthsm2.so --token-label owner \
		--list-objects --type pubkey 2>/dev/null |
		sed -nE 's/^ *EC_POINT: *(0420)?([0-9a-f]{64})$/\2/p' |
		perl -ne 'print pack "H64", $_' >raw
	openssl pkey -pubin -in owner.pub -outform DER | tail -c 32 | cmp - raw
	grep -qx "owner: *$(openssl dgst -sha256 -r raw |
		cut -c -64 | sed 's/..../& /g; s/ $//')" said
	run public "$URI"
	refused 1 "owner.pub: already exists"
}

@test "seal and wrap with it, and inspect" {
	public "$URI"
	enc_mnist model-key --output key
	openssl genpkey -algorithm X25519 | openssl pkey -pubout >device.pub
	enc_mnist seal --input "$TOP/models/mnist.bin" --output model.sealed \
		--key-file key --owner "$URI" --passphrase-file pin \
		--model-id mnist --model-version 1
	enc_mnist wrap --key-file key --owner "$URI" --passphrase-file pin \
		--device device.pub --epoch 1 --output envelope
	for file in model.sealed envelope; do
		run enc_mnist inspect $file --owner owner.pub
		echo "$output"
		[ "$status" -eq 0 ]
		[[ "$output" =~ signature:\ *valid ]]
	done
}

@test "the PIN: in the URI, in a file that it names, on the terminal" {
	enc_mnist owner-key -w "$URI&pin-value=1234" -p a.pub
	enc_mnist owner-key -w "$URI&pin-value=%31%32%33%34" -p b.pub
	enc_mnist owner-key -w "$URI&pin-source=file:$PWD/pin" -p c.pub
	run "$TOP/tests/lib/on_terminal" 1234 enc_mnist owner-key -w "$URI" -p d.pub
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *'PIN of token "owner": '*"owner: "* ]]
	[[ "$output" != *1234* ]]
	for name in b c d; do cmp a.pub $name.pub; done
	run "$TOP/tests/lib/on_terminal" 12 enc_mnist owner-key -w "$URI" -p e.pub
	[ "$status" -eq 1 ]
	[[ "$output" == *"the PIN is wrong"* ]]
	run setsid enc_mnist owner-key -w "$URI" -p e.pub </dev/null
	refused 1 'token "owner": there is no terminal to ask for its PIN' \
		"--passphrase-file"
	printf '12\n34\n' >bad
	run enc_mnist owner-key -w "$URI&pin-source=file:bad" -p e.pub
	refused 1 "bad: not a PIN: one line of 1 to 1023 bytes"
	run enc_mnist owner-key -w "$URI&pin-source=%7Ccat%20pin" -p e.pub
	refused 1 "pin-source: file:/..., and nothing else"
	run enc_mnist owner-key -w "$URI&pin-source=file:pin&pin-value=1" -p e.pub
	refused 1 "two PINs"
	run enc_mnist owner-key -w "$URI&pin-value=$(printf %01024d 1)" -p e.pub
	refused 1 "pin-value: at most 1023 bytes"
	[ ! -e e.pub ]
}

# It waits in a read of the model, with the token open.
@test "a PIN on the command line does not stay in the list of processes" {
	mkfifo model hold
	enc_mnist model-key --output key
	enc_mnist seal -i /dev/stdin -o x -K key -m m -n 1 \
		-w "$URI&pin-value=1234" <model &
	pid=$!
	exec 9>model
	for _ in $(seq 600); do
		! tr '\0' '\n' <"/proc/$pid/cmdline" | grep -q pin-value=xxxx ||
			break
		sleep 0.1
	done
	tr '\0' '\n' <"/proc/$pid/cmdline" >args
	exec 9>&-
	run wait $pid
	cat args
	grep -q "^$URI&pin-value=xxxx$" args
}

@test "a wrong PIN is tried once" {
	run enc_mnist owner-key -w "$URI&pin-value=4321" -p x.pub
	refused 1 'token "owner": the PIN is wrong' "up to the token"
	echo 4321 >pin
	run odd locked -P pin
	refused 1 'token "owner": its PIN is locked' "security officer"
	[ "$(cat logins)" = "1 4321" ]
	[ ! -e x.pub ]
}

@test "no such module, token, key" {
	run enc_mnist owner-key -w "pkcs11:token=owner?module-path=/none.so" -p x.pub
	refused 1 "/none.so: not a PKCS#11 module" "module-path"
	run enc_mnist owner-key -w "pkcs11:token=owner?module-path=$PWD/pin" -p x.pub
	refused 1 "pin: not a PKCS#11 module"
	run public "pkcs11:token=other?$MODULE"
	refused 1 "pkcs11:token=other: no such token" "plugged in"
	run public "pkcs11:token=owner;object=other?$MODULE"
	refused 1 'token "owner": no such private key' "--list-objects"
	run public "pkcs11:token=owner;id=%02?$MODULE"
	refused 1 'token "owner": no such private key'
	[ ! -e owner.pub ]
	public "pkcs11:token=owner;object=sign;id=%01;type=private?$MODULE"
}

@test "a module that is registered needs no path, an only token no name" {
	public "pkcs11:token=owner"
	mv owner.pub named.pub
	public "pkcs11:?$MODULE"
	cmp owner.pub named.pub
}

@test "what is no URI of a private key" {
	for uri in "token=owner;color=red" "token=%zz" "token=owner;type=public" \
		"token=owner;type=cert" "token"; do
		run public "pkcs11:$uri?$MODULE&pin-value=1234"
		refused 1 "pkcs11:$uri: " "RFC 7512"
		[[ "$output" != *1234* ]]
	done
	# a PIN is not shown where it does not belong, either
	run public "pkcs11:token=another;pin-value=1234?$MODULE"
	refused 1 "pkcs11:token=another;: no such token"
	[[ "$output" != *1234* ]]
}

@test "one token and one key are meant, or it is not done" {
	token second
	run public "pkcs11:object=sign?$MODULE"
	refused 1 "pkcs11:object=sign: more than one token matches" "serial="
	run public "pkcs11:?$MODULE"
	refused 1 "more than one token matches"
	soft --keypairgen --key-type EC:edwards25519 --label sign --id 02
	run public "$URI"
	refused 1 'token "owner": more than one private key matches' "id="
	run public "pkcs11:token=owner?$MODULE"
	refused 1 "more than one private key matches"
	public "pkcs11:token=owner;object=sign;id=%02?$MODULE" >said
	mv owner.pub second.pub
	public "pkcs11:token=owner;object=sign;id=%01?$MODULE"
	run cmp owner.pub second.pub
	[ "$status" -eq 1 ]
}

@test "a slot may be named, and a serial number" {
	token owner
	run public "$URI"
	refused 1 "more than one token matches"
	softhsm2-util --show-slots >slots
	serials=$(sed -n 's/^ *Serial number: *\([0-9a-f]\{16\}\)$/\1/p' slots)
	[ "$(wc -w <<<"$serials")" -eq 2 ]
	for serial in $serials; do
		public "pkcs11:serial=$serial;object=sign?$MODULE" || continue
		slot=$(grep -B20 "$serial" slots | sed -n 's/^Slot //p' | tail -n 1)
		enc_mnist owner-key -w "pkcs11:slot-id=$slot?$MODULE" -P pin -p slot.pub
		cmp owner.pub slot.pub
	done
	[ -e slot.pub ]
}

@test "a key that is not Ed25519" {
	soft --keypairgen --key-type rsa:2048 --label rsa --id 03
	soft --keypairgen --key-type EC:prime256v1 --label p256 --id 04
	for name in rsa p256; do
		run public "pkcs11:token=owner;object=$name?$MODULE"
		refused 1 'token "owner": the key is not one of Ed25519'
	done
	# and does not make the other one ambiguous
	public "pkcs11:token=owner?$MODULE"
	for how in long-point odd-point; do
		run odd $how -P pin
		refused 1 "the key is not one of Ed25519"
	done
}

@test "forms of public keys that tokens have" {
	public "$URI"
	for how in none raw-point bit-string; do
		odd $how -P pin
		cmp owner.pub $how.pub
	done
}

@test "no public key in the token, or two" {
	soft --delete-object --type pubkey --id 01
	run public "$URI"
	refused 1 'token "owner": the public key of the private one is missing' "id"
	# another's key with this one's id: nothing is written that it signed
	soft --keypairgen --key-type EC:edwards25519 --label a --id 02
	soft --delete-object --type privkey --id 02
	soft --type pubkey --id 02 --set-id 01
	run public "$URI"
	refused 1 "the signature is not of the public key in the token" "another key's"
	enc_mnist model-key --output key
	run enc_mnist seal -i "$TOP/models/mnist.bin" -o x -K key -m m -n 1 \
		-w "$URI" -P pin
	refused 1 "the signature is not of the public key in the token"
	openssl genpkey -algorithm X25519 | openssl pkey -pubout >device.pub
	run enc_mnist wrap -K key -w "$URI" -P pin -d device.pub -e 1 -o x
	refused 1 "the signature is not of the public key in the token"
	[ ! -e x ]
	[ ! -e owner.pub ]
	soft --keypairgen --key-type EC:edwards25519 --label b --id 03
	soft --delete-object --type privkey --id 03
	soft --type pubkey --id 03 --set-id 01
	run public "$URI"
	refused 1 "more than one public key has the id of the private one"
}

@test "a token that asks for the PIN before each signature" {
	soft --keypairgen --key-type EC:edwards25519 --label always --id 05 \
		--always-auth
	for name in a b c; do
		openssl genpkey -algorithm X25519 | openssl pkey -pubout
	done >devices.pub
	enc_mnist model-key --output key
	enc_mnist wrap -K key -d devices.pub --devices 3 -e 1 -o x -P pin -w \
		"pkcs11:token=owner;object=always?module-path=$TOP/out/native/tools/odd_token.so"
	[ "$(cat logins)" = "1 1234
2 1234
2 1234
2 1234" ]
}

@test "a token that reads the PIN by itself, or wants none" {
	public "$URI"
	odd pin-pad
	[ "$(cat logins)" = "1 none" ]
	odd no-login
	[ "$(wc -l <logins)" -eq 1 ]
	cmp owner.pub pin-pad.pub
	cmp owner.pub no-login.pub
}

@test "a token that goes away, or signs wrongly, leaves nothing" {
	run odd removed -P pin
	refused 1 'token "owner": cannot sign with Ed25519: ' removed
	for how in faulty short; do
		run odd $how -P pin
		refused 1 "the signature is not of the public key" "faulty"
	done
	[ "$(find . -name '*.pub' -o -name '.enc_mnist*' | wc -l)" -eq 0 ]
}
