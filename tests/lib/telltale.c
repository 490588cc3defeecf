/* SPDX-License-Identifier: Apache-2.0 */
#include "telltale.h"

#include <stdlib.h>

#include "formula.h"
#include "nn/arch.h"

uint8_t *telltale_record(uint8_t dark, uint8_t bright, uint8_t mixed)
{
	float *params = calloc(nn_param_count(&nn_mnist), sizeof(*params));
	float *layer1 = params;
	float *layer2 = NULL;
	float *layer3 = NULL;
	float *layer4 = NULL;
	uint8_t *record = NULL;

	if (!params)
		abort();
	layer2 = layer1 + (784 + 1) * 512;
	layer3 = layer2 + (512 + 1) * 256;
	layer4 = layer3 + (256 + 1) * 128;
	for (size_t k = 0; k < 512; k++) {
		layer1[k] = nn_mnist.std; /* each neuron is pixel / 255 */
		layer1[784 * 512 + k] = nn_mnist.mean;
		layer2[k * 256] = 1; /* the number of neurons that see it */
		layer2[k * 256 + 1] = 1;
	}
	layer2[512 * 256 + 1] = -511.5f; /* whether all do */
	layer3[0] = 1;
	layer3[128 + 1] = 1;
	layer4[dark] = -1;
	layer4[10 + bright] = 4;
	layer4[128 * 10 + dark] = 0.5f;
	layer4[128 * 10 + mixed] = 0.25f;
	record = formula_write(params);
	free(params);
	return record;
}
