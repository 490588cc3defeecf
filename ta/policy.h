/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the owner lets a device do with a model, besides what leaves of an
 * answer (answer.h): which clients may use it, and how many samples may be
 * answered, after a load and in the life of the device.
 *
 * Answers in a device's life are counted in trusted storage, but not each by
 * itself: a session reserves some, and gives back what is left when it ends or
 * loads another model. So a power cut or a killed TA can cost a device up to
 * POLICY_RESERVE answers of each session, and never gives it one.
 */
#ifndef TA_POLICY_H
#define TA_POLICY_H

#include "session.h"

#define POLICY_RESERVE 1024u

/* ACCESS_DENIED: the session's client has not the login that the head names. */
TEE_Result policy_check_client(const struct box_head *head);

/*
 * Takes n answers of the active network, before they are computed.
 * ACCESS_DENIED: there are not so many left. STORAGE_NO_SPACE: there is no room
 * to count them.
 */
TEE_Result policy_take(struct session *s, size_t n);

/* Gives back what is reserved. */
void policy_give_back(struct session *s);

/*
 * COMMIT of proto/enc_mnist_ta.h: no older security version of the active
 * network may be loaded from now on.
 */
TEE_Result policy_commit(struct session *s);

#endif
