/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A URI as far as it has no PIN, which belongs behind ?: for "%.*s". */
#define SHOWN(uri) (int)shown(uri), (uri)

static size_t shown(const char *uri)
{
	const size_t path = strcspn(uri, "?");
	const char *pin = strstr(uri, "pin-");

	return pin && (size_t)(pin - uri) < path ? (size_t)(pin - uri) : path;
}

/* Says what a URI means that p11-kit has parsed; NULL: a private key. */
static const char *not_private(P11KitUri *uri)
{
	static const CK_OBJECT_CLASS private = CKO_PRIVATE_KEY;
	const CK_ATTRIBUTE *type = p11_kit_uri_get_attribute(uri, CKA_CLASS);

	if (p11_kit_uri_any_unrecognized(uri))
		return "an attribute that is not known";
	if (type && memcmp(type->pValue, &private, sizeof(private)) != 0)
		return "a type that is not private";
	return NULL;
}

static bool parse(const char *text, P11KitUri **uri, struct enc_error *e)
{
	int status = P11_KIT_URI_NO_MEMORY;
	const char *wrong = NULL;

	*uri = p11_kit_uri_new();
	if (*uri)
		status = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, *uri);
	wrong = status == P11_KIT_URI_OK ? not_private(*uri) :
					   p11_kit_uri_message(status);
	if (!wrong)
		return true;
	enc_fail(e, ENC_ERR_FORMAT, "%.*s: %s", SHOWN(text), wrong);
	return enc_hint(e, "name token and key, as in "
			   "pkcs11:token=TOKEN;object=KEY (RFC 7512)");
}

/* --- Modules ----------------------------------------------------------- */

/* A list of one, as p11-kit makes it of many. */
static bool load(const char *path, struct place *place, struct enc_error *e)
{
	CK_FUNCTION_LIST *module = NULL;
	CK_RV status = CKR_OK;

	place->modules = calloc(2, sizeof(CK_FUNCTION_LIST *));
	if (!place->modules)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	module = p11_kit_module_load(path, 0);
	if (!module) {
		enc_fail(e, ENC_ERR_IO, "%.2000s: not a PKCS#11 module: %s",
			 path, p11_kit_message());
		return enc_hint(e, "module-path names the library that comes "
				   "with the token");
	}
	status = p11_kit_module_initialize(module);
	if (status != CKR_OK) {
		p11_kit_module_release(module);
		return enc_fail(e, ENC_ERR_CRYPTO, "%.2000s: %s", path,
				p11_kit_strerror(status));
	}
	place->modules[0] = module;
	return true;
}

static bool load_all(struct place *place, struct enc_error *e)
{
	place->modules = p11_kit_modules_load_and_initialize(0);
	if (place->modules && place->modules[0])
		return true;
	enc_fail(e, ENC_ERR_IO, "no PKCS#11 module is registered");
	return enc_hint(e, "name that of the token: "
			   "pkcs11:...?module-path=/.../module.so");
}

void place_leave(struct place *place)
{
	if (place->modules)
		p11_kit_modules_finalize_and_release(place->modules);
	*place = (struct place){ 0 };
}

/* --- Tokens ------------------------------------------------------------ */

#define SLOTS_MAX 256 /* of a module */

/* Whether a slot's token is meant. The empty one of a free slot never is. */
static bool matches(P11KitUri *uri, const CK_FUNCTION_LIST *p11,
		    CK_SLOT_ID slot, CK_TOKEN_INFO *token)
{
	const CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(uri);
	CK_INFO module = { 0 };
	CK_SLOT_INFO info = { 0 };

	return (wanted == (CK_SLOT_ID)-1 || wanted == slot) &&
	       p11->C_GetInfo(&module) == CKR_OK &&
	       p11->C_GetSlotInfo(slot, &info) == CKR_OK &&
	       p11->C_GetTokenInfo(slot, token) == CKR_OK &&
	       (token->flags & CKF_TOKEN_INITIALIZED) &&
	       p11_kit_uri_match_module_info(uri, &module) &&
	       p11_kit_uri_match_slot_info(uri, &info) &&
	       p11_kit_uri_match_token_info(uri, token);
}

static void take(const CK_TOKEN_INFO *info, struct place *place)
{
	int len = sizeof(info->label);

	while (len && info->label[len - 1] == ' ') /* as it is padded */
		len--;
	place->flags = info->flags;
	snprintf(place->name, sizeof(place->name), "token \"%.*s\"", len,
		 (const char *)info->label);
}

/* Returns how many tokens match. */
static size_t search(P11KitUri *uri, struct place *place)
{
	CK_SLOT_ID slots[SLOTS_MAX] = { 0 };
	size_t found = 0;

	for (CK_FUNCTION_LIST **p11 = place->modules; *p11; p11++) {
		CK_ULONG count = SLOTS_MAX;

		if ((*p11)->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
			continue;
		for (CK_ULONG i = 0; i < count; i++) {
			CK_TOKEN_INFO token = { 0 };

			if (!matches(uri, *p11, slots[i], &token))
				continue;
			place->module = *p11;
			place->slot = slots[i];
			take(&token, place);
			found++;
		}
	}
	return found;
}

bool place_find(const char *text, P11KitUri **uri, struct place *place,
		struct enc_error *e)
{
	const char *path = NULL;
	size_t count = 0;

	p11_kit_be_quiet(); /* its errors are ours */
	if (!parse(text, uri, e))
		return false;
	path = p11_kit_uri_get_module_path(*uri);
	if (!(path ? load(path, place, e) : load_all(place, e)))
		return false;
	count = search(*uri, place);
	if (count == 1)
		return true;
	enc_fail(e, ENC_ERR_FORMAT, "%.*s: %s", SHOWN(text),
		 count ? "more than one token matches" : "no such token");
	return enc_hint(
		e,
		count ? "name one: token=, serial= or slot-id=" :
			"is it plugged in? Without module-path=, the modules "
			"that are registered with p11-kit are searched");
}
