/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed_client.h"

#include <string.h>

#include "test.h"

TEEC_Result ta_device_key(TEEC_Session *session, uint8_t key[BOX_X25519_BYTES])
{
	size_t size = BOX_X25519_BYTES;
	TEEC_Result res = ta_ask(session, ENC_MNIST_CMD_DEVICE_KEY, key, &size);

	if (res == TEEC_SUCCESS)
		assert_int_equal(size, BOX_X25519_BYTES);
	return res;
}

TEEC_Result ta_provision(TEEC_Session *session,
			 const uint8_t envelope[BOX_ENVELOPE_BYTES])
{
	return ta_send(session, ENC_MNIST_CMD_PROVISION, envelope,
		       BOX_ENVELOPE_BYTES);
}

TEEC_Result ta_provision_as(TEEC_Session *session,
			    const struct sealed_maker *maker, uint32_t epoch,
			    const struct box_envelope *template)
{
	struct box_envelope claim = *template;
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	TEEC_Result res = ta_device_key(session, claim.device);

	if (res != TEEC_SUCCESS)
		return res;
	sealed_envelope(maker, claim.device, epoch, &claim, envelope);
	return ta_provision(session, envelope);
}

TEEC_Result ta_provision_epoch(TEEC_Session *session,
			       const struct sealed_maker *maker, uint32_t epoch)
{
	struct box_envelope claim = sealed_claim(maker);

	claim.retired = epoch - 1;
	return ta_provision_as(session, maker, epoch, &claim);
}

TEEC_Result ta_commit(TEEC_Session *session)
{
	return ta_send(session, ENC_MNIST_CMD_COMMIT, NULL, 0);
}

TEEC_Result ta_status(TEEC_Session *session, struct enc_status *status)
{
	uint8_t bytes[ENC_MNIST_STATUS_BYTES] = { 0 };
	size_t size = sizeof(bytes);
	struct enc_error e = { 0 };
	TEEC_Result res = ta_ask(session, ENC_MNIST_CMD_STATUS, bytes, &size);

	memset(status, 0, sizeof(*status));
	if (res != TEEC_SUCCESS)
		return res;
	assert_int_equal(size, sizeof(bytes));
	assert_true(enc_status_read(bytes, status, &e));
	return res;
}

const struct enc_status_model *ta_find_model(const struct enc_status *status,
					     const char *id)
{
	static const struct enc_status_model none;

	for (uint32_t i = 0; i < status->model_count; i++) {
		if (!strcmp(status->models[i].id, id))
			return &status->models[i];
	}
	return &none;
}

uint32_t ta_lowest_version(TEEC_Session *session, const char *id)
{
	struct enc_status status = { 0 };

	assert_int_equal(ta_status(session, &status), TEEC_SUCCESS);
	return ta_find_model(&status, id)->security_version;
}

bool ta_has_key(const struct enc_status *status,
		const uint8_t id[BOX_KEY_ID_BYTES])
{
	for (uint32_t i = 0; i < status->key_count; i++) {
		if (!memcmp(status->keys[i].id, id, BOX_KEY_ID_BYTES))
			return true;
	}
	return false;
}

size_t sealed_chunks(size_t len)
{
	return (len - BOX_HEAD_BYTES + BOX_HEAD_CHUNK_BYTES - 1) /
	       BOX_HEAD_CHUNK_BYTES;
}

size_t sealed_chunk_at(size_t chunk)
{
	return BOX_HEAD_BYTES + chunk * BOX_HEAD_CHUNK_BYTES;
}

size_t sealed_chunk_size(size_t len, size_t chunk)
{
	const size_t left = len - sealed_chunk_at(chunk);

	return left < BOX_HEAD_CHUNK_BYTES ? left : BOX_HEAD_CHUNK_BYTES;
}
