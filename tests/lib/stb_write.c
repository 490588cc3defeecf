/* SPDX-License-Identifier: Apache-2.0 */
/* Not ours: compiled without our warnings. */
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>
