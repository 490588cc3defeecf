/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KITS_TEE_INTERNAL_API_EXTENSIONS_H
#define KITS_TEE_INTERNAL_API_EXTENSIONS_H

#include <tee_api_defines_extensions.h>

#define TEE_USER_MEM_HINT_NO_FILL_ZERO 0x80000000

#endif
