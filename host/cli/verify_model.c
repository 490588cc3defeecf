/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "host/record/check.h"

int cli_verify_model_run(const void *data)
{
	const struct cli_verify_model *args = data;
	struct enc_record_file record = { 0 };
	struct enc_error e = { 0 };

	if (!enc_record_read(&nn_mnist, args->input, &record, &e))
		return cli_fail(&e);
	cli_line("%s: the TA accepts this Burn record (%zu bytes, %zu "
		 "parameters)",
		 args->input, record.len, nn_param_count(&nn_mnist));
	enc_record_file_free(&record);
	return 0;
}
