/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of nn/math.h against those of libm in double; nn/scale.h. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "nn/math.h"
#include "nn/scale.h"
#include "testkit/test.h"

/* Every so many floats are tried. All of them, with 1, take minutes. */
#ifndef STEP
#ifdef MEMORY_IS_SHADOWED
#define STEP 40009u
#else
#define STEP 4001u
#endif
#endif

static float from_bits(uint32_t bits)
{
	float v = 0;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

/* Units in the last place of a float of this size. */
static double unit(double v)
{
	int exponent = 0;

	frexp(v, &exponent);
	return ldexp(1, exponent < -125 ? -149 : exponent - 24);
}

/* Difference of two numbers, in units; infinity if only one is NaN. */
static double distance(float got, double want)
{
	if (isnan(want) || isnan(got))
		return isnan(want) && isnan(got) ? 0 : INFINITY;
	if (isinf((float)want) || isinf(got))
		return got == (float)want ? 0 : INFINITY;
	return fabs(got - want) / unit(want);
}

/* NEON of 32 bits may take subnormal numbers for 0, also within a sum. */
#ifdef NN_ARM32
#define LOST (double)FLT_MIN
#else
#define LOST 0.0
#endif

static double flushed(double v)
{
	return fabs(v) < LOST ? copysign(0, v) : v;
}

struct function {
	const char *name;
	nn_floats (*got)(nn_floats x);
	double (*want)(double x);
	double units; /* largest difference */
	float low;    /* from here */
	float high;   /* to here */
};

static double sigmoid(double x)
{
	return 1 / (1 + exp(-x));
}

static double softplus(double x)
{
	return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static nn_floats sqrt_of(nn_floats x)
{
	return nn_sqrt(x);
}

static const struct function functions[] = {
	{ "exp", nn_exp, exp, 1.25, -INFINITY, INFINITY },
	{ "exp_minus_1", nn_exp_minus_1, expm1, 2, -INFINITY, 80 },
	{ "log", nn_log, log, 1, -INFINITY, INFINITY },
	{ "tanh", nn_tanh, tanh, 2.5, -INFINITY, INFINITY },
	{ "sigmoid", nn_sigmoid, sigmoid, 3, -INFINITY, INFINITY },
	{ "softplus", nn_softplus, softplus, 3, -INFINITY, INFINITY },
	{ "erf", nn_erf, erf, 2, -INFINITY, INFINITY },
	{ "sqrt", sqrt_of, sqrt, 0.5, -INFINITY, INFINITY },
};

/* Four floats at once, so that every lane is used. */
static double largest(const struct function *f)
{
	double most = 0;

	for (uint64_t bits = 0; bits + 3 * STEP <= UINT32_MAX;
	     bits += 4 * STEP) {
		nn_floats x = { 0 };
		nn_floats y = { 0 };

		for (uint32_t i = 0; i < NN_LANES; i++)
			x[i] = from_bits((uint32_t)bits + i * STEP);
		y = f->got(x);
		for (uint32_t i = 0; i < NN_LANES; i++) {
			const double want = f->want(x[i]);
			double d = distance(y[i], want);

			d = fmin(d, distance(y[i], f->want(flushed(x[i]))));
			if (d > f->units && fabs(y[i] - want) <= LOST)
				d = 0;
			if (x[i] < f->low || x[i] > f->high)
				continue;
			most = d > most ? d : most;
			if (d > f->units)
				fail_msg("%s(%a) is %a, %g units away", f->name,
					 x[i], y[i], d);
		}
	}
	return most;
}

static void functions_are_accurate(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(functions); i++)
		print_message("# %s: %.3f units\n", functions[i].name,
			      largest(&functions[i]));
}

static void special_numbers(void **state)
{
	const nn_floats x = { NAN, INFINITY, -INFINITY, 0 };

	(void)state;
	for (size_t f = 0; f < COUNT(functions); f++) {
		nn_floats y = functions[f].got(x);

		for (size_t i = 0; i < NN_LANES; i++) {
			if (x[i] <= functions[f].high)
				assert_true(distance(y[i],
						     functions[f].want(x[i])) <=
					    functions[f].units);
		}
		assert_true(isnan(y[0]));
	}
}

/* The logarithm's error is multiplied by the exponent. */
static void powers(void **state)
{
	(void)state;
	for (float y = -8; y <= 8; y += 0.5f) {
		for (uint32_t bits = 0; bits < 0xff800000 - STEP;
		     bits += 16 * STEP) {
			const float x = from_bits(bits);
			const double want = pow(flushed(x), y);
			const double slack =
				2 + 2.5 * fabs(y * log(fabs((double)x)));
			const float got = nn_pow(nn_splat(x), nn_splat(y))[0];

			if (isnan(x))
				assert_true(isnan(got) || y == 0);
			else if (fabs(want) < FLT_MIN || fabs(want) > FLT_MAX)
				assert_true(isnan(want) == isnan(got));
			else if (distance(got, want) > slack)
				fail_msg("%a^%g is %a, not %a", x, (double)y,
					 got, want);
		}
	}
}

static void selections(void **state)
{
	const nn_floats a = { 1, NAN, 3, -4 };
	const nn_floats b = { 2, 0, NAN, -5 };
	const nn_floats most = nn_max(a, b);
	const nn_floats least = nn_min(a, b);
	const nn_floats limited = nn_limit(a, -2, 2);

	(void)state;
	assert_true(most[0] == 2 && isnan(most[1]) && isnan(most[2]) &&
		    most[3] == -4);
	assert_true(least[0] == 1 && isnan(least[1]) && isnan(least[2]) &&
		    least[3] == -5);
	assert_true(limited[0] == 1 && isnan(limited[1]) && limited[2] == 2 &&
		    limited[3] == -2);
	assert_true(nn_max_lanes((nn_floats){ 1, 7, -2, 3 })[2] == 7);
	assert_true(nn_sum_lanes((nn_floats){ 1, 7, -2, 3 })[1] == 9);
}

static void rounds_to_int8(void **state)
{
	const nn_floats a =
		nn_to_int8((nn_floats){ 0.5f, 1.5f, -0.5f, -2.5f }, 3);
	const nn_floats b =
		nn_to_int8((nn_floats){ NAN, 1e30f, -INFINITY, 124.5f }, 3);

	(void)state;
	assert_true(a[0] == 3 && a[1] == 5 && a[2] == 3 && a[3] == 1);
	assert_true(b[0] == -128 && b[1] == 127 && b[2] == -128 && b[3] == 127);
}

static void stores_only_what_it_is_told(void **state)
{
	const nn_floats v = { 1, 2, 3, 4 };

	(void)state;
	for (size_t n = 0; n <= 5; n++) {
		float f[5] = { 9, 9, 9, 9, 9 };
		int8_t q[5] = { 9, 9, 9, 9, 9 };

		nn_store(NN_F32, f, 0, v, n);
		nn_store(NN_INT8, q, 0, v, n);
		for (size_t i = 0; i < 5; i++) {
			int want = i < n && i < 4 ? (int)i + 1 : 9;

			assert_true(f[i] == (float)want);
			assert_int_equal(q[i], want);
		}
	}
}

/* Both roundings as their names say, on numbers of any size. */
static int64_t scaled(int32_t x, struct nn_scale s)
{
	int64_t y = (int64_t)x * (INT64_C(1) << (s.shift > 0 ? s.shift : 0));
	const int64_t divisor = INT64_C(1) << (s.shift < 0 ? -s.shift : 0);

	y = (y > INT32_MAX ? INT32_MAX :
	     y < INT32_MIN ? INT32_MIN :
			     y) *
	    s.multiplier;
	y = (y + (y >= 0 ? 1 << 30 : 1 - (1 << 30))) / (INT64_C(1) << 31);
	return (y + (y >= 0 ? divisor / 2 : -(divisor / 2))) / divisor;
}

static void check_scaled(const int32_t *four, struct nn_scale s)
{
	const struct nn_scales scales = nn_scales_all(s);
	nn_ints y = { four[0], four[1], four[2], four[3] };

	y = nn_scale_four(y, &scales);
	for (size_t i = 0; i < NN_LANES; i++)
		assert_int_equal(y[i], scaled(four[i], s));
}

static void scales_as_tflite(void **state)
{
	static const int32_t numbers[] = {
		0,	    1,	   -1,	   2,	      -2,	 127,
		255,	    -127,  -255,   INT32_MAX, INT32_MIN, 1 << 20,
		-(1 << 28), 12345, -54321, -3
	};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i += NN_LANES) {
		for (int32_t shift = -31; shift <= 30; shift++) {
			for (int64_t m = 1 << 30; m <= INT32_MAX;
			     m += 0x1234567)
				check_scaled(
					numbers + i,
					(struct nn_scale){ (int32_t)m, shift });
		}
		check_scaled(numbers + i, (struct nn_scale){ 0 });
	}
}

static void limits_sums(void **state)
{
	const nn_ints v = { INT32_MAX, INT32_MIN, -7, 130 };
	const nn_ints y = nn_limit_sum(v, -9, -100, 90);
	const nn_ints z = nn_limit_sum(v, 9, -128, 127);

	(void)state;
	assert_true(y[0] == 90 && y[1] == -100 && y[2] == -16 && y[3] == 90);
	assert_true(z[0] == 127 && z[1] == -128 && z[2] == 2 && z[3] == 127);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_are_accurate),
		cmocka_unit_test(special_numbers),
		cmocka_unit_test(powers),
		cmocka_unit_test(selections),
		cmocka_unit_test(rounds_to_int8),
		cmocka_unit_test(stores_only_what_it_is_told),
		cmocka_unit_test(scales_as_tflite),
		cmocka_unit_test(limits_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
