/* SPDX-License-Identifier: Apache-2.0 */
#include "json_doc.h"

bool enc_doc_check_chunk(const struct enc_doc *d)
{
	static const char *const name[] = { "id", "size", "data" };
	uint32_t id = d->value[ENC_ID];
	uint32_t size = d->value[ENC_SIZE];
	uint32_t i = d->chunk_count;

	for (enum enc_field f = ENC_ID; f <= ENC_DATA; f++)
		if (!d->seen[f])
			return enc_fail(d->e, ENC_ERR_FORMAT,
					"chunks[%u] has no field \"%s\"", i,
					name[f - ENC_ID]);
	if (size != d->count)
		return enc_fail(
			d->e, ENC_ERR_FORMAT,
			"chunks[%u]: size is %u, but data has %u byte%s", i,
			size, d->count, enc_s(d->count));
	if (!size)
		return enc_fail(d->e, ENC_ERR_FORMAT, "chunks[%u] is empty", i);
	if (id >= ENC_MODEL_MAX_CHUNKS)
		return enc_fail(d->e, ENC_ERR_LIMIT,
				"chunks[%u]: id is %u, the highest accepted "
				"is %u",
				i, id, ENC_MODEL_MAX_CHUNKS - 1);
	if (d->chunks[id].bytes)
		return enc_fail(d->e, ENC_ERR_FORMAT,
				"chunks[%u]: id %u is repeated", i, id);
	return true;
}

static bool missing(const struct enc_doc *d, const char *field)
{
	return enc_fail(d->e, ENC_ERR_FORMAT, "has no field \"%s\"", field);
}

static bool check_fields(const struct enc_doc *d)
{
	if (!d->seen[ENC_ALGORITHM])
		return missing(d, "algorithm");
	if (d->seen[ENC_ENCRYPTED_DATA])
		return true;
	if (!d->seen[ENC_CHUNKS])
		return enc_fail(d->e, ENC_ERR_FORMAT,
				"has neither a field \"encrypted_data\" nor "
				"\"chunks\"");
	if (!d->seen[ENC_CHUNK_SIZE])
		return missing(d, "chunk_size");
	if (!d->seen[ENC_TOTAL_CHUNKS])
		return missing(d, "total_chunks");
	return d->seen[ENC_ORIGINAL_SIZE] || missing(d, "original_size");
}

/* The ids must be exactly 0 to total_chunks - 1, and no chunk too large. */
static bool check_chunks(const struct enc_doc *d)
{
	uint32_t total = d->value[ENC_TOTAL_CHUNKS];
	uint32_t size = d->value[ENC_CHUNK_SIZE];

	if (d->chunk_count > total)
		return enc_fail(
			d->e, ENC_ERR_FORMAT,
			"total_chunks is %u, but the number of chunks is %u",
			total, d->chunk_count);
	for (uint32_t id = 0; id < total; id++) {
		if (id == d->chunk_count || !d->chunks[id].bytes)
			return enc_fail(d->e, ENC_ERR_FORMAT,
					"chunk %u of 0 to %u is missing", id,
					total - 1);
		if (d->chunks[id].bytes > size)
			return enc_fail(d->e, ENC_ERR_FORMAT,
					"chunk %u has %u bytes, more than "
					"chunk_size, %u",
					id, d->chunks[id].bytes, size);
	}
	return true;
}

static bool check_length(const struct enc_doc *d)
{
	if (!d->total)
		return enc_fail(d->e, ENC_ERR_FORMAT, "has no encrypted data");
	if (d->total < ENC_MODEL_MIN_BYTES || d->total % BOX_CBC_BLOCK_BYTES)
		return enc_fail(d->e, ENC_ERR_FORMAT,
				"%u byte%s of encrypted data: not an IV of %d "
				"and whole blocks of %d",
				d->total, enc_s(d->total), BOX_CBC_BLOCK_BYTES,
				BOX_CBC_BLOCK_BYTES);
	return true;
}

/* original_size must be that of the run, or of the record inside. */
static bool check_original(const struct enc_doc *d)
{
	const uint64_t block = BOX_CBC_BLOCK_BYTES;
	uint64_t original = d->value[ENC_ORIGINAL_SIZE];
	uint64_t blocks = (BOX_CBC_LENGTH_BYTES + original + block - 1) / block;

	if (original == d->total || block + blocks * block == d->total)
		return true;
	return enc_fail(d->e, ENC_ERR_FORMAT,
			"original_size is %u, which does not fit the %u byte%s "
			"of the chunks",
			d->value[ENC_ORIGINAL_SIZE], d->total, enc_s(d->total));
}

bool enc_doc_check(const struct enc_doc *d)
{
	if (!check_fields(d))
		return false;
	if (d->seen[ENC_ENCRYPTED_DATA])
		return check_length(d);
	return check_chunks(d) && check_length(d) && check_original(d);
}
