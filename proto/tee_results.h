/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results of the TEE Internal Core API that the TA can answer and that not
 * every libteec's <tee_client_api.h> names.
 */
#ifndef ENC_TEE_RESULTS_H
#define ENC_TEE_RESULTS_H

#define ENC_TEE_CORRUPT_OBJECT	      0xF0100001
#define ENC_TEE_STORAGE_NOT_AVAILABLE 0xF0100003
#define ENC_TEE_UNSUPPORTED_VERSION   0xF0100005
#define ENC_TEE_OVERFLOW	      0xFFFF300F
#define ENC_TEE_STORAGE_NO_SPACE      0xFFFF3041
#define ENC_TEE_MAC_INVALID	      0xFFFF3071
#define ENC_TEE_SIGNATURE_INVALID     0xFFFF3072

#endif
