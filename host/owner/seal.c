/* SPDX-License-Identifier: Apache-2.0 */
#include "seal.h"

#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box/stream.h"
#include "crypto.h"
#include "host/base/file.h"
#include "host/base/hex.h"
#include "record/net.h"
#include "stream_seal.h"

#define PROGRESS_BYTES	  (1u << 20)
#define LABEL_CLASSES_MAX 4096u /* that make a network a classifier */

/* A network being sealed. */
struct job {
	const struct enc_sealed *sealed;
	const uint8_t *record;
	uint64_t len;
	uint64_t done;
	struct enc_out_file out;
};

bool enc_model_id(const char *text, uint8_t id[BOX_MODEL_ID_BYTES])
{
	const size_t len = strlen(text);

	memset(id, 0, BOX_MODEL_ID_BYTES);
	if (!len || len > BOX_MODEL_ID_BYTES ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-") < len)
		return false;
	memcpy(id, text, len);
	return true;
}

/* --- clients --- */

/* Linux: tee_client_uuid_ns in drivers/tee/tee_core.c. */
static const uint8_t client_namespace[BOX_CLIENT_BYTES] = {
	0x58, 0xac, 0x9c, 0xa0, 0x20, 0x86, 0x46, 0x83,
	0xa1, 0xb8, 0xec, 0x4b, 0xc0, 0x8e, 0x01, 0xb6
};

static bool name_based(const char *name, uint8_t uuid[BOX_CLIENT_BYTES])
{
	uint8_t input[BOX_CLIENT_BYTES + 32] = { 0 };
	uint8_t digest[EVP_MAX_MD_SIZE] = { 0 };
	const size_t len = strlen(name);

	memcpy(input, client_namespace, BOX_CLIENT_BYTES);
	memcpy(input + BOX_CLIENT_BYTES, name, len);
	if (EVP_Digest(input, BOX_CLIENT_BYTES + len, digest, NULL, EVP_sha1(),
		       NULL) != 1)
		return false;
	memcpy(uuid, digest, BOX_CLIENT_BYTES);
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x50);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	return true;
}

bool enc_client_id(enum box_login login, const char *text,
		   uint8_t client[BOX_CLIENT_BYTES])
{
	char name[32] = "";
	char *end = NULL;
	unsigned long long number = 0;

	if (login == BOX_LOGIN_APPLICATION)
		return enc_uuid_read(text, client);
	number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || number >= UINT32_MAX)
		return false;
	snprintf(name, sizeof(name), "%s=%llx",
		 login == BOX_LOGIN_USER ? "uid" : "gid", number);
	return name_based(name, client);
}

bool enc_login_read(const char *text, enum box_login *login,
		    uint8_t client[BOX_CLIENT_BYTES])
{
	static const char *const names[] = {
		[BOX_LOGIN_USER] = "user:",
		[BOX_LOGIN_GROUP] = "group:",
		[BOX_LOGIN_APPLICATION] = "application:",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!names[i] || strncmp(text, names[i], strlen(names[i])) != 0)
			continue;
		*login = (enum box_login)i;
		return enc_client_id(*login, text + strlen(names[i]), client);
	}
	return false;
}

/* --- what the head says of a network --- */

static void describe_port(const struct nn_tensor *t, struct box_port *port)
{
	port->type = t->type;
	port->rank = t->rank;
	port->zero = (int32_t)t->zero;
	memcpy(&port->scale, &t->scale, sizeof(port->scale));
	memcpy(port->dims, t->dims, sizeof(port->dims));
}

/* Whether the values of the only output look like those of classes. */
static bool is_classifier(const struct box_head *head)
{
	const struct box_port *out = &head->output[0];
	const uint32_t classes = box_port_elements(out);
	uint64_t inputs = 0;
	uint32_t longest = 0;

	for (uint32_t i = 0; i < head->inputs; i++)
		inputs += box_port_elements(&head->input[i]);
	for (size_t d = 0; d < BOX_RANK_MAX; d++)
		longest = out->dims[d] > longest ? out->dims[d] : longest;
	return head->outputs == 1 && out->type != BOX_INT32 &&
	       classes == longest && classes >= BOX_CLASSES_MIN &&
	       classes <= LABEL_CLASSES_MAX && classes < inputs;
}

