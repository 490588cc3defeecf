/* SPDX-License-Identifier: Apache-2.0 */
/* For builds without feature original. */
#include "load_json.h"

bool enc_load_json(struct enc_tee *tee, FILE *f, const char *label,
		   struct enc_error *e)
{
	(void)tee;
	(void)f;
	enc_fail(e, ENC_ERR_UNSUPPORTED,
		 "%s: not a sealed model, and this build takes no other",
		 label);
	return enc_hint(e, "`enc_mnist seal` makes one");
}
