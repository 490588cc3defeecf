/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The X25519 public keys of low order: by definition, by the function, and by
 * OpenSSL, which computes 0 with them.
 *
 * Curve25519 has 8 L points, its twist 4 M, with L and M prime (RFC 7748, 4.1;
 * cr.yp.to/ecdh.html). So L M times any point is one of low order, and enough
 * points give all of them. Only u-coordinates are needed, in projective form.
 */
#include <openssl/bn.h>
#include <openssl/rand.h>
#include <string.h>

#include "box/hpke.h"
#include "tests/lib/x25519.h"

#define KEY	   BOX_X25519_BYTES
#define TOP_BIT	   0x80
#define LOW_ORDERS 7

struct point {
	BIGNUM *x;
	BIGNUM *z;
};

struct field {
	BN_CTX *ctx;
	BIGNUM *p;
	BIGNUM *sum; /* scratch */
	BIGNUM *difference;
	BIGNUM *square;
};

static struct field field;
static uint8_t low_orders[LOW_ORDERS][KEY];
static size_t found;

static void mul(BIGNUM *r, const BIGNUM *a, const BIGNUM *b)
{
	assert_int_equal(BN_mod_mul(r, a, b, field.p, field.ctx), 1);
}

static void add(BIGNUM *r, const BIGNUM *a, const BIGNUM *b)
{
	assert_int_equal(BN_mod_add(r, a, b, field.p, field.ctx), 1);
}

static void sub(BIGNUM *r, const BIGNUM *a, const BIGNUM *b)
{
	assert_int_equal(BN_mod_sub(r, a, b, field.p, field.ctx), 1);
}

/*
 * a = 2 a: with s = (x + z)^2 and d = (x - z)^2, s - d is 4 x z, and the result
 * s d : (s - d) (s + 121665 (s - d)).
 */
static void twice(struct point *a)
{
	BIGNUM *s = field.sum;
	BIGNUM *d = field.difference;

	add(s, a->x, a->z);
	mul(s, s, s);
	sub(d, a->x, a->z);
	mul(d, d, d);
	mul(a->x, s, d);
	sub(d, s, d);
	BN_copy(a->z, d);
	BN_mul_word(a->z, 121665);
	add(a->z, a->z, s);
	mul(a->z, a->z, d);
}

/* a = a + b, where u : 1 is their difference. */
static void add_point(struct point *a, const struct point *b, const BIGNUM *u)
{
	BIGNUM *s = field.sum;
	BIGNUM *d = field.difference;

	sub(s, a->x, a->z);
	add(d, b->x, b->z);
	mul(s, s, d);
	add(d, a->x, a->z);
	sub(field.square, b->x, b->z);
	mul(d, d, field.square);
	add(a->x, s, d);
	mul(a->x, a->x, a->x);
	sub(d, s, d);
	mul(d, d, d);
	mul(a->z, d, u);
}

/* Montgomery's ladder; false: the point at infinity. u becomes the result. */
static bool multiply(BIGNUM *u, const BIGNUM *k)
{
	struct point low = { BN_new(), BN_new() };
	struct point high = { BN_dup(u), BN_new() };
	bool finite = false;

	BN_one(low.x);
	BN_one(high.z);
	for (int bit = BN_num_bits(k) - 1; bit >= 0; bit--) {
		struct point *one = BN_is_bit_set(k, bit) ? &high : &low;
		struct point *other = one == &low ? &high : &low;

		add_point(other, one, u);
		twice(one);
	}
	finite = !BN_is_zero(low.z);
	if (finite) {
		BN_mod_inverse(low.z, low.z, field.p, field.ctx);
		mul(u, low.x, low.z);
	}
	BN_free(low.x);
	BN_free(low.z);
	BN_free(high.x);
	BN_free(high.z);
	return finite;
}

static bool is_found(const uint8_t key[KEY])
{
	for (size_t i = 0; i < found; i++) {
		if (!memcmp(key, low_orders[i], KEY))
			return true;
	}
	return false;
}

/* A u-coordinate, and u + p if that fits into 255 bits. */
static void keep(BIGNUM *u)
{
	while (BN_num_bits(u) < 256) {
		uint8_t key[KEY] = { 0 };

		assert_int_equal(BN_bn2lebinpad(u, key, KEY), KEY);
		if (!is_found(key)) {
			assert_true(found < LOW_ORDERS);
			memcpy(low_orders[found++], key, KEY);
		}
		BN_add(u, u, field.p);
	}
}

