/* SPDX-License-Identifier: Apache-2.0 */
/* Objects: private to the stand-in. */
#ifndef OBJECT_H
#define OBJECT_H

#include "instance.h"

#define SI_ATTRIBUTES_MAX 2
#define SI_VALUE_MAX	  512 /* bytes */

struct si_value {
	bool set;
	size_t size;
	uint8_t bytes[SI_VALUE_MAX];
};

/* The contents of an object besides its data. */
struct si_key {
	TEE_ObjectType type; /* TEE_TYPE_DATA: nothing */
	uint32_t max_bits;
	uint32_t bits;
	struct si_value value[SI_ATTRIBUTES_MAX]; /* in the order of its type */
};

/*
 * The limits of a type, in bits, and its attributes, each with room for `most`.
 * If `most` equals `least`, the attributes have exactly that size, and the
 * object has no size of its own.
 */
struct si_type {
	TEE_ObjectType type;
	uint32_t quantum;
	uint32_t least;
	uint32_t most;
	uint32_t attributes[SI_ATTRIBUTES_MAX]; /* 0: none */
};

struct __TEE_ObjectHandle {
	TEE_ObjectHandle next;
	bool closed;	/* by OP-TEE: the TA must not use it any more */
	uint32_t flags; /* TEE_HANDLE_FLAG_*, TEE_DATA_FLAG_* */
	uint32_t usage; /* while it is transient */
	struct si_key key;
	struct si_file *file; /* if it is persistent */
	struct si_lock *lock;
	size_t data_size;
	size_t position;
};

/* Panics where OP-TEE does not find such a handle. */
void si_check_object(TEE_ObjectHandle object);

bool si_is_persistent(TEE_ObjectHandle object);
bool si_is_initialized(TEE_ObjectHandle object);

/* A new handle of the instance. */
TEE_ObjectHandle si_object_new(uint32_t flags);

/* The permitted uses of the key: TEE_USAGE_*. */
uint32_t si_object_usage(TEE_ObjectHandle object);

/* NULL: there is no such type. */
const struct si_type *si_type_find(TEE_ObjectType type);

/* Whether the type allows a key of that many bits. */
bool si_type_has_size(const struct si_type *type, uint32_t bits);

/* NULL: the type has no such attribute. */
struct si_value *si_key_value(struct si_key *key, uint32_t attribute);

/* ---- persistent objects: storage.c ---- */

void si_storage_reset(void);

bool si_storage_has_rpmb(void);

/* Called once for each object that is closed. */
void si_storage_close(TEE_ObjectHandle object);

uint32_t si_storage_usage(TEE_ObjectHandle object);
void si_storage_restrict(TEE_ObjectHandle object, uint32_t usage);

#endif
