/* SPDX-License-Identifier: Apache-2.0 */
/* Shared between a test and the faults.so that it has preloaded. */
#ifndef TEST_FAULTS_H
#define TEST_FAULTS_H

#include <stdatomic.h>

/* A file that both map into their memory. */
#define FAULTS_FILE "/dev/shm/faults"

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
};

#endif
