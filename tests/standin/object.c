/* SPDX-License-Identifier: Apache-2.0 */
/* Handles of objects, their keys, and those that are transient. */
#include "object.h"

#include <stdlib.h>
#include <string.h>
#include <tee_internal_api_extensions.h>

#include "secrets.h"
#include "x25519.h"

#define USAGE_DEFAULT UINT32_MAX

static const struct si_type types[] = {
	{ TEE_TYPE_AES, 64, 128, 256, { TEE_ATTR_SECRET_VALUE } },
	{ TEE_TYPE_HMAC_SHA256, 8, 192, 1024, { TEE_ATTR_SECRET_VALUE } },
	{ TEE_TYPE_GENERIC_SECRET, 8, 0, 4096, { TEE_ATTR_SECRET_VALUE } },
	{ TEE_TYPE_HKDF_IKM, 8, 0, 4096, { TEE_ATTR_HKDF_IKM } },
	{ TEE_TYPE_X25519_KEYPAIR,
	  1,
	  256,
	  256,
	  { TEE_ATTR_X25519_PRIVATE_VALUE, TEE_ATTR_X25519_PUBLIC_VALUE } },
	{ TEE_TYPE_ED25519_PUBLIC_KEY,
	  1,
	  256,
	  256,
	  { TEE_ATTR_ED25519_PUBLIC_VALUE } },
};

static bool is_exact(const struct si_type *type)
{
	return type->least == type->most;
}

const struct si_type *si_type_find(TEE_ObjectType type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].type == type)
			return &types[i];
	}
	return NULL;
}

bool si_type_has_size(const struct si_type *type, uint32_t bits)
{
	return bits % type->quantum == 0 && bits >= type->least &&
	       bits <= type->most;
}

struct si_value *si_key_value(struct si_key *key, uint32_t attribute)
{
	const struct si_type *type = si_type_find(key->type);

	for (size_t i = 0; type && i < SI_ATTRIBUTES_MAX; i++) {
		if (type->attributes[i] && type->attributes[i] == attribute)
			return &key->value[i];
	}
	return NULL;
}

/* ---- handles ---- */

TEE_ObjectHandle si_object_new(uint32_t flags)
{
	TEE_ObjectHandle object = calloc(1, sizeof(*object));

	object->flags = flags;
	object->next = si_current->objects;
	si_current->objects = object;
	return object;
}

bool si_is_persistent(TEE_ObjectHandle object)
{
	return object->flags & TEE_HANDLE_FLAG_PERSISTENT;
}

bool si_is_initialized(TEE_ObjectHandle object)
{
	return object->flags & TEE_HANDLE_FLAG_INITIALIZED;
}

void si_check_object(TEE_ObjectHandle object)
{
	si_require(object != TEE_HANDLE_NULL && !object->closed);
}

static void drop(struct si_instance *of, TEE_ObjectHandle object)
{
	TEE_ObjectHandle *link = &of->objects;

	while (*link && *link != object)
		link = &(*link)->next;
	if (!*link)
		abort(); /* never opened, or closed before */
	*link = object->next;
	if (si_is_persistent(object) && !object->closed)
		si_storage_close(object);
	free(object);
}

size_t si_count_objects(const struct si_instance *of)
{
	size_t count = 0;

	for (TEE_ObjectHandle o = of->objects; o; o = o->next)
		count += !o->closed;
	return count;
}

size_t si_drop_objects(struct si_instance *of)
{
	const size_t count = si_count_objects(of);

	while (of->objects)
		drop(of, of->objects);
	return count;
}

void TEE_CloseObject(TEE_ObjectHandle object)
{
	if (object == TEE_HANDLE_NULL)
		return;
	si_check_object(object);
	drop(si_current, object);
}

uint32_t si_object_usage(TEE_ObjectHandle object)
{
	return si_is_persistent(object) ? si_storage_usage(object) :
					  object->usage;
}

TEE_Result TEE_GetObjectInfo1(TEE_ObjectHandle object, TEE_ObjectInfo *info)
{
	TEE_Result res = FAULT(TEE_ERROR_CORRUPT_OBJECT,
			       TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_SUCCESS);

	si_check_object(object);
	if (res != TEE_SUCCESS)
		return res;
	info->objectType = object->key.type;
	info->objectSize = object->key.bits;
	info->maxObjectSize = object->key.max_bits;
	info->objectUsage = si_object_usage(object);
	info->dataSize = object->data_size;
	info->dataPosition = object->position;
	info->handleFlags = object->flags;
	return TEE_SUCCESS;
}

TEE_Result TEE_RestrictObjectUsage1(TEE_ObjectHandle object, uint32_t usage)
{
	TEE_Result res = FAULT(TEE_ERROR_CORRUPT_OBJECT,
			       TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_SUCCESS);

	si_check_object(object);
	if (res != TEE_SUCCESS)
		return res;
	if (si_is_persistent(object))
		si_storage_restrict(object, usage);
	else
		object->usage &= usage;
	return TEE_SUCCESS;
}

TEE_Result TEE_GetObjectBufferAttribute(TEE_ObjectHandle object,
					uint32_t attribute, void *buffer,
					size_t *size)
{
	const bool is_public = attribute & TEE_ATTR_FLAG_PUBLIC;
	const struct si_value *value = NULL;
	const size_t room = *size;
	TEE_Result res = FAULT(TEE_ERROR_CORRUPT_OBJECT,
			       TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_SUCCESS);

	si_check_private(size, sizeof(*size));
	si_check_object(object);
	si_require(
		!(attribute & TEE_ATTR_FLAG_VALUE) &&
		si_is_initialized(object) &&
		(is_public || si_object_usage(object) & TEE_USAGE_EXTRACTABLE));
	if (res != TEE_SUCCESS)
		return res;
	value = si_key_value(&object->key, attribute);
	if (!value || !value->set)
		return TEE_ERROR_ITEM_NOT_FOUND;
	*size = value->size;
	if (room < value->size || !buffer)
		return TEE_ERROR_SHORT_BUFFER;
	memcpy(buffer, value->bytes, value->size);
	if (is_public)
		si_public(buffer, value->size);
	else
		si_secret(buffer, value->size);
	return TEE_SUCCESS;
}

