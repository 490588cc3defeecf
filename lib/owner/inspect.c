/* SPDX-License-Identifier: Apache-2.0 */
#include "host/public/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "lib/error.h"
#include "owner.h"

struct encmnist_inspection {
	struct enc_inspection of;
	char id[BOX_MODEL_ID_BYTES + 1];
	char (*devices)[ENC_FINGERPRINT_TEXT];
};

static bool describe(encmnist_inspection *i, struct enc_error *e)
{
	const struct enc_envelopes *list = &i->of.envelopes;

	memcpy(i->id, i->of.head.model_id, BOX_MODEL_ID_BYTES);
	i->devices = calloc(list->count + 1, sizeof(*i->devices));
	if (!i->devices)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	for (size_t n = 0; n < list->count; n++)
		enc_fingerprint(list->all[n].device,
				sizeof(list->all[n].device), i->devices[n]);
	return true;
}

encmnist_inspection *encmnist_inspect_file(const char *path,
					   encmnist_error **error)
{
	encmnist_inspection *i = calloc(1, sizeof(*i));
	struct enc_error e = { 0 };

	if (!i) {
		lib_no_memory(error);
		return NULL;
	}
	if (enc_inspect(path, &i->of, &e) && describe(i, &e))
		return i;
	encmnist_inspection_free(i);
	lib_fail(error, &e);
	return NULL;
}

void encmnist_inspection_free(encmnist_inspection *i)
{
	if (!i)
		return;
	enc_inspect_free(&i->of);
	free(i->devices);
	free(i);
}

bool encmnist_inspect_verdict(const encmnist_inspection *i,
			      const char *owner_public, encmnist_error **error)
{
	struct enc_owner owner = { 0 };
	struct enc_error e = { 0 };

	return ((!owner_public || enc_owner_read(owner_public, &owner, &e)) &&
		enc_inspect_verdict(&i->of, owner_public ? &owner : NULL,
				    &e)) ||
	       lib_fail(error, &e);
}

size_t encmnist_inspect_envelopes(const encmnist_inspection *i)
{
	return i->of.envelopes.count;
}

const char *encmnist_inspect_id(const encmnist_inspection *i)
{
	return i->of.is_envelopes ? NULL : i->id;
}

uint32_t encmnist_inspect_version(const encmnist_inspection *i)
{
	return i->of.head.model_version;
}

uint32_t encmnist_inspect_security_version(const encmnist_inspection *i)
{
	return i->of.head.security_version;
}

uint32_t encmnist_inspect_leaves(const encmnist_inspection *i)
{
	return i->of.head.policy;
}

uint32_t encmnist_inspect_amount(const encmnist_inspection *i)
{
	return i->of.head.amount;
}

bool encmnist_inspect_is_int8(const encmnist_inspection *i)
{
	return i->of.head.number_type == BOX_INT8;
}

const char *encmnist_inspect_device(const encmnist_inspection *i,
				    size_t envelope)
{
	return envelope < i->of.envelopes.count ? i->devices[envelope] : NULL;
}
