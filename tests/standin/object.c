/* SPDX-License-Identifier: Apache-2.0 */
/* Transient objects (AES keys), and persistent ones (data). */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "standin.h"
#include "tests/lib/secret.h"

#define ID_MAX	 TEE_OBJECT_ID_MAX_LEN
#define DATA_MAX 4096
#define KEY_MAX	 32

/* What lies in trusted storage: one object is all that the TA has. */
static struct {
	pthread_mutex_t lock;
	bool exists;
	bool corrupt;
	uint32_t handles; /* open at present */
	uint32_t flags;	  /* of the first of them */
	size_t id_size;
	size_t size;
	uint8_t id[ID_MAX];
	uint8_t data[DATA_MAX];
} storage = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct __TEE_ObjectHandle {
	TEE_ObjectHandle next;
	TEE_ObjectInfo info;
	uint8_t key[KEY_MAX];
	size_t key_size;
};

static TEE_ObjectHandle new_object(uint32_t flags)
{
	TEE_ObjectHandle object = calloc(1, sizeof(*object));

	object->info.handleFlags = flags;
	object->next = instance->objects;
	instance->objects = object;
	return object;
}

static bool is_persistent(TEE_ObjectHandle object)
{
	return object->info.handleFlags & TEE_HANDLE_FLAG_PERSISTENT;
}

static bool is_initialized(TEE_ObjectHandle object)
{
	return object->info.handleFlags & TEE_HANDLE_FLAG_INITIALIZED;
}

static void drop(struct instance *of, TEE_ObjectHandle object)
{
	TEE_ObjectHandle *link = &of->objects;

	while (*link && *link != object)
		link = &(*link)->next;
	if (!*link)
		abort(); /* never opened, or closed before */
	*link = object->next;
	if (is_persistent(object)) {
		pthread_mutex_lock(&storage.lock);
		storage.handles--;
		pthread_mutex_unlock(&storage.lock);
	}
	free(object);
}

size_t instance_drop_objects(struct instance *of)
{
	size_t count = 0;

	for (; of->objects; count++)
		drop(of, of->objects);
	return count;
}

/* ---- transient ---- */

TEE_Result TEE_AllocateTransientObject(TEE_ObjectType type, uint32_t bits,
				       TEE_ObjectHandle *object)
{
	TEE_Result res = FAULT(TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_NOT_SUPPORTED,
			       TEE_SUCCESS);

	check_private(object, sizeof(*object));
	if (res != TEE_SUCCESS)
		return res;
	if (type != TEE_TYPE_AES || (bits != 128 && bits != 192 && bits != 256))
		return TEE_ERROR_NOT_SUPPORTED;
	*object = new_object(0);
	(*object)->info.objectType = type;
	(*object)->info.maxObjectSize = bits;
	(*object)->info.objectUsage = UINT32_MAX;
	return TEE_SUCCESS;
}

void TEE_FreeTransientObject(TEE_ObjectHandle object)
{
	if (object == TEE_HANDLE_NULL)
		return;
	if (is_persistent(object))
		TEE_Panic(0);
	drop(instance, object);
}

void TEE_InitRefAttribute(TEE_Attribute *attr, uint32_t id, const void *buffer,
			  size_t size)
{
	check_private(attr, sizeof(*attr));
	if (id & TEE_ATTR_FLAG_VALUE)
		TEE_Panic(0);
	attr->attributeID = id;
	attr->content.ref.buffer = (void *)(uintptr_t)buffer;
	attr->content.ref.length = size;
}

