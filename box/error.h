/* SPDX-License-Identifier: Apache-2.0 */
/* Why a part of a container is refused: one enum for box/ and compat/. */
#ifndef BOX_ERROR_H
#define BOX_ERROR_H

enum box_error {
	BOX_OK = 0,
	BOX_MAGIC,    /* another kind of file */
	BOX_VERSION,  /* version, suite or format that this reader lacks */
	BOX_FIELD,    /* a field that no writer writes */
	BOX_LENGTH,   /* longer than the limit */
	BOX_PADDING,  /* a byte after the record is not 0 */
	BOX_SHORT,    /* ends before it should */
	BOX_TRAILING, /* goes on after its end */
	BOX_CIPHER,   /* the cipher callback failed */
	BOX_TAG,      /* not authentic */
	BOX_SINK      /* the sink refused the bytes */
};

#endif
