/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the TA uses of a TA development kit, as the TEE Internal Core API of
 * GlobalPlatform has it: version 1.1 with -DAPI=11, in OP-TEE up to 3.20,
 * and 1.3 with -DAPI=13, in OP-TEE from 3.21 to 4.10.
 */
#ifndef KITS_TEE_INTERNAL_API_H
#define KITS_TEE_INTERNAL_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if API < 13
typedef uint32_t tee_length;
#else
typedef size_t tee_length;
#define TEE_ERROR_UNSUPPORTED_VERSION 0xF0100005
#endif

#define __unused __attribute__((unused))

#define TEE_SUCCESS		    0x00000000
#define TEE_ERROR_CORRUPT_OBJECT    0xF0100001
#define TEE_ERROR_GENERIC	    0xFFFF0000
#define TEE_ERROR_ACCESS_DENIED	    0xFFFF0001
#define TEE_ERROR_ACCESS_CONFLICT   0xFFFF0003
#define TEE_ERROR_EXCESS_DATA	    0xFFFF0004
#define TEE_ERROR_BAD_FORMAT	    0xFFFF0005
#define TEE_ERROR_BAD_PARAMETERS    0xFFFF0006
#define TEE_ERROR_BAD_STATE	    0xFFFF0007
#define TEE_ERROR_ITEM_NOT_FOUND    0xFFFF0008
#define TEE_ERROR_NOT_SUPPORTED	    0xFFFF000A
#define TEE_ERROR_OUT_OF_MEMORY	    0xFFFF000C
#define TEE_ERROR_SECURITY	    0xFFFF000F
#define TEE_ERROR_SHORT_BUFFER	    0xFFFF0010
#define TEE_ERROR_OVERFLOW	    0xFFFF300F
#define TEE_ERROR_STORAGE_NO_SPACE  0xFFFF3041
#define TEE_ERROR_MAC_INVALID	    0xFFFF3071
#define TEE_ERROR_SIGNATURE_INVALID 0xFFFF3072

#define TEE_ALG_AES_CBC_NOPAD	      0x10000110
#define TEE_ALG_AES_GCM		      0x40000810
#define TEE_ALG_ED25519		      0x70006043
#define TEE_ALG_HMAC_SHA256	      0x30000004
#define TEE_ALG_SHA256		      0x50000004
#define TEE_ALG_X25519		      0x80000044
#define TEE_ATTR_ED25519_PUBLIC_VALUE 0xD0000743
#define TEE_ATTR_SECRET_VALUE	      0xC0000000
#define TEE_ATTR_X25519_PUBLIC_VALUE  0xD0000944
#define TEE_TYPE_AES		      0xA0000010
#define TEE_TYPE_ED25519_PUBLIC_KEY   0xA0000043
#define TEE_TYPE_GENERIC_SECRET	      0xA0000000
#define TEE_TYPE_HMAC_SHA256	      0xA0000004
#define TEE_TYPE_X25519_KEYPAIR	      0xA1000044
#define TEE_USAGE_DERIVE	      0x00000040

#define TEE_DATA_FLAG_ACCESS_READ	0x00000001
#define TEE_DATA_FLAG_ACCESS_WRITE	0x00000002
#define TEE_DATA_FLAG_ACCESS_WRITE_META 0x00000004
#define TEE_DATA_FLAG_SHARE_READ	0x00000010
#define TEE_DATA_FLAG_OVERWRITE		0x00000400
#define TEE_STORAGE_PRIVATE		0x00000001

#define TEE_HANDLE_NULL		       0
#define TEE_LOGIN_USER		       0x00000001
#define TEE_LOGIN_GROUP		       0x00000002
#define TEE_LOGIN_APPLICATION	       0x00000004
#define TEE_NUM_PARAMS		       4
#define TEE_PARAM_TYPE_NONE	       0
#define TEE_PARAM_TYPE_VALUE_INPUT     1
#define TEE_PARAM_TYPE_MEMREF_INPUT    5
#define TEE_PARAM_TYPE_MEMREF_OUTPUT   6
#define TEE_PARAM_TYPES(a, b, c, d)    ((a) | (b) << 4 | (c) << 8 | (d) << 12)
#define TEE_PROPSET_CURRENT_TA	       ((TEE_PropSetHandle)0xFFFFFFFF)
#define TEE_PROPSET_CURRENT_CLIENT     ((TEE_PropSetHandle)0xFFFFFFFE)
#define TEE_PROPSET_TEE_IMPLEMENTATION ((TEE_PropSetHandle)0xFFFFFFFD)
#define TEE_TIMEOUT_INFINITE	       0xFFFFFFFF

