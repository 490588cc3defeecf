/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trusted storage: persistent objects. Files and names work as on Unix: a file
 * that is replaced or removed goes when its last handle is closed. An open name
 * has a lock, which decides what else may be opened.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <tee_api_defines_extensions.h>
#include <user_ta_header.h>

#include "object.h"
#include "secrets.h"
#include "standin.h"

#define FILES_MAX    32 /* including those without a name */
#define DATA_MAX     4096
#define FORMAT_BYTES 4 /* what the TA stores begins with its format */

#define OPEN_FLAGS                                                    \
	(TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_ACCESS_WRITE |     \
	 TEE_DATA_FLAG_ACCESS_WRITE_META | TEE_DATA_FLAG_SHARE_READ | \
	 TEE_DATA_FLAG_SHARE_WRITE)
#define CREATE_FLAGS (OPEN_FLAGS | TEE_DATA_FLAG_OVERWRITE)

struct name {
	size_t size;
	uint8_t bytes[TEE_OBJECT_ID_MAX_LEN];
};

struct si_file {
	bool named;
	bool corrupt;
	size_t handles;
	struct name name;
	uint32_t usage;
	struct si_key key;
	size_t size;
	uint8_t data[DATA_MAX];
};

struct si_lock {
	size_t handles; /* 0: free */
	uint32_t flags; /* of the first handle */
	struct name name;
};

struct standin_storage {
	struct si_file files[FILES_MAX];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct standin_storage storage;
static struct si_lock locks[FILES_MAX];
static enum standin_storage_place place;
static struct si_lock *held; /* by a test */

/* ---- files and locks: the caller holds the mutex ---- */

static void set_name(struct name *name, const void *id, size_t size)
{
	name->size = size;
	memcpy(name->bytes, id, size);
}

static bool same(const struct name *a, const struct name *b)
{
	return a->size == b->size && !memcmp(a->bytes, b->bytes, a->size);
}

static struct si_file *find(const struct name *name)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		struct si_file *file = &storage.files[i];

		if (file->named && same(&file->name, name))
			return file;
	}
	return NULL;
}

/* NULL: the storage is full. */
static struct si_file *find_free(void)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		if (!storage.files[i].named && !storage.files[i].handles)
			return &storage.files[i];
	}
	return NULL;
}

static void unname_all(void)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		storage.files[i].named = false;
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

static struct si_lock *find_lock(const struct name *name)
{
	struct si_lock *unused = NULL;

	for (size_t i = 0; i < FILES_MAX; i++) {
		if (locks[i].handles && same(&locks[i].name, name))
			return &locks[i];
		if (!locks[i].handles)
			unused = &locks[i];
	}
	return unused;
}

/* NULL: an open handle conflicts. */
static struct si_lock *acquire(const struct name *name, uint32_t flags)
{
	struct si_lock *lock = find_lock(name);

	if (!lock || (lock->handles && !may_share(lock->flags, flags)))
		return NULL;
	if (!lock->handles) {
		lock->flags = flags;
		lock->name = *name;
	}
	lock->handles++;
	return lock;
}

static TEE_ObjectHandle new_handle(struct si_file *file, struct si_lock *lock,
				   uint32_t flags)
{
	TEE_ObjectHandle object =
		si_object_new(flags | TEE_HANDLE_FLAG_PERSISTENT |
			      TEE_HANDLE_FLAG_INITIALIZED);

	file->handles++;
	object->file = file;
	object->lock = lock;
	object->key = file->key;
	object->data_size = file->size;
	return object;
}

static void close_handle(TEE_ObjectHandle object)
{
	object->file->handles--;
	object->lock->handles--;
}

/* ---- handles ---- */

void si_storage_close(TEE_ObjectHandle object)
{
	pthread_mutex_lock(&mutex);
	close_handle(object);
	pthread_mutex_unlock(&mutex);
}

uint32_t si_storage_usage(TEE_ObjectHandle object)
{
	uint32_t usage = 0;

	pthread_mutex_lock(&mutex);
	usage = object->file->usage;
	pthread_mutex_unlock(&mutex);
	return usage;
}

void si_storage_restrict(TEE_ObjectHandle object, uint32_t usage)
{
	pthread_mutex_lock(&mutex);
	object->file->usage &= usage;
	pthread_mutex_unlock(&mutex);
}

/* OP-TEE's reaction to an open object that turns out to be corrupt. */
static void drop_corrupt(TEE_ObjectHandle object)
{
	object->file->named = false;
	close_handle(object);
	object->closed = true;
}

/* ---- open and create ---- */

