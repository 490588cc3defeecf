/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "host/compat/device/source.h"
#include "host/device/load.h"

const struct enc_source *const cli_sources[] = {
	&enc_source_sealed,
#ifdef ENC_MNIST_COMPAT
	&enc_source_json,
#endif
	NULL,
};
