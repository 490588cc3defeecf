/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROPERTY_H
#define PROPERTY_H

#include <tee_internal_api.h>

void si_property_reset(void);

/* Who opens sessions from now on. */
TEE_Identity si_client(void);

#endif
