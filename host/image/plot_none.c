/* SPDX-License-Identifier: Apache-2.0 */
/* For builds without feature plot. */
#include "plot.h"

bool enc_plot_check(const char *path, struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_UNSUPPORTED,
			"%s: this build of enc_mnist draws no pictures", path);
}

bool enc_plot_confusion(
	const char *path,
	const uint32_t counts[ENC_PLOT_CLASSES][ENC_PLOT_CLASSES],
	struct enc_error *e)
{
	(void)counts;
	return enc_plot_check(path, e);
}
