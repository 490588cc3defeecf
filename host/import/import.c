/* SPDX-License-Identifier: Apache-2.0 */
#include "import.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/base/file.h"
#include "plan.h"
#include "record/net.h"
#include "tflite.h"
#include "write.h"

#define PIPE_MAX ((size_t)1 << 31) /* bytes of what cannot be mapped */

/* --- kinds --- */

/* A file by what it begins with. */
struct mark {
	const char *magic;
	size_t len;
	size_t at;
	enum import_kind kind;
	const char *what;
	const char *hint; /* of IMPORT_OTHER */
};

#define TO_ONNX "export the model to ONNX or TensorFlow Lite"
#define UNPACK	"unpack it first"

static const struct mark marks[] = {
	{ NN_MAGIC, 8, 0, IMPORT_RECORD, "a record of a network", NULL },
	{ "TFL3", 4, 4, IMPORT_TFLITE, "TensorFlow Lite", NULL },
	/* field 1, a version, then field 2 or a later one */
	{ "\x08", 1, 0, IMPORT_ONNX, "ONNX", NULL },
	{ "\x03"
	  "f32\x03i32",
	  8, 0, IMPORT_BURN, "a Burn record", NULL },
	{ "ENCMODEL", 8, 0, IMPORT_OTHER, "a sealed model",
	  "give the network from before sealing" },
	{ "\x1f\x8b", 2, 0, IMPORT_OTHER, "a gzip file", UNPACK },
	{ "PK\x03\x04", 4, 0, IMPORT_OTHER,
	  "a zip file, perhaps of PyTorch or Keras", TO_ONNX },
	{ "\x80\x02", 2, 0, IMPORT_OTHER, "a pickle, perhaps of PyTorch",
	  TO_ONNX },
	{ "\x89HDF", 4, 0, IMPORT_OTHER, "an HDF5 file, perhaps of Keras",
	  TO_ONNX },
	{ "\0\0\0\0{", 5, 4, IMPORT_OTHER, "a safetensors file", TO_ONNX },
	{ "NRUB", 4, 0, IMPORT_OTHER, "a burnpack file",
	  "save the model with BinFileRecorder of Burn 0.14 to 0.21" },
	{ "\x83\xa8metadata", 10, 0, IMPORT_OTHER,
	  "a named MessagePack record of Burn",
	  "save the model with BinFileRecorder and FullPrecisionSettings" },
};

static const struct mark *find_mark(const uint8_t *file, size_t len)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		const struct mark *m = &marks[i];

		if (len >= m->at + m->len &&
		    !memcmp(file + m->at, m->magic, m->len) &&
		    (m->kind != IMPORT_ONNX || (len > 1 && file[1] < 32)))
			return m;
	}
	return NULL;
}

enum import_kind import_kind(const uint8_t *file, size_t len)
{
	const struct mark *m = find_mark(file, len);

	return m ? m->kind : IMPORT_OTHER;
}

const char *import_kind_name(enum import_kind kind)
{
	const struct mark *m = marks;

	while (m->kind != kind)
		m++;
	return m->what;
}

static bool refuse_other(const uint8_t *file, size_t len, struct enc_error *e)
{
	const struct mark *m = find_mark(file, len);

	enc_fail(e, ENC_ERR_FORMAT, "%s%s%s",
		 len ? "not a network" : "the file is empty", m ? " but " : "",
		 m ? m->what : "");
	return enc_hint(e, "%s",
			m ? m->hint :
			    "TensorFlow Lite (.tflite), ONNX (.onnx), Burn's "
			    "records and those of `enc_mnist import` are read");
}

/* --- records --- */

static const char *why_refused(const struct record_net *r)
{
	static const char *const why[] = {
		[NN_ERROR_HEAD] = "its head has another version, or a number "
				  "out of range",
		[NN_ERROR_TENSOR] = "a tensor's type, shape or scale is not "
				    "allowed",
		[NN_ERROR_OUTPUT] = "nothing reads this tensor, or there is no "
				    "output",
		[NN_ERROR_NODE] = "the engine has no such operator",
		[NN_ERROR_ARENA] = "a tensor lies outside of the arena",
		[NN_ERROR_OVERLAP] = "tensors in use at once share memory",
		[NN_ERROR_PARAMS] = "it has other parameters than its head "
				    "says",
		[NN_ERROR_MACS] = "it is other work than its head says, or too "
				  "much",
		[NN_ERROR_VALUE] = "a parameter is infinite, not a number, or "
				   "out of range",
	};

	if (r->error == RECORD_NET_SHORT)
		return "it ends too early";
	if (r->error == RECORD_NET_TRAILING)
		return "it goes on after its end";
	return why[r->why];
}