enum {
	TEE_MODE_ENCRYPT,
	TEE_MODE_DECRYPT,
	TEE_MODE_VERIFY = 3,
	TEE_MODE_MAC,
	TEE_MODE_DIGEST,
	TEE_MODE_DERIVE
};
typedef enum {
	TEE_DATA_SEEK_SET
} TEE_Whence;

typedef uint32_t TEE_Result;
typedef uint32_t TEE_ObjectType;
typedef struct tee_object *TEE_ObjectHandle;
typedef struct tee_operation *TEE_OperationHandle;
typedef struct tee_propset *TEE_PropSetHandle;
typedef struct tee_session *TEE_TASessionHandle;

typedef struct {
	uint32_t timeLow;
	uint16_t timeMid;
	uint16_t timeHiAndVersion;
	uint8_t clockSeqAndNode[8];
} TEE_UUID;

typedef struct {
	uint32_t login;
	TEE_UUID uuid;
} TEE_Identity;

typedef union {
	struct {
		void *buffer;
		tee_length size;
	} memref;
	struct {
		uint32_t a;
		uint32_t b;
	} value;
} TEE_Param;

typedef struct {
	uint32_t attributeID;
	union {
		struct {
			void *buffer;
			tee_length length;
		} ref;
		struct {
			uint32_t a;
			uint32_t b;
		} value;
	} content;
} TEE_Attribute;

typedef struct {
	uint32_t objectType;
	uint32_t objectSize;
	uint32_t maxObjectSize;
	uint32_t objectUsage;
	tee_length dataSize;
	tee_length dataPosition;
	uint32_t handleFlags;
} TEE_ObjectInfo;

/* Of the TA */
TEE_Result TA_CreateEntryPoint(void);
void TA_DestroyEntryPoint(void);
TEE_Result TA_OpenSessionEntryPoint(uint32_t types, TEE_Param params[4],
				    void **session);
void TA_CloseSessionEntryPoint(void *session);
TEE_Result TA_InvokeCommandEntryPoint(void *session, uint32_t command,
				      uint32_t types, TEE_Param params[4]);

/* Memory, time, properties, other TAs */
void *TEE_Malloc(tee_length size, uint32_t hint);
void TEE_Free(void *buffer);
int32_t TEE_MemCompare(const void *a, const void *b, tee_length size);
TEE_Result TEE_Wait(uint32_t timeout);
TEE_Result TEE_GetPropertyAsIdentity(TEE_PropSetHandle set, const char *name,
				     TEE_Identity *value);
TEE_Result TEE_GetPropertyAsU32(TEE_PropSetHandle set, const char *name,
				uint32_t *value);
TEE_Result TEE_GetPropertyAsUUID(TEE_PropSetHandle set, const char *name,
				 TEE_UUID *value);
TEE_Result TEE_OpenTASession(const TEE_UUID *destination, uint32_t timeout,
			     uint32_t types, TEE_Param params[TEE_NUM_PARAMS],
			     TEE_TASessionHandle *session, uint32_t *origin);
void TEE_CloseTASession(TEE_TASessionHandle session);
TEE_Result TEE_InvokeTACommand(TEE_TASessionHandle session, uint32_t timeout,
			       uint32_t command, uint32_t types,
			       TEE_Param params[TEE_NUM_PARAMS],
			       uint32_t *origin);

/* Objects */
TEE_Result TEE_AllocateTransientObject(TEE_ObjectType type, uint32_t max_size,
				       TEE_ObjectHandle *object);
void TEE_FreeTransientObject(TEE_ObjectHandle object);
TEE_Result TEE_PopulateTransientObject(TEE_ObjectHandle object,
				       const TEE_Attribute *attributes,
				       uint32_t count);
void TEE_InitRefAttribute(TEE_Attribute *attribute, uint32_t id,
			  const void *buffer, tee_length length);
