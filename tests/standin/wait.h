/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAIT_H
#define WAIT_H

void si_wait_reset(void);

#endif
