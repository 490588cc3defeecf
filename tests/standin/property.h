/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PROPERTY_H
#define PROPERTY_H

void si_property_reset(void);

#endif
