/* SPDX-License-Identifier: Apache-2.0 */
/* Shared between a test and the faults.so that it has preloaded. */
#ifndef TEST_FAULTS_H
#define TEST_FAULTS_H

#include <stdatomic.h>
#include <stdbool.h>

/* A file that both map into their memory. */
#define FAULTS_FILE "/dev/shm/faults"

#define FAULTS_CALLS_MAX 1024

enum fault {
	FAULT_KILL,   /* SIGKILL to the process itself */
	FAULT_STOP,   /* SIGSTOP; it continues after SIGCONT */
	FAULT_EIO,    /* the call fails */
	FAULT_ENOSPC, /* the call fails */
	FAULT_COUNT
};

struct faults {
	atomic_uint calls; /* of the file system, so far */
	atomic_uint at;	   /* the one to fail, from 1; 0: none */
	atomic_uint fault; /* and the way it fails */
	/*
	 * Calls that read the index while an object gets its name or right
	 * after one was removed: those that OP-TEE may not survive.
	 */
	atomic_bool deadly[FAULTS_CALLS_MAX];
};

#endif