static void remove_name(const struct name *name)
{
	struct si_file *file = NULL;

	pthread_mutex_lock(&mutex);
	file = find(name);
	if (file)
		file->named = false;
	pthread_mutex_unlock(&mutex);
}

static TEE_Result open_locked(const struct name *name, uint32_t flags,
			      TEE_ObjectHandle *object)
{
	struct si_file *file = find(name);
	struct si_lock *lock = acquire(name, flags);

	if (!lock)
		return TEE_ERROR_ACCESS_CONFLICT;
	if (file && !file->corrupt) {
		*object = new_handle(file, lock, flags);
		return TEE_SUCCESS;
	}
	lock->handles--;
	if (!file)
		return TEE_ERROR_ITEM_NOT_FOUND;
	file->named = false;
	return TEE_ERROR_CORRUPT_OBJECT;
}

/*
 * The name that a call refers to. False: there is nothing in such storage, or
 * OP-TEE does not have it.
 */
static bool take_name(struct name *name, uint32_t where, const void *id,
		      size_t size)
{
	const uint32_t private = place == STANDIN_RPMB ?
					 TEE_STORAGE_PRIVATE_RPMB :
					 TEE_STORAGE_PRIVATE_REE;

	si_check_private(id, size);
	si_require(size <= TEE_OBJECT_ID_MAX_LEN);
	set_name(name, id, size);
	return where == TEE_STORAGE_PRIVATE || where == private;
}

TEE_Result TEE_OpenPersistentObject(uint32_t where, const void *id,
				    size_t id_size, uint32_t flags,
				    TEE_ObjectHandle *object)
{
	struct name name = { 0 };
	TEE_Result res =
		FAULT(TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_ACCESS_CONFLICT,
		      TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_CORRUPT_OBJECT,
		      TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_SUCCESS);

	si_check_private(object, sizeof(*object));
	*object = TEE_HANDLE_NULL;
	if (!take_name(&name, where, id, id_size) && res == TEE_SUCCESS)
		res = TEE_ERROR_ITEM_NOT_FOUND;
	si_require(!(flags & ~(uint32_t)OPEN_FLAGS));
	if (res == TEE_ERROR_CORRUPT_OBJECT)
		remove_name(&name);
	if (res != TEE_SUCCESS)
		return res;
	pthread_mutex_lock(&mutex);
	res = open_locked(&name, flags, object);
	pthread_mutex_unlock(&mutex);
	return res;
}

/*
 * Key and usage of the new object. OP-TEE keeps the usage of a persistent
 * object elsewhere and ignores the one given.
 */
static void set_key(struct si_file *file, TEE_ObjectHandle attributes)
{
	if (attributes == TEE_HANDLE_NULL) {
		memset(&file->key, 0, sizeof(file->key));
		file->key.type = TEE_TYPE_DATA;
		file->usage = UINT32_MAX;
		return;
	}
	file->key = attributes->key;
	file->usage = attributes->usage;
}

/* Stores an object with its data: *created is new and has its name. */
static TEE_Result create_locked(const struct name *name, uint32_t flags,
				struct si_file **created, struct si_lock **lock)
{
	struct si_file *old = find(name);
	struct si_file *file = find_free();

	if (old && !(flags & TEE_DATA_FLAG_OVERWRITE))
		return TEE_ERROR_ACCESS_CONFLICT;
	if (!file)
		return TEE_ERROR_STORAGE_NO_SPACE;
	*lock = acquire(name, flags);
	if (!*lock)
		return TEE_ERROR_ACCESS_CONFLICT;
	if (old) /* the replaced object is not read: it may be corrupt */
		old->named = false;
	memset(file, 0, sizeof(*file));
	file->named = true;
	file->name = *name;
	*created = file;
	return TEE_SUCCESS;
}

static TEE_Result create(const struct name *name, uint32_t flags,
			 TEE_ObjectHandle attributes, const void *data,
			 size_t size, TEE_ObjectHandle *object)
{
	struct si_file *file = NULL;
	struct si_lock *lock = NULL;
	TEE_Result res = TEE_ERROR_STORAGE_NO_SPACE;

	if (size > DATA_MAX)
		return res;
	pthread_mutex_lock(&mutex);
	res = create_locked(name, flags, &file, &lock);
	if (res == TEE_SUCCESS) {
		set_key(file, attributes);
		file->size = size;
		if (size)
			memcpy(file->data, data, size);
		si_public(file->data, size);
		*object = new_handle(file, lock, flags);
	}
	pthread_mutex_unlock(&mutex);
	return res;
}

