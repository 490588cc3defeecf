/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What clients and enc-mnistd say to each other: doc/SERVICE.md. All numbers
 * are little-endian.
 *
 * A request:
 *	at	bytes
 *	0	4	"ENC1"
 *	4	4	the client's number for the request
 *	8	4	n: samples; 0: what does the model take?
 *	12	4	bytes of the samples that follow
 *	16	32	the model's name, and zeros
 *
 * Its answer:
 *	0	4	"ENC1"
 *	4	4	that number
 *	8	4	an exit status of enc_mnist
 *	12	4	bytes that follow: n answers, or a message
 */
#ifndef DAEMON_FRAME_H
#define DAEMON_FRAME_H

#define FRAME_MAGIC	    0x31434e45u
#define FRAME_REQUEST_BYTES 48
#define FRAME_AT_ID	    4
#define FRAME_AT_COUNT	    8 /* in an answer: status */
#define FRAME_AT_BYTES	    12
#define FRAME_AT_MODEL	    16
#define FRAME_MODEL_BYTES   32
#define FRAME_ANSWER_BYTES  16
#define FRAME_MESSAGE_MAX   1024

/* The answer to n = 0: numbers of 4 bytes. */
#define FRAME_ABOUT_AT_SAMPLE	0 /* bytes of a sample */
#define FRAME_ABOUT_AT_ANSWER	4 /* bytes of its answer */
#define FRAME_ABOUT_AT_ROOM	8 /* samples of a request */
#define FRAME_ABOUT_AT_VERSION	12
#define FRAME_ABOUT_AT_SECURITY 16
#define FRAME_ABOUT_BYTES	20

/* Statuses: 0, 2, and enum encmnist_kind. */
#define FRAME_DONE  0
#define FRAME_USAGE 2 /* no request, or not for this model */

#endif
