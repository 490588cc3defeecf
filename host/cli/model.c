/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include "host/base/file.h"

bool cli_model_open(struct cli_model *model, const struct cli_place *place,
		    const char *path, struct enc_error *e)
{
	*model = (struct cli_model){ .place = place,
				     .label = enc_file_label(path) };
	return place->open(model, path, e);
}

void cli_model_close(struct cli_model *model)
{
	if (model->place)
		model->place->close(model);
	enc_labels_free(&model->names);
}
