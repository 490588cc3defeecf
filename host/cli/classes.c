/* SPDX-License-Identifier: Apache-2.0 */
#include "classes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box/bytes.h"
#include "terms.h"

bool cli_policy_refuse(const struct cli_model *model, const char *what,
		       struct enc_error *e)
{
	char text[CLI_POLICY_TEXT] = "";

	enc_fail(e, ENC_ERR_UNSUPPORTED,
		 "%s: its owner lets it give %s, not %s", model->label,
		 cli_policy(model->net.policy, model->net.amount, text), what);
	return enc_hint(e, "the owner decides that with `enc_mnist seal' and "
			   "--outputs");
}

static bool refuse_shape(const struct cli_model *model, struct enc_error *e)
{
	const struct box_port *out = &model->net.output[0];
	char shape[CLI_SHAPE_TEXT] = "";

	cli_shape(out->dims, out->rank, shape);
	return enc_fail(e, ENC_ERR_UNSUPPORTED,
			"%s: the network gives %s %s%s, not a score for each "
			"class",
			model->label, shape, cli_type(out->type),
			model->net.outputs > 1 ? " and more" : "");
}

bool cli_classes_check(const struct cli_model *model, size_t *top, bool scores,
		       struct enc_error *e)
{
	const struct enc_network *n = &model->net;
	char text[CLI_POLICY_TEXT] = "";

	if (!n->classes)
		return refuse_shape(model, e);
	if (*top > n->classes)
		*top = n->classes;
	if (scores && n->policy < BOX_SCORES)
		return cli_policy_refuse(model, "scores", e);
	return *top <= cli_classes_count(n) ||
	       cli_policy_refuse(model,
				 cli_policy(BOX_TOP, (uint32_t)*top, text), e);
}

size_t cli_classes_count(const struct enc_network *net)
{
	return net->policy == BOX_LABEL ? 1 :
	       net->policy == BOX_TOP	? net->amount :
					  net->classes;
}

static float score_of(const struct enc_network *net, const uint8_t *answer,
		      size_t i)
{
	const struct box_port *out = &net->output[0];
	float score = 0;

	if (net->policy == BOX_RAW && out->type == BOX_INT8)
		return (float)((int8_t)answer[i] - out->zero) *
		       enc_port_scale(out);
	memcpy(&score, answer + i * sizeof(score), sizeof(score));
	return isnan(score) ? -INFINITY : score;
}

static int by_score(const void *a, const void *b)
{
	const struct cli_class *x = a;
	const struct cli_class *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->label < y->label ? -1 : 1;
}

void cli_classes_read(const struct enc_network *net, const uint8_t *answer,
		      struct cli_class *classes)
{
	const size_t count = cli_classes_count(net);
	const bool are_labels = net->policy < BOX_SCORES;

	for (size_t i = 0; i < count; i++) {
		if (are_labels)
			classes[i].label =
				box_load32(answer + i * sizeof(uint32_t));
		else
			classes[i] =
				(struct cli_class){ (uint32_t)i,
						    score_of(net, answer, i) };
	}
	if (!are_labels)
		qsort(classes, count, sizeof(*classes), by_score);
}
