/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How it works: Linux lets only one process open /dev/teepriv0, the supplicant.
 * If we can open it, there is none. When we close it again, the driver fails
 * every request that waits for a supplicant, so that the call returns with an
 * error.
 *
 * A user of the group tee may not open it. What such a user can do is to look
 * for a process of that name, if /proc shows the processes of others.
 */
#include "supplicant.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The name of a process, of which Linux keeps 15 characters. */
static bool read_name(const char *pid, char name[16])
{
	char path[64] = "";
	FILE *f = NULL;
	bool ok = false;

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fgets(name, 16, f);
	fclose(f);
	return ok;
}

static bool is_seen(void)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry = NULL;
	char name[16] = "";
	bool is_there = false;

	while (proc && !is_there && (entry = readdir(proc)))
		is_there = read_name(entry->d_name, name) &&
			   strstr(name, "tee-supplic");
	if (proc)
		closedir(proc);
	return is_there;
}

enum enc_tee_supplicant enc_tee_supplicant(void)
{
	char name[16] = "";
	int fd = open("/dev/teepriv0", O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return ENC_TEE_SUPPLICANT_MISSING;
	}
	if (errno != EACCES || !read_name("1", name) || is_seen())
		return ENC_TEE_SUPPLICANT_RUNS;
	return ENC_TEE_SUPPLICANT_UNSEEN;
}
