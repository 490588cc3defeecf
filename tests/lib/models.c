/* SPDX-License-Identifier: Apache-2.0 */
#include "models.h"

#include <stdlib.h>

#include "formula.h"
#include "networks.h"
#include "testkit/client.h"
#include "testkit/sealed_client.h"
#include "testkit/test.h"

const uint8_t models_key[ENC_MNIST_KEY_BYTES] =
	"a key of thirty-two bytes, here";
struct sealed_maker models_owner;
struct model models[MODELS];
uint8_t models_images[MODELS_IMAGES * ENC_MNIST_IMAGE_BYTES];

static void make(struct model *model, uint64_t factor)
{
	model->record = formula_record(factor);
	model->container = ta_seal(models_key, model->record,
				   FORMULA_RECORD_BYTES, &model->container_len);
	model->network = networks_mnist(factor, &model->network_len);
	model->sealed = sealed_make(&models_owner, model->network,
				    model->network_len, &model->sealed_len);
	formula_labels(factor, models_images, MODELS_IMAGES, model->labels);
}

static void make_small(struct model *model, uint64_t factor)
{
	size_t len = 0;
	uint8_t *record = networks_small(factor, &len);

	model->small =
		sealed_make(&models_owner, record, len, &model->small_len);
	networks_labels(record, len, models_images, MODELS_IMAGES,
			model->small_labels);
	free(record);
}

void models_make(void)
{
	sealed_owner(&models_owner);
	for (uint64_t i = 0; i < MODELS_IMAGES; i++)
		formula_image(i, models_images + i * ENC_MNIST_IMAGE_BYTES);
	make(&models[0], 1);
	make(&models[1], 3);
	make_small(&models[0], 1);
	make_small(&models[1], 3);
	assert_memory_not_equal(models[0].labels, models[1].labels,
				MODELS_IMAGES);
	assert_memory_not_equal(models[0].small_labels, models[1].small_labels,
				MODELS_IMAGES);
}

void models_free(void)
{
	for (size_t i = 0; i < MODELS; i++) {
		free(models[i].record);
		free(models[i].network);
		free(models[i].container);
		free(models[i].sealed);
		free(models[i].small);
	}
	sealed_free(&models_owner);
}

uint8_t *models_seal(const struct model *model, const char *id,
		     uint32_t security_version)
{
	struct sealed_maker maker = models_owner;
	size_t len = 0;

	sealed_set_id(&maker, id);
	maker.head.security_version = security_version;
	return sealed_make(&maker, model->network, model->network_len, &len);
}

void models_store_keys(TEEC_Session *session, uint32_t epoch)
{
	assert_int_equal(ta_store_key(session, models_key), TEEC_SUCCESS);
	assert_int_equal(ta_provision_epoch(session, &models_owner, epoch),
			 TEEC_SUCCESS);
}

TEEC_Result models_encrypt(TEEC_Session *session)
{
	uint8_t out[128] = { 0 };
	size_t size = sizeof(out);

	return ta_call(session, ENC_MNIST_CMD_ENCRYPT, models_images, 40, out,
		       &size);
}

TEEC_Result models_decrypt(TEEC_Session *session)
{
	static uint8_t out[4 << 20];
	size_t size = sizeof(out);

	return ta_call(session, ENC_MNIST_CMD_DECRYPT, models[0].container,
		       models[0].container_len, out, &size);
}
