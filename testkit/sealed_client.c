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

TEEC_Result ta_provision_epoch(TEEC_Session *session,
			       const struct sealed_maker *maker, uint32_t epoch)
{
	uint8_t envelope[BOX_ENVELOPE_BYTES] = { 0 };
	uint8_t device[BOX_X25519_BYTES] = { 0 };
	TEEC_Result res = ta_device_key(session, device);

	if (res != TEEC_SUCCESS)
		return res;
	sealed_envelope(maker, device, epoch, NULL, envelope);
	return ta_provision(session, envelope);
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

uint32_t ta_seen_version(const struct enc_status *status, const char *id)
{
	for (uint32_t i = 0; i < status->model_count; i++) {
		if (!strcmp(status->models[i].id, id))
			return status->models[i].version;
	}
	return 0;
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
