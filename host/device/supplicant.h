/* SPDX-License-Identifier: Apache-2.0 */
/* tee-supplicant, the daemon that reads TAs and trusted storage for OP-TEE. */
#ifndef HOST_DEVICE_SUPPLICANT_H
#define HOST_DEVICE_SUPPLICANT_H

enum enc_tee_supplicant {
	ENC_TEE_SUPPLICANT_RUNS, /* or this process cannot tell */
	ENC_TEE_SUPPLICANT_MISSING,
	/* No process has its name, but the driver may know better. */
	ENC_TEE_SUPPLICANT_UNSEEN
};

/* If it is missing, every call that waits for it fails, of any process. */
enum enc_tee_supplicant enc_tee_supplicant(void);

#endif
