/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes little-endian numbers. */
#ifndef BOX_BYTES_H
#define BOX_BYTES_H

#include <stdint.h>

static inline uint32_t box_load16(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t box_load32(const uint8_t *p)
{
	return box_load16(p) | box_load16(p + 2) << 16;
}

static inline uint64_t box_load64(const uint8_t *p)
{
	return box_load32(p) | (uint64_t)box_load32(p + 4) << 32;
}

static inline void box_store16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static inline void box_store32(uint8_t *p, uint32_t value)
{
	box_store16(p, value);
	box_store16(p + 2, value >> 16);
}

static inline void box_store64(uint8_t *p, uint64_t value)
{
	box_store32(p, (uint32_t)value);
	box_store32(p + 4, (uint32_t)(value >> 32));
}

#endif
