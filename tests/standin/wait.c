/* SPDX-License-Identifier: Apache-2.0 */
/* How a TA waits. */
#include "wait.h"

#include <stdatomic.h>
#include <time.h>

#include "instance.h"
#include "standin.h"

static atomic_ulong waited;
static void (*wait_hook)(uint32_t milliseconds);

size_t standin_waited(void)
{
	return waited;
}

void standin_on_wait(void (*hook)(uint32_t milliseconds))
{
	wait_hook = hook;
}

void si_wait_reset(void)
{
	waited = 0;
	wait_hook = NULL;
}

TEE_Result TEE_Wait(uint32_t timeout)
{
	const struct timespec time = { .tv_sec = timeout / 1000,
				       .tv_nsec = (long)(timeout % 1000) *
						  1000000 };
	TEE_Result res = FAULT(TEE_ERROR_CANCEL, TEE_SUCCESS);

	if (res != TEE_SUCCESS)
		return res;
	waited += timeout;
	if (wait_hook)
		wait_hook(timeout);
	else
		nanosleep(&time, NULL);
	return TEE_SUCCESS;
}
