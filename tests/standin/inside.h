/* SPDX-License-Identifier: Apache-2.0 */
/* What a session has in the memory of the TA, on the stand-in. */
#ifndef TEST_INSIDE_H
#define TEST_INSIDE_H

#include <stddef.h>
#include <tee_client_api.h>

struct inside {
	size_t models; /* bytes of the active one and the one being loaded */
	size_t work;   /* bytes that they need to be loaded and to answer */
	size_t dirt;   /* bytes besides the models that are not 0 */
};

struct inside inside_of(const TEEC_Session *session);

#endif