static bool refuse_record(const struct record_net *r, struct enc_error *e)
{
	char at[64] = "";

	if (r->why == NN_ERROR_NODE || r->why == NN_ERROR_VALUE)
		snprintf(at, sizeof(at), "node %" PRIu32 ": ", r->at);
	else if (r->why >= NN_ERROR_TENSOR && r->why <= NN_ERROR_OVERLAP)
		snprintf(at, sizeof(at), "tensor %" PRIu32 ": ", r->at);
	enc_fail(e, ENC_ERR_FORMAT, "a damaged record: byte %" PRIu64 ": %s%s",
		 r->offset, at, why_refused(r));
	return enc_hint(e, "make it again with `enc_mnist import`");
}

/* Memory that the reader asks for; never more than the file can fill. */
static void *record_memory(const struct record_net *r, size_t len,
			   struct enc_error *e)
{
	size_t room = (r->need + NN_ALIGN - 1) / NN_ALIGN * NN_ALIGN;
	void *memory = NULL;

	if (r->need > len + NN_SLACK) {
		enc_fail(e, ENC_ERR_FORMAT,
			 "a damaged record: it ends too early, after %zu of "
			 "%" PRIu64 " bytes",
			 len, record_net_size(&r->head));
		return NULL;
	}
	memory = aligned_alloc(NN_ALIGN, room);
	if (memory)
		memset(memory, 0, room);
	else
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	return memory;
}

static bool push_record(struct record_net *r, const uint8_t *file, size_t len,
			struct enc_error *e)
{
	record_net_begin(r);
	for (size_t at = 0; at < len && r->error == RECORD_NET_OK;) {
		at += record_net_push(r, file + at, len - at);
		if (r->need) {
			void *memory = record_memory(r, len, e);

			if (!memory)
				return false;
			record_net_give(r, memory);
		}
	}
	return record_net_end(r) == RECORD_NET_OK || refuse_record(r, e);
}

/* Copies the tables; the parameters become those of *to. */
static bool take_record(struct record_net *r, struct lowered *to,
			struct enc_error *e)
{
	const size_t tensors = (size_t)r->head.inputs + r->head.nodes;
	struct nn_tensor *planned = calloc(tensors, sizeof(*planned));
	struct nn_head head = r->head;
	bool ok = false;

	to->head = r->head;
	to->net = (struct nn_net){ &to->head, to->tensors, to->nodes };
	memcpy(to->tensors, r->net.tensors, tensors * sizeof(*to->tensors));
	memcpy(to->nodes, r->net.nodes, r->head.nodes * sizeof(*to->nodes));
	to->params = r->params;
	r->params = NULL;
	if (!planned)
		return enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	memcpy(planned, to->tensors, tensors * sizeof(*planned));
	ok = plan_arena(&head, planned, to->nodes, &to->arena_bound, e);
	free(planned);
	return ok;
}

static struct lowered *import_record(const uint8_t *file, size_t len,
				     struct enc_error *e)
{
	struct lowered *net = calloc(1, sizeof(*net));
	struct record_net r = { 0 };
	bool ok = false;

	if (!net) {
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
		return NULL;
	}
	ok = push_record(&r, file, len, e) && take_record(&r, net, e);
	free(r.tables);
	if (r.params)
		explicit_bzero(r.params, (size_t)r.head.params);
	free(r.params);
	if (ok)
		return net;
	lower_free(net);
	return NULL;
}

/* --- all kinds --- */

/* What enc_mnist's own network reads, and Burn's example of MNIST. */
static const struct import_pixels mnist_pixels = {
	.size = { 28, 28, 1 },
	.divisor = 255,
	.mean = { 0.1307f },
	.deviation = { 0.3081f },
	.means = 1,
	.deviations = 1,
};

