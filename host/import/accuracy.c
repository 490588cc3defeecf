/* SPDX-License-Identifier: Apache-2.0 */
#include "accuracy.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "nn/op.h"

#define NO_LABEL UINT32_MAX /* of scores that are not finite */

static bool find_output(const struct lowered *net, uint32_t *output,
			size_t *classes, struct enc_error *e)
{
	const struct nn_tensor *t = NULL;
	uint32_t count = 0;

	for (uint32_t i = 0; i < (uint32_t)net->head.inputs + net->head.nodes;
	     i++) {
		if (!net->tensors[i].is_output)
			continue;
		count++;
		*output = i;
	}
	t = &net->tensors[*output];
	*classes = nn_elements(t);
	return (count == 1 && t->type == NN_F32 && *classes > 1 &&
		t->dims[t->rank - 1] == *classes) ||
	       enc_fail(e, ENC_ERR_UNSUPPORTED,
			"it has no labels: its output is not one score for "
			"each class");
}

bool accuracy_open(struct accuracy *a, const struct lowered *before,
		   const struct lowered *after, struct enc_error *e)
{
	*a = (struct accuracy){ .classes = 0 };
	return find_output(before, &a->output[0], &a->classes, e) &&
	       find_output(after, &a->output[1], &a->classes, e) &&
	       run_open(&a->run[0], &before->net, before->params, e) &&
	       run_open(&a->run[1], &after->net, after->params, e);
}

static void copy_inputs(const struct run *from, const struct run *to)
{
	for (uint32_t t = 0; t < from->net->head->inputs; t++) {
		const struct nn_tensor *tensor = &from->net->tensors[t];

		memcpy(run_tensor(to, t), run_tensor(from, t),
		       nn_elements(tensor) * nn_type_size(tensor->type));
	}
}

/* As the TA: the first of the highest scores. */
static uint32_t label_of(const float *scores, size_t classes)
{
	size_t best = 0;

	for (size_t c = 0; c < classes; c++) {
		if (!isfinite(scores[c]))
			return NO_LABEL;
		if (scores[c] > scores[best])
			best = c;
	}
	return (uint32_t)best;
}

bool accuracy_sample(struct accuracy *a, uint32_t label, struct enc_error *e)
{
	uint32_t found[2] = { 0 };

	if (label >= a->classes)
		return enc_fail(e, ENC_ERR_FORMAT,
				"label %zu is %" PRIu32 "; the network has %zu "
				"classes",
				a->samples, label, a->classes);
	copy_inputs(&a->run[0], &a->run[1]);
	for (size_t i = 0; i < 2; i++) {
		run_sample(&a->run[i]);
		found[i] = label_of(run_tensor(&a->run[i], a->output[i]),
				    a->classes);
		a->right[i] += found[i] == label;
	}
	a->differ += found[0] != found[1];
	a->samples++;
	return true;
}

void accuracy_close(struct accuracy *a)
{
	run_close(&a->run[0]);
	run_close(&a->run[1]);
}
