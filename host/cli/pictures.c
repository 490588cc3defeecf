/* SPDX-License-Identifier: Apache-2.0 */
#include "pictures.h"

#include "terms.h"

bool cli_pictures_begin(struct cli_pictures *p, const struct cli_model *model,
			struct enc_error *e)
{
	const struct box_port *in = &model->net.input[0];
	char shape[CLI_SHAPE_TEXT] = "";

	cli_shape(in->dims, in->rank, shape);
	if (model->net.inputs != 1 || in->type != BOX_UINT8) {
		enc_fail(e, ENC_ERR_UNSUPPORTED,
			 "%s: the network reads %s %s%s, not pixels",
			 model->label, shape, cli_type(in->type),
			 model->net.inputs == 1 ? "" : " and more");
		return enc_hint(e, "say with `enc_mnist import --image' how "
				   "pixels become that, or give arrays "
				   "(.npy)");
	}
	p->bytes = (size_t)model->net.sample_bytes;
	if (in->rank == 3 && (in->dims[2] == 1 || in->dims[2] == 3))
		p->size = (struct enc_image_size){ in->dims[1], in->dims[0],
						   in->dims[2] };
	return true;
}

bool cli_pictures_are_digits(const struct cli_pictures *p)
{
	return p->size.width == ENC_IMAGE_SIDE &&
	       p->size.height == ENC_IMAGE_SIDE && p->size.channels == 1;
}

bool cli_picture_read(struct cli_pictures *p, const char *path, uint8_t *to,
		      struct enc_error *e)
{
	struct enc_image_found found = { 0 };

	if (!p->size.width)
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"the network reads no picture, grey or RGB; "
				"give its bytes with --binary");
	if (!cli_pictures_are_digits(p))
		return enc_image_scale(path, p->options.invert, &p->size, to,
				       e);
	if (!enc_image_load(path, &p->options, to, &found, e))
		return false;
	cli_notice(&p->said, path, &p->options, &found);
	return true;
}
