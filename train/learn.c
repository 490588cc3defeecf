/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: the images of a step are split in two halves, one for each
 * thread. Each thread computes the gradient of its half; then it adds both
 * gradients for one half of the parameters, and updates those. Barriers
 * separate the phases. Each thread has its own stream of random numbers.
 *
 * BLAS runs single-threaded: its own split could differ between runs.
 */
#include "learn.h"

#include <cblas.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "adam.h"
#include "distort.h"

#define HALVES	    2
#define HALF_IMAGES (LEARN_BATCH / HALVES)

enum stream {
	STREAM_INIT,
	STREAM_ORDER,
	STREAM_HALF
};

struct half {
	struct school *school;
	size_t index;
	struct random random;
	struct batch batch;
	float *gradient;
	struct score score; /* of the last step */
};

/* State that the threads share. */
struct school {
	const struct lesson *lesson;
	float *params;
	struct adam adam;
	uint32_t *order; /* sequence of images in this epoch */
	struct random order_random;
	struct half halves[HALVES];
	pthread_barrier_t barrier;
};

static void shuffle(uint32_t *order, uint32_t count, struct random *random)
{
	for (uint32_t i = count; i > 1; i--) {
		uint32_t other = random_below(random, i);
		uint32_t image = order[i - 1];

		order[i - 1] = order[other];
		order[other] = image;
	}
}

/* Fills a half's batch with new variants of its images. */
static void fill(struct half *half, const uint32_t *images)
{
	const struct data *data = half->school->lesson->data;
	const struct nn_arch *arch = half->school->lesson->arch;
	float *x = half->batch.values[0];

	for (size_t i = 0; i < half->batch.size; i++) {
		size_t image = images[i];

		half->batch.labels[i] = data->labels[image];
		distort(data->images + image * ENC_IMAGE_PIXELS, x,
			&half->random);
		for (size_t p = 0; p < ENC_IMAGE_PIXELS; p++)
			x[p] = (x[p] / 255.0f - arch->mean) / arch->std;
		x += ENC_IMAGE_PIXELS;
	}
}

/* Updates this half's share of the parameters with the mean gradient. */
static void move(struct half *half, uint32_t step, uint32_t steps)
{
	struct school *school = half->school;
	size_t count = nn_param_count(school->lesson->arch);
	size_t begin = count * half->index / HALVES;
	size_t end = count * (half->index + 1) / HALVES;
	float *a = school->halves[0].gradient;
	const float *b = school->halves[1].gradient;

	for (size_t i = begin; i < end; i++)
		a[i] = (a[i] + b[i]) / LEARN_BATCH;
	adam_step(&school->adam, school->params, a, begin, end, step, steps);
}

static void add_score(const struct school *school, struct score *sum)
{
	for (size_t h = 0; h < HALVES; h++) {
		sum->loss += school->halves[h].score.loss;
		sum->right += school->halves[h].score.right;
	}
}

/*
 * The body of a thread. Images that do not fill a last batch are left out of
 * this epoch. The report may read the parameters: nobody changes them until the
 * leading thread reaches the first barrier of the next step.
 */
static void *attend(void *arg)
{
	struct half *half = arg;
	struct school *school = half->school;
	const struct lesson *lesson = school->lesson;
	uint32_t epoch_steps = lesson->images / LEARN_BATCH;
	uint32_t steps = epoch_steps * lesson->epochs;
	bool leads = half->index == 0;
	struct score score = { 0 };

	for (uint32_t step = 0; step < steps; step++) {
		uint32_t done = step % epoch_steps;

		if (leads && done == 0) {
			shuffle(school->order, lesson->images,
				&school->order_random);
			score = (struct score){ 0 };
		}
		pthread_barrier_wait(&school->barrier);
		fill(half, school->order + done * LEARN_BATCH +
				   half->index * HALF_IMAGES);
		half->score = network_learn(&half->batch, school->params,
					    half->gradient, &half->random);
		pthread_barrier_wait(&school->barrier);
		move(half, step, steps);
		pthread_barrier_wait(&school->barrier);
		if (leads) {
			add_score(school, &score);
			lesson->report(lesson->ctx, step + 1, steps, &score,
				       (done + 1) * LEARN_BATCH);
		}
	}
	return NULL;
}

static bool open_school(struct school *school, const struct lesson *lesson,
			float *params)
{
	size_t count = nn_param_count(lesson->arch);
	bool ok = true;

	*school = (struct school){ .lesson = lesson, .params = params };
	school->adam.mean = calloc(count, sizeof(float));
	school->adam.square = calloc(count, sizeof(float));
	school->order = calloc(lesson->images, sizeof(*school->order));
	ok = school->adam.mean && school->adam.square && school->order;
	for (size_t h = 0; h < HALVES; h++) {
		struct half *half = &school->halves[h];

		half->school = school;
		half->index = h;
		random_seed(&half->random, lesson->seed, STREAM_HALF + h);
		half->gradient = calloc(count, sizeof(float));
		ok = batch_create(&half->batch, lesson->arch, HALF_IMAGES) &&
		     half->gradient && ok;
	}
	return ok;
}

static void close_school(struct school *school)
{
	for (size_t h = 0; h < HALVES; h++) {
		batch_free(&school->halves[h].batch);
		free(school->halves[h].gradient);
	}
	free(school->order);
	free(school->adam.square);
	free(school->adam.mean);
}

static bool run(struct school *school)
{
	pthread_t helper = 0;

	if (pthread_barrier_init(&school->barrier, NULL, HALVES))
		return false;
	if (pthread_create(&helper, NULL, attend, &school->halves[1])) {
		pthread_barrier_destroy(&school->barrier);
		return false;
	}
	attend(&school->halves[0]);
	pthread_join(helper, NULL);
	pthread_barrier_destroy(&school->barrier);
	return true;
}

bool learn(const struct lesson *lesson, float *params, struct enc_error *e)
{
	struct school school = { 0 };
	struct random random = { 0 };
	bool ok = open_school(&school, lesson, params);

	openblas_set_num_threads(1);
	random_seed(&random, lesson->seed, STREAM_INIT);
	network_init(lesson->arch, params, &random);
	random_seed(&school.order_random, lesson->seed, STREAM_ORDER);
	for (uint32_t i = 0; ok && i < lesson->images; i++)
		school.order[i] = i;
	ok = ok && run(&school);
	close_school(&school);
	return ok || enc_fail(e, ENC_ERR_MEMORY, "out of memory or threads");
}