/* A record of Burn says nothing about its inputs: 784 of them are pixels. */
static const struct import_pixels *
pixels_of(enum import_kind kind, const struct graph *g,
	  const struct import_options *options)
{
	if (options->pixels || kind != IMPORT_BURN)
		return options->pixels;
	return g->values[g->inputs[0]].dims[0] == 784 ? &mnist_pixels : NULL;
}

static bool read_graph(enum import_kind kind, const uint8_t *file, size_t len,
		       const struct import_options *options, struct graph *g,
		       struct enc_error *e)
{
	switch (kind) {
	case IMPORT_TFLITE:
		return tflite_read(file, len, g, e);
	case IMPORT_ONNX:
		return onnx_read(file, len, &options->onnx, g, e);
	case IMPORT_BURN:
		return burn_read(file, len, g, e);
	default:
		return refuse_other(file, len, e);
	}
}

static struct lowered *import_graph(enum import_kind kind, const uint8_t *file,
				    size_t len,
				    const struct import_options *options,
				    struct enc_error *e)
{
	const struct import_pixels *pixels = NULL;
	struct lowered *net = NULL;
	struct graph g = { 0 };

	if (!read_graph(kind, file, len, options, &g, e))
		return NULL;
	pixels = pixels_of(kind, &g, options);
	if (!pixels || import_pixels(&g, pixels, e))
		net = lower_graph(&g, e);
	graph_free(&g);
	return net;
}

/* Options for what a file already says would be ignored. */
static bool suits(enum import_kind kind, const struct import_options *options,
		  struct enc_error *e)
{
	if (kind == IMPORT_RECORD && options->pixels) {
		enc_fail(e, ENC_ERR_UNSUPPORTED,
			 "a record of a network says how it reads pixels");
		return enc_hint(e, "give these options with the file that the "
				   "record was made from");
	}
	if (kind != IMPORT_OTHER && kind != IMPORT_ONNX &&
	    options->onnx.shape_count)
		return enc_fail(e, ENC_ERR_UNSUPPORTED,
				"only ONNX leaves dimensions open, and this is "
				"%s",
				import_kind_name(kind));
	return true;
}

struct lowered *import_network(const uint8_t *file, size_t len,
			       const struct import_options *options,
			       enum import_kind *kind, struct enc_error *e)
{
	*kind = import_kind(file, len);
	if (!suits(*kind, options, e))
		return NULL;
	if (*kind == IMPORT_RECORD)
		return import_record(file, len, e);
	return import_graph(*kind, file, len, options, e);
}

/* --- files --- */

struct mapping {
	uint8_t *data;
	size_t len;
	bool is_mapped; /* else from malloc() */
};

/* Maps a regular file; reads what cannot be mapped. */
static bool map(const char *path, struct mapping *m, struct enc_error *e)
{
	struct stat st = { 0 };
	void *data = MAP_FAILED;
	int fd = strcmp(path, "-") ? enc_file_open(path, e) : -1;

	if (fd < 0 && strcmp(path, "-"))
		return false;
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    st.st_size > 0) {
		m->len = (size_t)st.st_size;
		data = mmap(NULL, m->len, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0)
		close(fd);
	m->is_mapped = data != MAP_FAILED;
	m->data = m->is_mapped ? data : NULL;
	return m->is_mapped ||
	       enc_file_read(path, PIPE_MAX, &m->data, &m->len, e);
}

static void unmap(struct mapping *m)
{
	if (m->is_mapped) {
		munmap(m->data, m->len);
		return;
	}
	explicit_bzero(m->data, m->len);
	free(m->data);
}

struct lowered *import_file(const char *path,
			    const struct import_options *options,
			    enum import_kind *kind, struct enc_error *e)
{
	struct lowered *net = NULL;
	struct mapping m = { 0 };

	if (!map(path, &m, e))
		return NULL;
	net = import_network(m.data, m.len, options, kind, e);
	unmap(&m);
	if (!net)
		enc_about(e, enc_file_label(path));
	return net;
}

uint8_t *import_to_memory(struct lowered *net, size_t *len, struct enc_error *e)
{
	uint8_t *record = NULL;

	if (!net)
		return NULL;
	record = write_to_memory(net, len);
	lower_free(net);
	if (!record)
		enc_fail(e, ENC_ERR_MEMORY, "out of memory");
	return record;
}
