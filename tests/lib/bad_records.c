/* SPDX-License-Identifier: Apache-2.0 */
#include "bad_records.h"

#include <stdlib.h>
#include <string.h>

#include "formula.h"

#define PUT(bytes) bytes, sizeof(bytes) - 1

#define END FORMULA_RECORD_BYTES

/* clang-format off */
const struct bad_record bad_records[] = {
	/* metadata */
	{ "float type f64", 1, 3, PUT("f64"), RECORD_BURN_META, 1 },
	{ "integer type i64", 5, 3, PUT("i64"), RECORD_BURN_META, 5 },
	{ "half precision", 112, 21, PUT("HalfPrecisionSettings"),
	  RECORD_BURN_META, 112 },
	{ "another recorder", 31, 1, PUT("x"), RECORD_BURN_META, 9 },
	{ "string of 0 bytes", 0, 1, PUT("\x00"), RECORD_BURN_META, 0 },
	{ "string of 128 bytes", 0, 1, PUT("\x80"), RECORD_BURN_META, 0 },
	{ "string of 2^31 - 1 bytes", 0, 1, PUT("\xfc\xff\xff\xff\x7f"),
	  RECORD_BURN_META, 0 },
	{ "string of 2^64 - 1 bytes", 0, 1,
	  PUT("\xfd\xff\xff\xff\xff\xff\xff\xff\xff"), RECORD_BURN_META, 0 },
	{ "string longer by 1", 0, 1, PUT("\x04"), RECORD_BURN_META, 1 },
	{ "string not UTF-8", 1, 1, PUT("\xff"), RECORD_BURN_META, 1 },
	{ "Burn 0.13", 105, 6, PUT("0.13.2"), RECORD_BURN_VERSION, 105 },
	{ "Burn 0.12", 105, 6, PUT("0.12.0"), RECORD_BURN_VERSION, 105 },
	{ "Burn 0.22", 105, 6, PUT("0.22.0"), RECORD_BURN_VERSION, 105 },
	{ "Burn 9.99.9", 105, 6, PUT("9.99.9"), RECORD_BURN_VERSION, 105 },
	{ "Burn 0.1x.0", 105, 6, PUT("0.1x.0"), RECORD_BURN_VERSION, 105 },
	{ "Burn 0.17.\\n", 105, 6, PUT("0.17.\n"), RECORD_BURN_VERSION, 105 },
	/* numbers */
	{ "overlong, 2 bytes for 3", 0, 1, PUT("\xfb\x03\x00"),
	  RECORD_BURN_VARINT, 0 },
	{ "overlong, 4 bytes for 2", 2132193, 3, PUT("\xfc\x00\x04\x00\x00"),
	  RECORD_BURN_VARINT, 2132193 },
	{ "overlong, 8 bytes for 4", 147, 5,
	  PUT("\xfd\x00\x80\x18\x00\x00\x00\x00\x00"),
	  RECORD_BURN_VARINT, 147 },
	{ "marker 254", 147, 1, PUT("\xfe"), RECORD_BURN_VARINT, 147 },
	{ "marker 255", 147, 1, PUT("\xff"), RECORD_BURN_VARINT, 147 },
	{ "element type of 8 bytes", 1605791, 1,
	  PUT("\xfd\x01\x00\x00\x00\x00\x00\x00\x00"),
	  RECORD_BURN_VARINT, 1605791 },
	/* ids */
	{ "id of 12 digits", 133, 1, PUT("\x0c"), RECORD_BURN_ID, 133 },
	{ "id with w", 134, 1, PUT("w"), RECORD_BURN_ID, 134 },
	{ "id in capitals", 134, 1, PUT("A"), RECORD_BURN_ID, 134 },
	{ "id with spare bit", 146, 1, PUT("1"), RECORD_BURN_ID, 134 },
	{ "id of 10 digits with spare bits", 133, 14, PUT("\x0a" "0000000002"),
	  RECORD_BURN_ID, 134 },
	{ "id a UUID in disorder", 133, 14,
	  PUT("\x24" "0123456789abcdef-0123-4567-89abcdef0"),
	  RECORD_BURN_ID, 134 },
	/* data */
	{ "data longer by 1", 147, 5, PUT("\xfc\x01\x80\x18\x00"),
	  RECORD_BURN_SIZE, 147 },
	{ "data of 2^64 - 1 bytes", 147, 5,
	  PUT("\xfd\xff\xff\xff\xff\xff\xff\xff\xff"), RECORD_BURN_SIZE, 147 },
	{ "data of 2^60 bytes", 147, 5,
	  PUT("\xfd\x00\x00\x00\x00\x00\x00\x00\x10"), RECORD_BURN_SIZE, 147 },
	{ "data of 0 bytes", 147, 5, PUT("\x00"), RECORD_BURN_SIZE, 147 },
	{ "data of half floats", 147, 5, PUT("\xfc\x00\x40\x0c\x00"),
	  RECORD_BURN_SIZE, 147 },
	{ "NaN, first value", 152, 4, PUT("\x00\x00\xc0\x7f"),
	  RECORD_BURN_VALUE, 152 },
	{ "infinity, last value", 2270048, 4, PUT("\x00\x00\x80\xff"),
	  RECORD_BURN_VALUE, 2270048 },
	{ "signalling NaN amid", 1607882 + 400, 4, PUT("\x01\x00\x80\x7f"),
	  RECORD_BURN_VALUE, 1607882 + 400 },
	/* shapes */
	{ "rank 0", 1605784, 1, PUT("\x00"), RECORD_BURN_RANK, 1605784 },
	{ "rank 1 of a weight", 1605784, 1, PUT("\x01"),
	  RECORD_BURN_RANK, 1605784 },
	{ "rank 3", 1605784, 1, PUT("\x03"), RECORD_BURN_RANK, 1605784 },
	{ "rank 250", 1605784, 1, PUT("\xfa"), RECORD_BURN_RANK, 1605784 },
	{ "rank 2 of a bias", 1607858, 1, PUT("\x02"),
	  RECORD_BURN_RANK, 1607858 },
	{ "dimension 0", 1605785, 3, PUT("\x00"), RECORD_BURN_SHAPE, 1605785 },
	{ "transposed", 2132171, 6, PUT("\xfb\x00\x01\xfb\x00\x02"),
	  RECORD_BURN_SHAPE, 2132171 },
	{ "shape larger than data", 1605785, 3, PUT("\xfb\x11\x03"),
	  RECORD_BURN_SHAPE, 1605785 },
	{ "shape smaller than data", 1605785, 6, PUT("\x02\x02"),
	  RECORD_BURN_SHAPE, 1605785 },
	{ "product 2^32 x 2^32", 1605785, 6,
	  PUT("\xfd\x00\x00\x00\x00\x01\x00\x00\x00"
	      "\xfd\x00\x00\x00\x00\x01\x00\x00\x00"),
	  RECORD_BURN_SHAPE, 1605785 },
	{ "product that wraps to the data", 1605785, 6,
	  PUT("\xfd\x10\x03\x00\x00\x00\x00\x00\x80\xfb\x00\x02"),
	  RECORD_BURN_SHAPE, 1605785 },
	{ "product that wraps in 32 bits", 1605785, 6,
	  PUT("\xfc\x10\x03\x00\x80\xfb\x00\x02"),
	  RECORD_BURN_SHAPE, 1605785 },
	{ "bias of another length", 2270053, 1, PUT("\x0b"),
	  RECORD_BURN_SHAPE, 2270053 },
	/* element types, tags */
	{ "F64", 1605791, 1, PUT("\x00"), RECORD_BURN_DTYPE, 1605791 },
	{ "Flex32 or F16", 1605791, 1, PUT("\x02"), RECORD_BURN_DTYPE, 1605791 },
	{ "element type 13", 1605791, 1, PUT("\x0d"),
	  RECORD_BURN_DTYPE, 1605791 },
	{ "QFloat", 1605791, 1, PUT("\x0c\x00\x00\x00"),
	  RECORD_BURN_DTYPE, 1605791 },
	{ "bias tag 2", 1605792, 1, PUT("\x02"), RECORD_BURN_OPTION, 1605792 },
	{ "bias tag 251", 1605792, 1, PUT("\xfb\x01\x00"),
	  RECORD_BURN_OPTION, 1605792 },
	{ "no bias", 1605792, 2270055 - 1605792, PUT("\x00"),
	  RECORD_BURN_NO_BIAS, 1605792 },
	{ "dropout 1", END - 1, 1, PUT("\x01"), RECORD_BURN_CONSTANT, END - 1 },
	/* ends */
	{ "empty", 0, END, PUT(""), RECORD_BURN_SHORT, 0 },
	{ "dropout missing", END - 1, 1, PUT(""), RECORD_BURN_SHORT, END - 1 },
	{ "cut in the metadata", 50, END - 50, PUT(""), RECORD_BURN_SHORT, 50 },
	{ "cut in the data", 100000, END - 100000, PUT(""),
	  RECORD_BURN_SHORT, 100000 },
	{ "1 byte trails", END, 0, PUT("\x00"), RECORD_BURN_TRAILING, END },
	{ "3 bytes trail", END, 0, PUT("abc"), RECORD_BURN_TRAILING, END },
	/* other models */
	{ "784-10 instead", 147, 5, PUT("\xfb\x80\x7a"), RECORD_BURN_SIZE, 147 },
};
/* clang-format on */

const size_t bad_record_count = sizeof(bad_records) / sizeof(bad_records[0]);

uint8_t *bad_record_make(const struct bad_record *bad, const uint8_t *good,
			 size_t good_len, size_t *len)
{
	size_t rest = good_len - bad->at - bad->cut;
	uint8_t *record = malloc(bad->at + bad->put_len + rest + 1);

	if (!record)
		abort();
	memcpy(record, good, bad->at);
	memcpy(record + bad->at, bad->put, bad->put_len);
	memcpy(record + bad->at + bad->put_len, good + bad->at + bad->cut,
	       rest);
	*len = bad->at + bad->put_len + rest;
	return record;
}
