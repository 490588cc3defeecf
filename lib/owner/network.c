/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "host/import/import.h"
#include "host/owner/seal.h"
#include "lib/error.h"
#include "owner.h"

/* Takes over `from`, also if it fails. */
static encmnist_network *keep(struct lowered *from, struct enc_error *e)
{
	encmnist_network *net = calloc(1, sizeof(*net));
	struct box_head head = { 0 };

	if (!net) {
		lower_free(from);
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		return NULL;
	}
	net->macs = from->head.macs;
	net->weights = from->head.params;
	net->nodes = from->head.nodes;
	if (enc_head_describe(&from->net, &head) && head.outputs == 1)
		net->classes = box_port_elements(&head.output[0]);
	net->record = import_to_memory(from, &net->len, e);
	if (net->record)
		return net;
	free(net);
	return NULL;
}

static encmnist_network *made(struct lowered *from, struct enc_error *e,
			      encmnist_error **error)
{
	encmnist_network *net = from ? keep(from, e) : NULL;

	if (!net)
		lib_fail(error, e);
	return net;
}

encmnist_network *encmnist_import_file(const char *path, encmnist_error **error)
{
	const struct import_options options = { .pixels = NULL };
	enum import_kind kind = IMPORT_OTHER;
	struct enc_error e = { 0 };

	return made(import_file(path, &options, &kind, &e), &e, error);
}

encmnist_network *encmnist_import_memory(const void *data, size_t len,
					 encmnist_error **error)
{
	const struct import_options options = { .pixels = NULL };
	enum import_kind kind = IMPORT_OTHER;
	struct enc_error e = { 0 };

	return made(import_network(data, len, &options, &kind, &e), &e, error);
}

void encmnist_network_free(encmnist_network *net)
{
	if (!net)
		return;
	explicit_bzero(net->record, net->len);
	free(net->record);
	free(net);
}

uint64_t encmnist_network_macs(const encmnist_network *net)
{
	return net->macs;
}

uint64_t encmnist_network_weights(const encmnist_network *net)
{
	return net->weights;
}

size_t encmnist_network_nodes(const encmnist_network *net)
{
	return net->nodes;
}
