/* SPDX-License-Identifier: Apache-2.0 */
/* Read by the TA development kit. */
#include "ta/user_ta_header_defines.h"