TEE_Result TEE_CreatePersistentObject(uint32_t where, const void *id,
				      size_t id_size, uint32_t flags,
				      TEE_ObjectHandle attributes,
				      const void *data, size_t size,
				      TEE_ObjectHandle *object)
{
	struct name name = { 0 };
	TEE_Result res =
		FAULT(TEE_ERROR_ITEM_NOT_FOUND, TEE_ERROR_ACCESS_CONFLICT,
		      TEE_ERROR_OUT_OF_MEMORY, TEE_ERROR_STORAGE_NO_SPACE,
		      TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_STORAGE_NOT_AVAILABLE,
		      TEE_SUCCESS);

	si_check_private(object, sizeof(*object));
	*object = TEE_HANDLE_NULL;
	si_require(take_name(&name, where, id, id_size) &&
		   !(flags & ~(uint32_t)CREATE_FLAGS) && (data || !size));
	if (attributes != TEE_HANDLE_NULL) {
		si_check_object(attributes);
		si_require(si_is_initialized(attributes));
	}
	if (res == TEE_ERROR_CORRUPT_OBJECT)
		remove_name(&name);
	if (res != TEE_SUCCESS)
		return res;
	return create(&name, flags, attributes, data, size, object);
}

/* Closed in any case. The name goes, whatever it is by now, unread. */
TEE_Result TEE_CloseAndDeletePersistentObject1(TEE_ObjectHandle object)
{
	TEE_Result res = FAULT(TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_SUCCESS);

	if (object == TEE_HANDLE_NULL)
		return TEE_SUCCESS;
	si_check_object(object);
	si_require(si_is_persistent(object) &&
		   object->flags & TEE_DATA_FLAG_ACCESS_WRITE_META);
	if (res == TEE_SUCCESS)
		remove_name(&object->file->name);
	TEE_CloseObject(object);
	return res;
}

/* ---- data ---- */

static void check_access(TEE_ObjectHandle object, uint32_t access)
{
	si_check_object(object);
	si_require(si_is_persistent(object) && object->flags & access);
}

/* The first step of every call that reaches the file. */
static TEE_Result touch(TEE_ObjectHandle object, TEE_Result res)
{
	if (res == TEE_SUCCESS && object->file->corrupt)
		res = TEE_ERROR_CORRUPT_OBJECT;
	if (res == TEE_ERROR_CORRUPT_OBJECT)
		drop_corrupt(object);
	return res;
}

static size_t read_locked(TEE_ObjectHandle object, void *buffer, size_t size)
{
	const struct si_file *file = object->file;
	size_t left = file->size > object->position ?
			      file->size - object->position :
			      0;

	if (size < left)
		left = size;
	if (left)
		memcpy(buffer, file->data + object->position, left);
	object->position += left;
	return left;
}

TEE_Result TEE_ReadObjectData(TEE_ObjectHandle object, void *buffer,
			      size_t size, size_t *count)
{
	TEE_Result res = FAULT(TEE_ERROR_CORRUPT_OBJECT,
			       TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_SUCCESS);

	si_check_private(count, sizeof(*count));
	check_access(object, TEE_DATA_FLAG_ACCESS_READ);
	pthread_mutex_lock(&mutex);
	res = touch(object, res);
	if (res == TEE_SUCCESS)
		*count = read_locked(object, buffer, size);
	pthread_mutex_unlock(&mutex);
	if (res != TEE_SUCCESS)
		return res;
	/* the secret of an object with a key is the key; formats are public */
	if (object->key.type == TEE_TYPE_DATA && *count > FORMAT_BYTES)
		si_secret((uint8_t *)buffer + FORMAT_BYTES,
			  *count - FORMAT_BYTES);
	return TEE_SUCCESS;
}

/* Old or new, never a part: a write is one transaction in OP-TEE. */
static TEE_Result write_locked(TEE_ObjectHandle object, const void *buffer,
			       size_t size)
{
	struct si_file *file = object->file;
	const size_t at = object->position;

	if (at > DATA_MAX || size > DATA_MAX - at)
		return TEE_ERROR_STORAGE_NO_SPACE;
	if (!size)
		return TEE_SUCCESS;
	if (at > file->size)
		memset(file->data + file->size, 0, at - file->size);
	memcpy(file->data + at, buffer, size);
	si_public(file->data + at, size);
	object->position += size;
	if (object->position > file->size)
		file->size = object->position;
	object->data_size = file->size;
	return TEE_SUCCESS;
}

TEE_Result TEE_WriteObjectData(TEE_ObjectHandle object, const void *buffer,
			       size_t size)
{
	TEE_Result res =
		FAULT(TEE_ERROR_STORAGE_NO_SPACE, TEE_ERROR_CORRUPT_OBJECT,
		      TEE_ERROR_STORAGE_NOT_AVAILABLE, TEE_SUCCESS);

	check_access(object, TEE_DATA_FLAG_ACCESS_WRITE);
	if (size > TEE_DATA_MAX_POSITION)
		return TEE_ERROR_OVERFLOW;
	pthread_mutex_lock(&mutex);
	res = touch(object, res);
	if (res == TEE_SUCCESS)
		res = write_locked(object, buffer, size);
	pthread_mutex_unlock(&mutex);
	return res;
}

