# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Finds panics in the logs of the two worlds. To be sourced; the functions use
# nothing but their arguments.
#
# OP-TEE writes these when a TA panics, when a TA accesses memory that is not
# its own, and when OP-TEE itself panics:
#
#   E/TC:? 0 TA panicked with code 0xbeef
#   E/LD:  Status of TA 5b9e0e40-2636-11e1-ad9e-0002a5d5c51b
#   ...
#   E/TC:? 0 User mode data-abort at address 0x0 (translation fault)
#   ...
#   E/LD:  Status of TA 5b9e0e40-2636-11e1-ad9e-0002a5d5c51b
#   ...
#   E/TC:0 0 Panic 'unhandled pageable abort' at core/arch/arm/kernel/abort.c

# The other core may have written a character before the line.
PANIC_TC='^.?.?E/TC:[0-9?]* +[0-9]* *'
PANIC_CORE="$PANIC_TC(Panic |Core [a-z]+-abort at )"
PANIC_TA="$PANIC_TC(TA panicked with |User mode [a-z]+-abort at |ldelf .*panicked)"
PANIC_KERNEL='Kernel panic|Internal error:|Unable to handle kernel| BUG:| kernel BUG at|Oops'
# Signs of a machine that is too busy; the board itself is fine.
PANIC_LOCKUP='hard LOCKUP|soft lockup'

# panics_optee LOG UUID...: prints the panics in LOG, of the secure world: those
# of OP-TEE, and of TAs other than UUID.
panics_optee() {
	secure=$1
	shift
	tr -d '\r' <"$secure" | LC_ALL=C awk -v core="$PANIC_CORE" \
		-v ta="$PANIC_TA" -v asked="$*" '
		# A report consists of error lines. The UUID of its TA comes
		# last, and the other core may write in between.
		BEGIN {
			n = split(asked, uuids, " ")
			for (i = 1; i <= n; i++)
				fine[uuids[i]] = 1
			reports = 0
			named = 1
		}
		$0 ~ core || $0 ~ ta {
			reports++
			lines = 1
			is_core[reports] = $0 ~ core
		}
		/^.?.?E\/LD: +Status of TA / {
			while (named <= reports && is_core[named])
				named++
			if (named <= reports)
				uuid[named++] = $NF
		}
		/^.?.?E\// && lines && lines++ <= 40 {
			report[reports] = report[reports] $0 "\n"
		}
		END {
			for (i = 1; i <= reports; i++)
				if (!(uuid[i] in fine))
					printf "%s", report[i]
		}'
}

# panics_kernel LOG: prints the panics in LOG, of the normal world.
panics_kernel() {
	LC_ALL=C awk -v panic="$PANIC_KERNEL" -v lockup="$PANIC_LOCKUP" '
		$0 ~ panic && $0 !~ lockup && !lines {
			lines = 1
		}
		lines && lines++ <= 40' "$1" | tr -d '\r'
}

# panics_lockup LOG: prints the first sign of a machine that is too busy.
panics_lockup() {
	grep -a -m 1 -E "$PANIC_LOCKUP" "$1"
}

# panics_of_ta LOG UUID: true when LOG, of the secure world, has a panic of
# UUID.
panics_of_ta() {
	grep -q -a "Status of TA $2" "$1"
}