bool enc_head_describe(const struct nn_net *net, struct box_head *head)
{
	const uint32_t tensors = (uint32_t)net->head->inputs + net->head->nodes;

	head->number_type = BOX_F32;
	head->batch = net->head->batch;
	head->length = record_net_size(net->head);
	head->params = net->head->params;
	head->macs = net->head->macs;
	head->arena = net->head->arena;
	for (uint32_t t = 0; t < tensors; t++) {
		const struct nn_tensor *tensor = &net->tensors[t];

		if (t < net->head->inputs)
			describe_port(tensor, &head->input[head->inputs++]);
		else if (tensor->type == NN_INT8)
			head->number_type = BOX_INT8;
		if (tensor->is_output && head->outputs == BOX_PORTS_MAX)
			return false;
		if (tensor->is_output)
			describe_port(tensor, &head->output[head->outputs++]);
	}
	head->policy = is_classifier(head) ? BOX_LABEL : BOX_RAW;
	return true;
}

/* --- the record --- */

static void *allocate(size_t size)
{
	const size_t rounded = (size + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
	void *memory = aligned_alloc(NN_ALIGN, rounded);

	return memory ? memset(memory, 0, rounded) : NULL;
}

static bool refuse_record(const struct record_net *r, struct enc_error *e)
{
	return enc_fail(e, ENC_ERR_FORMAT,
			"not a network that the engine accepts: error %d (%d) "
			"at byte %" PRIu64,
			(int)r->error, (int)r->why, r->offset);
}

/* Reads a record as the TA does. */
static bool read_record(struct record_net *r, const uint8_t *record, size_t len,
			struct enc_error *e)
{
	record_net_begin(r);
	while (len && r->error == RECORD_NET_OK) {
		size_t n = record_net_push(r, record, len);
		void *memory = r->need ? allocate(r->need) : NULL;

		record += n;
		len -= n;
		if (r->need && !memory)
			return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		if (r->need)
			record_net_give(r, memory);
	}
	return record_net_end(r) == RECORD_NET_OK || refuse_record(r, e);
}

static void free_record(struct record_net *r)
{
	if (r->params)
		explicit_bzero(r->params, (size_t)r->head.params);
	free(r->params);
	free(r->tables);
}

/* --- the head --- */

static bool set_names(const struct enc_sealed *sealed, struct box_head *head,
		      struct enc_error *e)
{
	if (sealed->names_len > BOX_NAMES_MAX)
		return enc_fail(e, ENC_ERR_LIMIT,
				"%zu bytes of class names; at most %u are "
				"possible",
				sealed->names_len, BOX_NAMES_MAX);
	head->names = (uint32_t)sealed->names_len;
	return !head->names ||
	       EVP_Digest(sealed->names, sealed->names_len, head->names_digest,
			  NULL, EVP_sha256(), NULL) == 1 ||
	       enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not hash");
}

static bool set_owner(const struct enc_sealed *sealed, struct box_head *head,
		      struct enc_error *e)
{
	head->model_version = sealed->model_version;
	head->security_version = sealed->security_version;
	head->load_answers = sealed->load_answers;
	head->life_answers = sealed->life_answers;
	head->login = sealed->login;
	memcpy(head->client, sealed->client, BOX_CLIENT_BYTES);
	memcpy(head->model_id, sealed->model_id, BOX_MODEL_ID_BYTES);
	memcpy(head->owner, sealed->owner->owner.key, BOX_OWNER_BYTES);
	return enc_key_id(sealed->key, head->key_id) ||
	       enc_fail(e, ENC_ERR_CRYPTO, "OpenSSL could not derive a key id");
}

/* A head is what its reader accepts. */
static bool check_head(const struct box_head *head, struct enc_error *e)
{
	uint8_t bytes[BOX_HEAD_BYTES] = { 0 };
	struct box_head back = { 0 };

	if (head->macs > BOX_MACS_MAX)
		return enc_fail(e, ENC_ERR_LIMIT,
				"%" PRIu64 " multiply-accumulates; at most "
				"%" PRIu64 " are possible",
				head->macs, BOX_MACS_MAX);
	box_head_write(head, bytes);
	if (box_head_read(bytes, &back) == BOX_OK)
		return true;
	enc_fail(e, ENC_ERR_UNSUPPORTED,
		 "the network cannot give this: labels need one output of 2 to "
		 "%u values, and no fewer values than labels; scores 1 to %u "
		 "bits of numbers",
		 BOX_CLASSES_MAX, BOX_SCORE_BITS_MAX);
	return enc_hint(e, "ask for fewer labels, or let it give its raw "
			   "outputs");
}

static bool fill_head(const struct job *job, const struct nn_net *net,
		      struct box_head *head, struct enc_error *e)
{
	const struct enc_sealed *sealed = job->sealed;

	memset(head, 0, sizeof(*head));
	if (!enc_head_describe(net, head))
		return enc_fail(e, ENC_ERR_LIMIT,
				"the network has more than %d outputs",
				BOX_PORTS_MAX);
	if (sealed->policy) {
		head->policy = sealed->policy;
		head->amount = sealed->amount;
	}
	return set_names(sealed, head, e) && set_owner(sealed, head, e) &&
	       check_head(head, e);
}

/* --- the file --- */

static bool source(void *ctx, uint8_t *data, size_t n, struct enc_error *e)
{
	struct job *job = ctx;

	(void)e;
	memcpy(data, job->record + job->done, n);
	if (job->sealed->progress && job->done % PROGRESS_BYTES < n)
		job->sealed->progress(job->sealed->context, job->done,
				      job->len);
	job->done += n;
	return true;
}

/* enc_out_commit() notices failed writes. */
static bool sink(void *ctx, const uint8_t *data, size_t n, struct enc_error *e)
{
	struct job *job = ctx;

	(void)e;
	fwrite(data, 1, n, job->out.stream);
	return true;
}

static bool seek(struct job *job, off_t at, struct enc_error *e)
{
	return !fseeko(job->out.stream, at, SEEK_SET) ||
	       enc_fail(e, ENC_ERR_IO, "%s: cannot write: %s", job->out.path,
			strerror(errno));
}

/*
 * The head is first in the file, but complete last. It is serialised to bind
 * the stream to it, again with the digest, to be signed, and with the
 * signature.
 */
static bool write_model(struct job *job, struct box_head *head,
			struct enc_error *e)
{
	uint8_t bytes[BOX_HEAD_BYTES] = { 0 };
	const struct enc_stream_seal seal = {
		.key = job->sealed->key,
		.bound = bytes,
		.len = job->len,
		.ctx = job,
		.source = source,
		.sink = sink,
	};

	box_head_write(head, bytes);
	if (!seek(job, BOX_HEAD_BYTES, e))
		return false;
	if (head->names)
		fwrite(job->sealed->names, 1, head->names, job->out.stream);
	if (!enc_stream_seal(&seal, head->digest, e))
		return false;
	box_head_write(head, bytes);
	if (!enc_signer_sign(job->sealed->owner, bytes, BOX_HEAD_SIGNED_BYTES,
			     head->signature, e))
		return false;
	box_head_write(head, bytes);
	if (!seek(job, 0, e))
		return false;
	fwrite(bytes, 1, sizeof(bytes), job->out.stream);
	return true;
}

bool enc_seal_network(const struct enc_sealed *sealed, const uint8_t *record,
		      size_t len, const char *output, struct box_head *head,
		      struct enc_error *e)
{
	struct job job = { .sealed = sealed, .record = record, .len = len };
	struct record_net r = { 0 };
	bool ok = read_record(&r, record, len, e) &&
		  fill_head(&job, &r.net, head, e) &&
		  enc_out_open(&job.out, output, 0644, e) &&
		  write_model(&job, head, e) && enc_out_commit(&job.out, e);

	enc_out_abort(&job.out);
	free_record(&r);
	return ok;
}
