/* SPDX-License-Identifier: Apache-2.0 */
#include "policy.h"

#include <string.h>

#include "network.h"

_Static_assert((uint32_t)BOX_LOGIN_USER == TEE_LOGIN_USER &&
		       (uint32_t)BOX_LOGIN_GROUP == TEE_LOGIN_GROUP &&
		       (uint32_t)BOX_LOGIN_APPLICATION == TEE_LOGIN_APPLICATION,
	       "one numbering");

/* The bytes of a UUID in the order of its text form. */
static void put_uuid(const TEE_UUID *uuid, uint8_t bytes[BOX_CLIENT_BYTES])
{
	const uint32_t low = uuid->timeLow;

	for (size_t i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(low >> (24 - 8 * i));
	bytes[4] = (uint8_t)(uuid->timeMid >> 8);
	bytes[5] = (uint8_t)uuid->timeMid;
	bytes[6] = (uint8_t)(uuid->timeHiAndVersion >> 8);
	bytes[7] = (uint8_t)uuid->timeHiAndVersion;
	memcpy(bytes + 8, uuid->clockSeqAndNode, 8);
}

TEE_Result policy_check_client(const struct box_head *head)
{
	uint8_t client[BOX_CLIENT_BYTES] = { 0 };
	TEE_Identity identity = { 0 };
	TEE_Result res = TEE_SUCCESS;

	if (head->login == BOX_LOGIN_ANY)
		return res;
	res = TEE_GetPropertyAsIdentity(TEE_PROPSET_CURRENT_CLIENT,
					"gpd.client.identity", &identity);
	if (res != TEE_SUCCESS)
		return res;
	put_uuid(&identity.uuid, client);
	if (identity.login != head->login ||
	    memcmp(client, head->client, sizeof(client)))
		return TEE_ERROR_ACCESS_DENIED;
	return TEE_SUCCESS;
}

/* Reserves answers for n samples, and more where there are more. */
static TEE_Result reserve(struct session *s, uint64_t n)
{
	const struct box_head *head = &s->model.network->head;
	struct device device = { 0 };
	struct device_model *model = NULL;
	uint64_t more = 0;
	uint64_t left = 0;
	TEE_Result res = device_open(&device, true);

	if (res != TEE_SUCCESS)
		return res;
	model = device_add_model(&device.state, head->model_id);
	if (model && s->answers.since != model->since) {
		s->answers.reserved = 0;
		s->answers.since = model->since;
	}
	more = n - s->answers.reserved;
	if (model && model->answers < head->life_answers)
		left = head->life_answers - model->answers;
	if (!model) {
		res = device.state.is_listed ? TEE_ERROR_ACCESS_DENIED :
					       TEE_ERROR_STORAGE_NO_SPACE;
	} else if (left < more) {
		res = TEE_ERROR_ACCESS_DENIED;
	} else {
		if (more < POLICY_RESERVE)
			more = left < POLICY_RESERVE ? left : POLICY_RESERVE;
		model->answers += more;
		res = device_write(&device);
	}
	if (res == TEE_SUCCESS)
		s->answers.reserved += more;
	device_close(&device);
	return res;
}

TEE_Result policy_take(struct session *s, size_t n)
{
	const struct box_head *head = &s->model.network->head;
	TEE_Result res = TEE_SUCCESS;

	if (head->load_answers && n > head->load_answers - s->answers.given)
		return TEE_ERROR_ACCESS_DENIED;
	if (head->life_answers && n > s->answers.reserved)
		res = reserve(s, n);
	if (res != TEE_SUCCESS)
		return res;
	s->answers.given += n;
	if (head->life_answers)
		s->answers.reserved -= n;
	return TEE_SUCCESS;
}

/* If this fails, the device has fewer answers left. */
void policy_give_back(struct session *s)
{
	struct device_model *model = NULL;
	struct device device = { 0 };

	if (!s->answers.reserved || device_open(&device, true) != TEE_SUCCESS)
		return;
	model = device_find_model(&device.state,
				  s->model.network->head.model_id);
	if (model && model->since == s->answers.since &&
	    model->answers >= s->answers.reserved) {
		model->answers -= s->answers.reserved;
		device_write(&device);
	}
	s->answers.reserved = 0;
	device_close(&device);
}

TEE_Result policy_commit(struct session *s)
{
	const struct box_head *head = NULL;
	const struct device_key *key = NULL;
	struct device_model *model = NULL;
	struct device device = { 0 };
	TEE_Result res = TEE_ERROR_BAD_STATE;

	if (!s->model.network || !s->answers.has_answered)
		return res;
	head = &s->model.network->head;
	res = device_open(&device, true);
	if (res != TEE_SUCCESS)
		return res;
	res = device_admits(&device.state, head, &key);
	model = device_add_model(&device.state, head->model_id);
	if (res == TEE_SUCCESS && !model)
		res = TEE_ERROR_STORAGE_NO_SPACE;
	if (res == TEE_SUCCESS &&
	    model->security_version < head->security_version) {
		model->security_version = head->security_version;
		res = device_write(&device);
	}
	device_close(&device);
	return res;
}
