/* SPDX-License-Identifier: Apache-2.0 */
#include "rewrite.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "testkit/test.h"

static volatile uint8_t *memory;
static size_t last;
static pthread_t thread;
static atomic_ulong swap;  /* where << 16 | A << 8 | B */
static atomic_ulong noted; /* the swap that the thread is doing */
static atomic_uint turns;
static atomic_bool ended;

/* Each thread has its own processor; on one they would wait for each other. */
static void stay_on(size_t processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	assert_int_equal(
		pthread_setaffinity_np(pthread_self(), sizeof(set), &set), 0);
}

static void *rewrite(void *arg)
{
	bool b = false;

	(void)arg;
	stay_on(1);
	while (!ended) {
		unsigned long work = swap;

		if (noted != work)
			noted = work;
		memory[work >> 16] = (uint8_t)(b ? work : work >> 8);
		b = !b;
		turns++;
	}
	return NULL;
}

void rewrite_start(void *at, size_t size)
{
	memory = at;
	last = size - 1;
	swap = (unsigned long)last << 16;
	stay_on(0);
	assert_int_equal(pthread_create(&thread, NULL, rewrite, NULL), 0);
}

void rewrite_end(void)
{
	ended = true;
	pthread_join(thread, NULL);
}

void rewrite_byte(size_t at, uint8_t a, uint8_t b)
{
	unsigned long next =
		(unsigned long)at << 16 | (unsigned long)a << 8 | b;

	swap = next;
	while (noted != next)
		;
}

void rewrite_nothing(void)
{
	rewrite_byte(last, 0, 0);
}

unsigned int rewrite_turns(void)
{
	return turns;
}
