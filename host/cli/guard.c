/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL keeps private keys of Ed25519 in its secure heap, and so do we with
 * model keys and passphrases: pages that are locked in memory and left out of
 * core dumps. What OpenSSL derives from a key for a moment is elsewhere; it has
 * no core dump to be in, either.
 */
#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "cli.h"

#define HEAP_BYTES  32768 /* below any limit of locked memory */
#define PIECE_BYTES 16

void cli_guard(void)
{
	const struct rlimit none = { 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	if (CRYPTO_secure_malloc_init(HEAP_BYTES, PIECE_BYTES) != 1)
		cli_warn("memory with keys cannot be locked, and may be "
			 "written to swap space; allow %d KiB of locked memory "
			 "(ulimit -l)",
			 HEAP_BYTES / 1024);
}