TEE_Result TEE_PopulateTransientObject(TEE_ObjectHandle object,
				       const TEE_Attribute *attrs,
				       uint32_t count)
{
	TEE_Result res = FAULT(TEE_ERROR_BAD_PARAMETERS, TEE_SUCCESS);

	check_private(attrs, count * sizeof(*attrs));
	if (is_persistent(object) || is_initialized(object))
		TEE_Panic(0);
	if (res != TEE_SUCCESS)
		return res;
	if (count != 1 || attrs->attributeID != TEE_ATTR_SECRET_VALUE ||
	    attrs->content.ref.length * 8 > object->info.maxObjectSize)
		return TEE_ERROR_BAD_PARAMETERS;
	object->key_size = attrs->content.ref.length;
	memcpy(object->key, attrs->content.ref.buffer, object->key_size);
	secret_reveal(object->key, object->key_size);
	object->info.objectSize = (uint32_t)object->key_size * 8;
	object->info.handleFlags |= TEE_HANDLE_FLAG_INITIALIZED;
	return TEE_SUCCESS;
}

const uint8_t *object_key(TEE_ObjectHandle object, size_t *size)
{
	if (!is_initialized(object) || is_persistent(object))
		TEE_Panic(0);
	*size = object->key_size;
	return object->key;
}

/* ---- persistent ---- */

void storage_reset(void)
{
	pthread_mutex_lock(&storage.lock);
	storage.exists = false;
	storage.corrupt = false;
	pthread_mutex_unlock(&storage.lock);
}

void standin_storage_corrupt(void)
{
	pthread_mutex_lock(&storage.lock);
	storage.corrupt = storage.exists;
	pthread_mutex_unlock(&storage.lock);
}

void standin_storage_cut(size_t size)
{
	pthread_mutex_lock(&storage.lock);
	storage.size = size;
	pthread_mutex_unlock(&storage.lock);
}

/* Whether handles with these flags may be open at the same time. */
static bool may_share(uint32_t old, uint32_t new)
{
	const uint32_t share =
		TEE_DATA_FLAG_SHARE_READ | TEE_DATA_FLAG_SHARE_WRITE;
	const uint32_t any = old | new;
	const uint32_t both = old & new;

	return !(any & TEE_DATA_FLAG_ACCESS_WRITE_META) &&
	       (old & share) == (new &share) &&
	       (!(any & TEE_DATA_FLAG_ACCESS_READ) ||
		both & TEE_DATA_FLAG_SHARE_READ) &&
	       (!(any & TEE_DATA_FLAG_ACCESS_WRITE) ||
		both & TEE_DATA_FLAG_SHARE_WRITE);
}

static bool is_stored(const void *id, size_t id_size)
{
	return storage.exists && storage.id_size == id_size &&
	       !memcmp(storage.id, id, id_size);
}

/* A handle, or why not. Called with the lock. */
static TEE_Result open_locked(uint32_t flags, TEE_ObjectHandle *object)
{
	if (storage.corrupt) {
		storage.exists = false;
		storage.corrupt = false;
		return TEE_ERROR_CORRUPT_OBJECT;
	}
	if (storage.handles && !may_share(storage.flags, flags))
		return TEE_ERROR_ACCESS_CONFLICT;
	if (!storage.handles)
		storage.flags = flags;
	storage.handles++;
	*object = new_object(flags | TEE_HANDLE_FLAG_PERSISTENT |
			     TEE_HANDLE_FLAG_INITIALIZED);
	(*object)->info.objectType = TEE_TYPE_DATA;
	(*object)->info.dataSize = storage.size;
	return TEE_SUCCESS;
}

TEE_Result TEE_OpenPersistentObject(uint32_t where, const void *id,
				    size_t id_size, uint32_t flags,
				    TEE_ObjectHandle *object)
{
	TEE_Result res =
		FAULT(TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_ACCESS_CONFLICT,
		      TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_CORRUPT_OBJECT,
		      TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_SUCCESS);

	check_private(object, sizeof(*object));
	*object = TEE_HANDLE_NULL;
	if (where != TEE_STORAGE_PRIVATE || id_size > ID_MAX)
		TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
	if (res == TEE_ERROR_CORRUPT_OBJECT)
		storage_reset();
	if (res != TEE_SUCCESS)
		return res;
	pthread_mutex_lock(&storage.lock);
	res = is_stored(id, id_size) ? open_locked(flags, object) :
				       TEE_ERROR_ITEM_NOT_FOUND;
	pthread_mutex_unlock(&storage.lock);
	return res;
}

