/* SPDX-License-Identifier: Apache-2.0 */
#include "object.h"

#include <string.h>

#define NAME_BYTES  256 /* the longest label or id that is looked at */
#define POINT_BYTES 64

struct search {
	const struct place *place;
	CK_SESSION_HANDLE session;
	struct enc_error *e;
};

static bool fail(const struct search *s, CK_RV status)
{
	return enc_fail(s->e, ENC_ERR_CRYPTO, "%s: %s", s->place->name,
			p11_kit_strerror(status));
}

/* Counts matching objects up to 2; *object is the first. */
static bool find(const struct search *s, CK_ATTRIBUTE *wanted, CK_ULONG count,
		 CK_OBJECT_HANDLE *object, CK_ULONG *found)
{
	const CK_FUNCTION_LIST *p11 = s->place->module;
	CK_OBJECT_HANDLE objects[2] = { 0 };
	CK_RV status = p11->C_FindObjectsInit(s->session, wanted, count);
	CK_ULONG n = 0;

	*found = 0;
	do { /* a module may give fewer than there are */
		if (status == CKR_OK)
			status = p11->C_FindObjects(
				s->session, objects + *found, 2 - *found, &n);
		*found += status == CKR_OK ? n : 0;
	} while (status == CKR_OK && n && *found < 2);
	p11->C_FindObjectsFinal(s->session);
	*object = objects[0];
	return status == CKR_OK || fail(s, status);
}

/* Returns the attribute's length; 0: there is none, or it is longer. */
static size_t read_attribute(const struct search *s, CK_OBJECT_HANDLE object,
			     CK_ATTRIBUTE_TYPE type, void *value, size_t size)
{
	CK_ATTRIBUTE a = { type, value, size };
	const CK_RV status = s->place->module->C_GetAttributeValue(
		s->session, object, &a, 1);

	return status == CKR_OK && a.ulValueLen <= size ? a.ulValueLen : 0;
}

/* --- The private key --------------------------------------------------- */

static bool refuse_private(const struct search *s, CK_ULONG found,
			   CK_ULONG of_other_types)
{
	if (found) {
		enc_fail(s->e, ENC_ERR_FORMAT,
			 "%s: more than one private key matches",
			 s->place->name);
		return enc_hint(s->e, "name one: object= or id=");
	}
	enc_fail(s->e, ENC_ERR_FORMAT,
		 of_other_types ? "%s: the key is not one of Ed25519" :
				  "%s: no such private key",
		 s->place->name);
	return enc_hint(s->e, "`pkcs11-tool --list-objects --login` (opensc) "
			      "lists the keys of a token");
}

static bool find_private(const struct search *s, P11KitUri *uri,
			 CK_OBJECT_HANDLE *object)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_KEY_TYPE edwards = CKK_EC_EDWARDS;
	CK_ATTRIBUTE wanted[4] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_KEY_TYPE, &edwards, sizeof(edwards) },
	};
	const CK_ATTRIBUTE *id = p11_kit_uri_get_attribute(uri, CKA_ID);
	const CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(uri, CKA_LABEL);
	CK_ULONG n = 2;
	CK_ULONG found = 0;
	CK_ULONG others = 0;

	if (id)
		wanted[n++] = *id;
	if (label)
		wanted[n++] = *label;
	if (!find(s, wanted, n, object, &found))
		return false;
	if (found == 1)
		return true;
	wanted[1] = wanted[0]; /* of any type */
	if (!found && !find(s, wanted + 1, n - 1, object, &others))
		return false;
	return refuse_private(s, found, others);
}

/* --- The public key ---------------------------------------------------- */

/* The key as it is, or as DER: an OCTET STRING or, later, a BIT STRING. */
static bool take_point(const uint8_t *point, size_t len,
		       struct enc_owner *owner)
{
	static const uint8_t octets[] = { 0x04, BOX_OWNER_BYTES };
	static const uint8_t bits[] = { 0x03, BOX_OWNER_BYTES + 1, 0 };
	const size_t before = len - BOX_OWNER_BYTES;

	if (len < BOX_OWNER_BYTES ||
	    !(!before ||
	      (before == sizeof(octets) && !memcmp(point, octets, before)) ||
	      (before == sizeof(bits) && !memcmp(point, bits, before))))
		return false;
	memcpy(owner->key, point + before, sizeof(owner->key));
	return true;
}

/*
 * The public key is another object, with the same id. Without one, some tokens
 * know the point of the private key.
 */
static bool find_point(const struct search *s, CK_OBJECT_HANDLE private,
		       CK_OBJECT_HANDLE *object)
{
	CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	CK_KEY_TYPE edwards = CKK_EC_EDWARDS;
	uint8_t name[NAME_BYTES] = { 0 };
	CK_ATTRIBUTE wanted[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_KEY_TYPE, &edwards, sizeof(edwards) },
		{ CKA_ID, name, 0 },
	};
	CK_ULONG found = 0;

	wanted[2].ulValueLen =
		read_attribute(s, private, CKA_ID, name, sizeof(name));
	if (!wanted[2].ulValueLen) {
		wanted[2].type = CKA_LABEL;
		wanted[2].ulValueLen = read_attribute(s, private, CKA_LABEL,
						      name, sizeof(name));
	}
	if (!find(s, wanted, 3, object, &found))
		return false;
	if (!found)
		*object = private;
	return found < 2 || enc_fail(s->e, ENC_ERR_FORMAT,
				     "%s: more than one public key has the id "
				     "of the private one",
				     s->place->name);
}

static bool find_public(const struct search *s, struct objects *objects)
{
	CK_OBJECT_HANDLE object = 0;
	uint8_t point[POINT_BYTES] = { 0 };
	size_t len = 0;

	if (!find_point(s, objects->private, &object))
		return false;
	len = read_attribute(s, object, CKA_EC_POINT, point, sizeof(point));
	if (len && take_point(point, len, &objects->owner))
		return true;
	if (len)
		return refuse_private(s, 0, 1);
	enc_fail(s->e, ENC_ERR_FORMAT,
		 "%s: the public key of the private one is missing",
		 s->place->name);
	return enc_hint(s->e, "write it to the token, with the private key's "
			      "id");
}

bool objects_find(const struct place *place, CK_SESSION_HANDLE session,
		  P11KitUri *uri, struct objects *objects, struct enc_error *e)
{
	const struct search s = { place, session, e };
	CK_BBOOL always = CK_FALSE;

	if (!find_private(&s, uri, &objects->private))
		return false;
	objects->asks_always =
		read_attribute(&s, objects->private, CKA_ALWAYS_AUTHENTICATE,
			       &always, sizeof(always)) &&
		always;
	return find_public(&s, objects);
}