static int find_low_orders(void **state)
{
	BIGNUM *l = NULL;
	BIGNUM *m = NULL;
	BIGNUM *u = BN_new();

	(void)state;
	field = (struct field){ BN_CTX_new(), NULL, BN_new(), BN_new(),
				BN_new() };
	BN_hex2bn(&field.p, "7fffffffffffffffffffffffffffffff"
			    "ffffffffffffffffffffffffffffffed");
	BN_hex2bn(&l, "1000000000000000000000000000000014def9dea2f79cd6"
		      "5812631a5cf5d3ed");
	BN_hex2bn(&m, "1fffffffffffffffffffffffffffffffd6420c42ba10c653"
		      "4fdb39cb4614581d");
	BN_mul(l, l, m, field.ctx);
	for (BN_ULONG i = 2; i < 66; i++) {
		BN_set_word(u, i);
		if (multiply(u, l))
			keep(u);
	}
	BN_free(u);
	BN_free(m);
	BN_free(l);
	return 0;
}

static int free_field(void **state)
{
	(void)state;
	BN_free(field.square);
	BN_free(field.difference);
	BN_free(field.sum);
	BN_free(field.p);
	BN_CTX_free(field.ctx);
	return 0;
}

/* Function, definition and OpenSSL must agree. */
static void assert_order(const uint8_t key[KEY], bool low)
{
	const uint8_t private_key[KEY] = { 8, 7, 6, 5, 4, 3, 2, 1 };
	uint8_t masked[KEY];
	uint8_t shared[KEY] = { 0 };

	memcpy(masked, key, KEY);
	masked[KEY - 1] &= (uint8_t)~TOP_BIT;
	assert_int_equal(is_found(masked), low);
	assert_int_equal(box_x25519_is_low_order(key), low);
	assert_int_equal(x25519_derive(private_key, key, shared), !low);
}

static void those_of_low_order_are_known(void **state)
{
	(void)state;
	assert_int_equal(found, LOW_ORDERS);
	for (size_t i = 0; i < found; i++) {
		uint8_t key[KEY];

		memcpy(key, low_orders[i], KEY);
		assert_order(key, true);
		key[KEY - 1] |= TOP_BIT;
		assert_order(key, true);
	}
}

/* A change of one bit gives another of them, or none. */
static void what_is_next_to_them_is_not(void **state)
{
	size_t low = 0;

	(void)state;
	for (size_t i = 0; i < found; i++) {
		for (size_t bit = 0; bit < 255; bit++) {
			uint8_t key[KEY];

			memcpy(key, low_orders[i], KEY);
			key[bit / 8] ^= (uint8_t)(1 << bit % 8);
			low += is_found(key);
			assert_order(key, is_found(key));
		}
	}
	/* from 0 to 1, from p - 1 to p and to p + 1, and back */
	assert_int_equal(low, 6);
}

/* Those that fit into 255 bits and are not below p: two are of low order. */
static void not_reduced_is_not_low_order(void **state)
{
	size_t low = 0;

	(void)state;
	for (uint8_t last = 0xed; last; last++) {
		uint8_t key[KEY];

		memset(key, 0xff, KEY);
		key[0] = last;
		low += is_found(key);
		assert_order(key, last < 0xef);
		key[KEY - 1] &= (uint8_t)~TOP_BIT;
		low += is_found(key);
		assert_order(key, last < 0xef);
	}
	assert_int_equal(low, 2);
}

/* On the curve and on its twist. */
static void others_are_not(void **state)
{
	uint8_t key[KEY] = { 0 };

	(void)state;
	for (uint8_t i = 2; i < 255; i++) {
		key[0] = i;
		assert_order(key, false);
	}
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(RAND_bytes(key, KEY), 1);
		assert_order(key, false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_of_low_order_are_known),
		cmocka_unit_test(what_is_next_to_them_is_not),
		cmocka_unit_test(not_reduced_is_not_low_order),
		cmocka_unit_test(others_are_not),
	};

	return cmocka_run_group_tests_name("x25519", tests, find_low_orders,
					   free_field);
}