void TEE_InitValueAttribute(TEE_Attribute *attribute, uint32_t id, uint32_t a,
			    uint32_t b);
TEE_Result TEE_GetObjectBufferAttribute(TEE_ObjectHandle object, uint32_t id,
					void *buffer, tee_length *size);
TEE_Result TEE_GetObjectInfo1(TEE_ObjectHandle object, TEE_ObjectInfo *info);
TEE_Result TEE_RestrictObjectUsage1(TEE_ObjectHandle object, uint32_t usage);
TEE_Result TEE_GenerateKey(TEE_ObjectHandle object, uint32_t size,
			   const TEE_Attribute *attributes, uint32_t count);
TEE_Result TEE_OpenPersistentObject(uint32_t storage, const void *id,
				    tee_length id_length, uint32_t flags,
				    TEE_ObjectHandle *object);
TEE_Result TEE_CreatePersistentObject(uint32_t storage, const void *id,
				      tee_length id_length, uint32_t flags,
				      TEE_ObjectHandle attributes,
				      const void *data, tee_length length,
				      TEE_ObjectHandle *object);
void TEE_CloseObject(TEE_ObjectHandle object);
TEE_Result TEE_CloseAndDeletePersistentObject1(TEE_ObjectHandle object);
TEE_Result TEE_ReadObjectData(TEE_ObjectHandle object, void *buffer,
			      tee_length size, tee_length *count);
TEE_Result TEE_WriteObjectData(TEE_ObjectHandle object, const void *buffer,
			       tee_length size);
#if API < 13
TEE_Result TEE_SeekObjectData(TEE_ObjectHandle object, int32_t offset,
			      TEE_Whence whence);
#else
TEE_Result TEE_SeekObjectData(TEE_ObjectHandle object, intmax_t offset,
			      TEE_Whence whence);
#endif

/* Operations */
TEE_Result TEE_AllocateOperation(TEE_OperationHandle *operation,
				 uint32_t algorithm, uint32_t mode,
				 uint32_t max_key_size);
void TEE_FreeOperation(TEE_OperationHandle operation);
TEE_Result TEE_SetOperationKey(TEE_OperationHandle operation,
			       TEE_ObjectHandle key);
TEE_Result TEE_AEInit(TEE_OperationHandle operation, const void *nonce,
		      tee_length nonce_length, uint32_t tag_bits,
		      tee_length aad_length, tee_length length);
TEE_Result TEE_AEUpdate(TEE_OperationHandle operation, const void *from,
			tee_length from_length, void *to,
			tee_length *to_length);
TEE_Result TEE_AEDecryptFinal(TEE_OperationHandle operation, const void *from,
			      tee_length from_length, void *to,
			      tee_length *to_length, void *tag,
			      tee_length tag_length);
TEE_Result TEE_AsymmetricVerifyDigest(TEE_OperationHandle operation,
				      const TEE_Attribute *attributes,
				      uint32_t count, const void *digest,
				      tee_length digest_length,
				      const void *signature,
				      tee_length signature_length);
void TEE_CipherInit(TEE_OperationHandle operation, const void *iv,
		    tee_length iv_length);
TEE_Result TEE_CipherUpdate(TEE_OperationHandle operation, const void *from,
			    tee_length from_length, void *to,
			    tee_length *to_length);
void TEE_DeriveKey(TEE_OperationHandle operation,
		   const TEE_Attribute *attributes, uint32_t count,
		   TEE_ObjectHandle key);
void TEE_DigestUpdate(TEE_OperationHandle operation, const void *data,
		      tee_length length);
TEE_Result TEE_DigestDoFinal(TEE_OperationHandle operation, const void *data,
			     tee_length length, void *digest,
			     tee_length *digest_length);
void TEE_MACInit(TEE_OperationHandle operation, const void *iv,
		 tee_length iv_length);
void TEE_MACUpdate(TEE_OperationHandle operation, const void *data,
		   tee_length length);
TEE_Result TEE_MACComputeFinal(TEE_OperationHandle operation, const void *data,
			       tee_length length, void *mac,
			       tee_length *mac_length);
void TEE_GenerateRandom(void *buffer, tee_length length);

#endif