TEE_Result TEE_SeekObjectData(TEE_ObjectHandle object, intmax_t offset,
			      TEE_Whence whence)
{
	intmax_t from = 0;

	FAULT_PANIC();
	si_check_object(object);
	si_require(si_is_persistent(object) && whence <= TEE_DATA_SEEK_END);
	if (whence == TEE_DATA_SEEK_CUR)
		from = (intmax_t)object->position;
	if (whence == TEE_DATA_SEEK_END)
		from = (intmax_t)object->data_size;
	if (offset > (intmax_t)TEE_DATA_MAX_POSITION - from)
		return TEE_ERROR_OVERFLOW;
	object->position = offset < -from ? 0 : (size_t)(from + offset);
	return TEE_SUCCESS;
}

/* ---- changes made by tests ---- */

void si_storage_reset(void)
{
	standin_storage_let_go();
	pthread_mutex_lock(&mutex);
	unname_all();
	place = STANDIN_FILES;
	pthread_mutex_unlock(&mutex);
}

void standin_storage_place(enum standin_storage_place where)
{
	place = where;
}

bool si_storage_has_rpmb(void)
{
	return place != STANDIN_FILES;
}

static struct si_file *find_by_id(const char *id)
{
	struct name name = { 0 };

	set_name(&name, id, strlen(id));
	return find(&name);
}

bool standin_storage_hold(const char *id, uint32_t flags)
{
	struct name name = { 0 };

	set_name(&name, id, strlen(id));
	pthread_mutex_lock(&mutex);
	if (!held && find(&name))
		held = acquire(&name, flags);
	pthread_mutex_unlock(&mutex);
	return held;
}

void standin_storage_let_go(void)
{
	pthread_mutex_lock(&mutex);
	if (held)
		held->handles--;
	held = NULL;
	pthread_mutex_unlock(&mutex);
}

bool standin_storage_has(const char *id)
{
	struct si_file *file = NULL;

	pthread_mutex_lock(&mutex);
	file = find_by_id(id);
	pthread_mutex_unlock(&mutex);
	return file;
}

bool standin_storage_corrupt(const char *id)
{
	struct si_file *file = NULL;

	pthread_mutex_lock(&mutex);
	file = find_by_id(id);
	if (file)
		file->corrupt = true;
	pthread_mutex_unlock(&mutex);
	return file;
}

bool standin_storage_cut(const char *id, size_t size)
{
	struct si_file *file = NULL;

	pthread_mutex_lock(&mutex);
	file = find_by_id(id);
	if (file && size < file->size)
		file->size = size;
	pthread_mutex_unlock(&mutex);
	return file;
}

bool standin_storage_remove(const char *id)
{
	struct si_file *file = NULL;

	pthread_mutex_lock(&mutex);
	file = find_by_id(id);
	if (file)
		file->named = false;
	pthread_mutex_unlock(&mutex);
	return file;
}

struct standin_storage *standin_storage_save(void)
{
	struct standin_storage *saved = malloc(sizeof(*saved));

	pthread_mutex_lock(&mutex);
	*saved = storage;
	pthread_mutex_unlock(&mutex);
	return saved;
}

static void put_back(const struct si_file *saved)
{
	struct si_file *file = find_free();

	if (!file)
		abort(); /* too many handles for the stand-in */
	*file = *saved;
	file->handles = 0;
}

void standin_storage_restore(const struct standin_storage *saved)
{
	pthread_mutex_lock(&mutex);
	unname_all();
	for (size_t i = 0; i < FILES_MAX; i++) {
		if (saved->files[i].named)
			put_back(&saved->files[i]);
	}
	pthread_mutex_unlock(&mutex);
}

bool standin_storage_restore_one(const struct standin_storage *saved,
				 const char *id)
{
	struct name name = { 0 };
	struct si_file *old = NULL;
	bool found = false;

	set_name(&name, id, strlen(id));
	pthread_mutex_lock(&mutex);
	old = find(&name);
	for (size_t i = 0; i < FILES_MAX && !found; i++) {
		const struct si_file *file = &saved->files[i];

		found = file->named && same(&file->name, &name);
		if (!found)
			continue;
		if (old)
			old->named = false;
		put_back(file);
	}
	pthread_mutex_unlock(&mutex);
	return found;
}
