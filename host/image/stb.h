/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stb_image and stb_image_resize2, with only the formats and calls that
 * image.c uses, and with a bound on memory. stb.c is compiled without our
 * warnings: what is in it is not ours.
 */
#ifndef HOST_IMAGE_STB_H
#define HOST_IMAGE_STB_H

#include <stdbool.h>
#include <stddef.h>

#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_ONLY_PNM
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR

#include <stb/stb_image.h>
#include <stb/stb_image_resize2.h>

/*
 * From now on, no allocation of stb_image in this thread gets more than
 * `bytes`: a compressed stream may hold far more than the picture needs.
 */
void enc_stb_limit(size_t bytes);

/* Whether an allocation has failed since: stb_image does not always tell. */
bool enc_stb_starved(void);

#endif
