/* SPDX-License-Identifier: Apache-2.0 */
/* Where a writer's bytes go. */
#ifndef RECORD_WRITE_SINK_H
#define RECORD_WRITE_SINK_H

#include <stdbool.h>
#include <stddef.h>

/* Takes the next bytes of the record; false stops the writer. */
typedef bool (*record_sink)(void *ctx, const void *data, size_t len);

#endif