/* Stores an object with its data. Called with the lock. */
static TEE_Result create_locked(const void *id, size_t id_size, uint32_t flags,
				const void *data, size_t size,
				TEE_ObjectHandle *object)
{
	bool replaces = is_stored(id, id_size);
	TEE_Result res = TEE_SUCCESS;

	if (replaces && !(flags & TEE_DATA_FLAG_OVERWRITE))
		return TEE_ERROR_ACCESS_CONFLICT;
	if (storage.exists && !replaces)
		return TEE_ERROR_STORAGE_NO_SPACE;
	storage.corrupt = false; /* nobody looks at what is replaced */
	res = open_locked(flags, object);
	if (res != TEE_SUCCESS)
		return res;
	storage.exists = true;
	storage.id_size = id_size;
	memcpy(storage.id, id, id_size);
	storage.size = size;
	memcpy(storage.data, data, size);
	secret_reveal(storage.data, size);
	(*object)->info.dataSize = size;
	return TEE_SUCCESS;
}

TEE_Result TEE_CreatePersistentObject(uint32_t where, const void *id,
				      size_t id_size, uint32_t flags,
				      TEE_ObjectHandle attributes,
				      const void *data, size_t size,
				      TEE_ObjectHandle *object)
{
	TEE_Result res =
		FAULT(TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_ACCESS_CONFLICT,
		      TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_STORAGE_NO_SPACE,
		      TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_STORAGE_NOT_AVAILABLE,
		      TEE_SUCCESS);

	check_private(object, sizeof(*object));
	*object = TEE_HANDLE_NULL;
	if (where != TEE_STORAGE_PRIVATE || id_size > ID_MAX ||
	    attributes != TEE_HANDLE_NULL || size > DATA_MAX)
		TEE_Panic(TEE_ERROR_BAD_PARAMETERS);
	if (res == TEE_ERROR_CORRUPT_OBJECT)
		storage_reset();
	if (res != TEE_SUCCESS)
		return res;
	pthread_mutex_lock(&storage.lock);
	res = create_locked(id, id_size, flags, data, size, object);
	pthread_mutex_unlock(&storage.lock);
	return res;
}

TEE_Result TEE_GetObjectInfo1(TEE_ObjectHandle object, TEE_ObjectInfo *info)
{
	TEE_Result res = FAULT(TEE_ERROR_CORRUPT_OBJECT,
			       TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_SUCCESS);

	if (res != TEE_SUCCESS)
		return res;
	*info = object->info;
	return TEE_SUCCESS;
}

TEE_Result TEE_ReadObjectData(TEE_ObjectHandle object, void *buffer,
			      size_t size, size_t *count)
{
	TEE_Result res = FAULT(TEE_ERROR_CORRUPT_OBJECT,
			       TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_SUCCESS);
	size_t left = 0;

	check_private(count, sizeof(*count));
	if (!is_persistent(object) ||
	    !(object->info.handleFlags & TEE_DATA_FLAG_ACCESS_READ))
		TEE_Panic(TEE_ERROR_ACCESS_CONFLICT);
	if (res != TEE_SUCCESS)
		return res;
	pthread_mutex_lock(&storage.lock);
	left = storage.size - object->info.dataPosition;
	*count = size < left ? size : left;
	memcpy(buffer, storage.data + object->info.dataPosition, *count);
	object->info.dataPosition += *count;
	pthread_mutex_unlock(&storage.lock);
	if (secrets_hook)
		secret_make(buffer, *count);
	return TEE_SUCCESS;
}

void TEE_CloseObject(TEE_ObjectHandle object)
{
	if (object != TEE_HANDLE_NULL)
		drop(instance, object);
}
