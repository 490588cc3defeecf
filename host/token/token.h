/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner's private key in a token: a smart card or a hardware security
 * module (HSM), called through its PKCS#11 module in this process. The key
 * never leaves the token, which signs with CKM_EDDSA.
 *
 * A URI (RFC 7512) names it. Its module-path is the module; without one, the
 * modules that are registered with p11-kit are searched. Exactly one token and
 * one key have to match.
 */
#ifndef HOST_TOKEN_TOKEN_H
#define HOST_TOKEN_TOKEN_H

#include "host/base/error.h"
#include "host/owner/passphrase.h"
#include "host/owner/signer.h"

/* Whether it is such a URI, and not the name of a file. */
bool enc_is_token(const char *owner);

/*
 * Logs in, with the PIN of the URI's pin-value or pin-source, or that which
 * `pin` gives, at most once. Each signature is verified with the public key
 * that the token has. Close *signer after success; after a failure that is
 * harmless.
 */
bool enc_token_open(const char *uri, const struct enc_passphrase *pin,
		    struct enc_signer *signer, struct enc_error *e);

#endif