/* ---- transient ---- */

TEE_Result TEE_AllocateTransientObject(TEE_ObjectType type, uint32_t bits,
				       TEE_ObjectHandle *object)
{
	const struct si_type *of = si_type_find(type);
	TEE_Result res = FAULT(TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_NOT_SUPPORTED,
			       TEE_SUCCESS);

	si_check_private(object, sizeof(*object));
	if (res != TEE_SUCCESS)
		return res;
	if (!of || !si_type_has_size(of, bits))
		return TEE_ERROR_NOT_SUPPORTED;
	*object = si_object_new(0);
	(*object)->usage = USAGE_DEFAULT;
	(*object)->key.type = type;
	(*object)->key.max_bits = bits;
	return TEE_SUCCESS;
}

void TEE_FreeTransientObject(TEE_ObjectHandle object)
{
	if (object == TEE_HANDLE_NULL)
		return;
	si_check_object(object);
	si_require(!si_is_persistent(object));
	drop(si_current, object);
}

void TEE_ResetTransientObject(TEE_ObjectHandle object)
{
	if (object == TEE_HANDLE_NULL)
		return;
	si_check_object(object);
	si_require(!si_is_persistent(object));
	object->flags &= ~(uint32_t)TEE_HANDLE_FLAG_INITIALIZED;
	object->usage = USAGE_DEFAULT;
	object->key.bits = 0;
	memset(object->key.value, 0, sizeof(object->key.value));
}

void TEE_InitRefAttribute(TEE_Attribute *attr, uint32_t id, const void *buffer,
			  size_t size)
{
	si_check_private(attr, sizeof(*attr));
	si_require(!(id & TEE_ATTR_FLAG_VALUE));
	attr->attributeID = id;
	attr->content.ref.buffer = (void *)(uintptr_t)buffer;
	attr->content.ref.length = size;
}

void TEE_InitValueAttribute(TEE_Attribute *attr, uint32_t id, uint32_t a,
			    uint32_t b)
{
	si_check_private(attr, sizeof(*attr));
	si_require(id & TEE_ATTR_FLAG_VALUE);
	attr->attributeID = id;
	attr->content.value.a = a;
	attr->content.value.b = b;
}

/* One attribute, which must not have come before. */
static void populate(struct si_key *key, const TEE_Attribute *attr)
{
	const struct si_type *type = si_type_find(key->type);
	struct si_value *value = si_key_value(key, attr->attributeID);
	const size_t size = attr->content.ref.length;
	const size_t room = type->most / 8;

	si_require(value && !value->set && size <= room &&
		   (is_exact(type) ? size == room : 8 * size <= key->max_bits));
	value->set = true;
	value->size = size;
	memcpy(value->bytes, attr->content.ref.buffer, size);
	si_public(value->bytes, size);
	if (!is_exact(type))
		key->bits = 8 * (uint32_t)size;
}

TEE_Result TEE_PopulateTransientObject(TEE_ObjectHandle object,
				       const TEE_Attribute *attrs,
				       uint32_t count)
{
	const struct si_type *type = NULL;
	TEE_Result res = FAULT(TEE_ERROR_BAD_PARAMETERS, TEE_SUCCESS);

	si_check_private(attrs, count * sizeof(*attrs));
	si_check_object(object);
	si_require(!si_is_persistent(object) && !si_is_initialized(object));
	if (res != TEE_SUCCESS)
		return res;
	type = si_type_find(object->key.type);
	for (uint32_t i = 0; i < count; i++)
		populate(&object->key, &attrs[i]);
	for (size_t i = 0; i < SI_ATTRIBUTES_MAX; i++)
		si_require(!type->attributes[i] || object->key.value[i].set);
	if (!is_exact(type) && !si_type_has_size(type, object->key.bits)) {
		memset(object->key.value, 0, sizeof(object->key.value));
		return TEE_ERROR_BAD_PARAMETERS;
	}
	object->flags |= TEE_HANDLE_FLAG_INITIALIZED;
	return TEE_SUCCESS;
}

TEE_Result TEE_GenerateKey(TEE_ObjectHandle object, uint32_t bits,
			   const TEE_Attribute *params, uint32_t count)
{
	struct si_value *value = NULL;
	TEE_Result res = FAULT(TEE_ERROR_BAD_PARAMETERS, TEE_SUCCESS);

	si_check_private(params, count * sizeof(*params));
	si_check_object(object);
	si_require(!si_is_persistent(object) && !si_is_initialized(object) &&
		   object->key.type == TEE_TYPE_X25519_KEYPAIR &&
		   bits == 8 * SI_X25519_BYTES && !count);
	if (res != TEE_SUCCESS)
		return res;
	value = object->key.value;
	si_x25519_generate(value[0].bytes, value[1].bytes);
	for (size_t i = 0; i < 2; i++) {
		value[i].set = true;
		value[i].size = SI_X25519_BYTES;
	}
	object->key.bits = bits;
	object->flags |= TEE_HANDLE_FLAG_INITIALIZED;
	return TEE_SUCCESS;
}
