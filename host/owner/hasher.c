/* SPDX-License-Identifier: Apache-2.0 */
#include "hasher.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#define SLOTS 8

struct enc_hasher {
	pthread_t thread;
	pthread_mutex_t lock; /* of the fields from changed to ended */
	pthread_cond_t changed;
	uint64_t pushed; /* slots */
	uint64_t hashed;
	bool ended;
	bool joined;
	bool ok; /* the thread's, until it is joined */
	EVP_MD_CTX *sha;
	size_t len[SLOTS];
	uint8_t slots[SLOTS][ENC_HASHER_SLOT_BYTES];
};

/* Waits for the next slot to hash. False if there are no more. */
static bool take(struct enc_hasher *h, uint64_t done)
{
	bool found = false;

	pthread_mutex_lock(&h->lock);
	h->hashed = done;
	pthread_cond_signal(&h->changed);
	while (h->pushed == done && !h->ended)
		pthread_cond_wait(&h->changed, &h->lock);
	found = h->pushed > done;
	pthread_mutex_unlock(&h->lock);
	return found;
}

static void *hash(void *arg)
{
	struct enc_hasher *h = arg;

	for (uint64_t done = 0; take(h, done); done++)
		h->ok = EVP_DigestUpdate(h->sha, h->slots[done % SLOTS],
					 h->len[done % SLOTS]) == 1 &&
			h->ok;
	return NULL;
}

struct enc_hasher *enc_hasher_start(void)
{
	struct enc_hasher *h = malloc(sizeof(*h));

	if (!h)
		return NULL;
	h->pushed = h->hashed = 0;
	h->ended = h->joined = false;
	h->sha = EVP_MD_CTX_new();
	h->ok = h->sha && EVP_DigestInit_ex(h->sha, EVP_sha256(), NULL) == 1;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->changed, NULL);
	if (!h->ok || pthread_create(&h->thread, NULL, hash, h)) {
		h->joined = true;
		enc_hasher_free(h);
		return NULL;
	}
	return h;
}

uint8_t *enc_hasher_slot(struct enc_hasher *h)
{
	pthread_mutex_lock(&h->lock);
	while (h->pushed - h->hashed == SLOTS)
		pthread_cond_wait(&h->changed, &h->lock);
	pthread_mutex_unlock(&h->lock);
	return h->slots[h->pushed % SLOTS];
}

void enc_hasher_push(struct enc_hasher *h, size_t len)
{
	pthread_mutex_lock(&h->lock);
	h->len[h->pushed % SLOTS] = len;
	h->pushed++;
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->lock);
}

static void join(struct enc_hasher *h)
{
	if (h->joined)
		return;
	pthread_mutex_lock(&h->lock);
	h->ended = true;
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->lock);
	pthread_join(h->thread, NULL);
	h->joined = true;
}

bool enc_hasher_end(struct enc_hasher *h, uint8_t digest[BOX_DIGEST_BYTES])
{
	join(h);
	return h->ok && EVP_DigestFinal_ex(h->sha, digest, NULL) == 1;
}

void enc_hasher_free(struct enc_hasher *h)
{
	if (!h)
		return;
	join(h);
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->lock);
	EVP_MD_CTX_free(h->sha);
	free(h);
}
