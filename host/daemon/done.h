/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_DONE_H
#define DAEMON_DONE_H

#include "model.h"

void daemon_done_put(struct daemon_done *done, struct daemon_request *request);

#endif
