/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "host/base/file.h"
#include "tests/lib/scratch.h"

static void fill(uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
}

static void files_of_any_size_are_read(void **state)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 65536, 200001 };
	static uint8_t expected[200001];

	(void)state;
	fill(expected, sizeof(expected));
	for (size_t i = 0; i < COUNT(sizes); i++) {
		const char *path = scratch_write("in", expected, sizes[i]);
		struct enc_error e = { 0 };
		uint8_t *data = NULL;
		size_t len = 99;

		assert_true(enc_file_read(path, sizes[i], &data, &len, &e));
		assert_int_equal(len, sizes[i]);
		assert_non_null(data);
		assert_memory_equal(data, expected, len);
		free(data);
	}
}

static void larger_files_are_refused(void **state)
{
	const char *path = scratch_write("in", "0123456789", 10);
	struct enc_error e = { 0 };
	uint8_t *data = NULL;
	size_t len = 0;

	(void)state;
	assert_false(enc_file_read(path, 9, &data, &len, &e));
	assert_error(e, ENC_ERR_LIMIT, "larger than 9 bytes");
	assert_false(enc_file_read(path, 0, &data, &len, &e));
	assert_error(e, ENC_ERR_LIMIT, "larger than 0 bytes");
	/* An endless file, and a number that cannot be incremented. */
	assert_non_null(freopen("/dev/zero", "r", stdin));
	assert_false(enc_file_read("-", 1000000, &data, &len, &e));
	assert_error(e, ENC_ERR_LIMIT, "larger than 1000000 bytes");
	assert_null(data);
	assert_true(enc_file_read(path, SIZE_MAX, &data, &len, &e));
	assert_int_equal(len, 10);
	free(data);
}

static void a_pipe_is_read_to_its_end(void **state)
{
	struct enc_error e = { 0 };
	uint8_t *data = NULL;
	size_t len = 0;
	FILE *p = NULL;

	(void)state;
	scratch_stdin("from a pipe", 11);
	assert_true(enc_file_read("-", 11, &data, &len, &e));
	assert_int_equal(len, 11);
	assert_memory_equal(data, "from a pipe", 11);
	free(data);
	data = NULL;
	scratch_stdin("from a pipe", 11);
	assert_false(enc_file_read("-", 10, &data, &len, &e));
	assert_error(e, ENC_ERR_LIMIT, "standard input: larger than 10");
	/* More than one buffer, from a process that writes in pieces. */
	p = popen("for i in 1 2 3; do head -c 100000 /dev/zero; done", "r");
	assert_non_null(p);
	assert_int_equal(dup2(fileno(p), STDIN_FILENO), STDIN_FILENO);
	assert_true(enc_file_read("-", 1 << 20, &data, &len, &e));
	assert_int_equal(len, 300000);
	free(data);
	pclose(p);
}

static void a_missing_file_is_an_error(void **state)
{
	struct enc_error e = { 0 };
	uint8_t *data = NULL;
	size_t len = 0;

	(void)state;
	assert_false(enc_file_read(scratch_path("no"), 9, &data, &len, &e));
	assert_error(e, ENC_ERR_IO, "no: cannot open: No such file");
	assert_false(enc_file_read(scratch_dir, 9, &data, &len, &e));
	assert_error(e, ENC_ERR_IO, "Is a directory");
}

/* A program would wait for its writer, or read it for ever. */
static void what_is_no_file_is_refused(void **state)
{
	const char *fifo = scratch_path("fifo");
	const char *const paths[] = { fifo, "/dev/zero", "/dev/null" };
	struct enc_error e = { 0 };
	uint8_t *data = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	alarm(10); /* in place of waiting */
	for (size_t i = 0; i < 3; i++) {
		assert_false(enc_file_read(paths[i], 9, &data, &len, &e));
		assert_error(e, ENC_ERR_IO, "not a regular file, but a ");
		assert_null(enc_file_stream(paths[i], &e));
		assert_false(enc_file_is_regular(paths[i]));
	}
	alarm(0);
	assert_false(enc_file_is_regular("-"));
	assert_false(enc_file_is_regular(scratch_dir));
	assert_true(enc_file_is_regular(scratch_write("in", "", 0)));
}

static void pipes_that_are_open_have_names(void **state)
{
	const char *const paths[] = { "/dev/stdin", "/dev/fd/0",
				      "/proc/self/fd/0" };
	struct enc_error e = { 0 };
	uint8_t *data = NULL;
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		scratch_stdin("from a pipe", 11);
		assert_true(enc_file_read(paths[i], 11, &data, &len, &e));
		assert_int_equal(len, 11);
		free(data);
	}
}

static void assert_content(const char *path, const char *expected)
{
	struct enc_error e = { 0 };
	uint8_t *data = NULL;
	size_t len = 0;

	assert_true(enc_file_read(path, 1 << 20, &data, &len, &e));
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(data, expected, len);
	free(data);
}

static void a_file_appears_when_it_is_committed(void **state)
{
	const char *path = scratch_path("out");
	struct enc_out_file out = { 0 };
	struct enc_error e = { 0 };
	struct stat st = { 0 };
	mode_t mask = umask(027);

	(void)state;
	unlink(path);
	assert_true(enc_out_open(&out, path, 0644, &e));
	fputs("new", out.stream);
	assert_int_equal(access(path, F_OK), -1); /* not before commit */
	assert_true(enc_out_commit(&out, &e));
	umask(mask);
	assert_content(path, "new");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	enc_out_abort(&out); /* harmless */
	assert_content(path, "new");
	unlink(path);
}

static void an_abort_keeps_the_old_file(void **state)
{
	const char *path = scratch_write("out", "old", 3);
	size_t before = scratch_count();
	struct enc_out_file out = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	assert_true(enc_out_open(&out, path, 0644, &e));
	fputs("half of the n", out.stream);
	fflush(out.stream);
	assert_content(path, "old");
	assert_int_equal(scratch_count(), before + 1);
	enc_out_abort(&out);
	enc_out_abort(&out);
	assert_content(path, "old");
	assert_int_equal(scratch_count(), before);
}

/* A leftover of a killed process with our number does no harm. */
static void a_leftover_does_not_disturb(void **state)
{
	const char *path = scratch_path("out");
	struct enc_out_file out = { 0 };
	struct enc_error e = { 0 };
	char name[64] = "";

	(void)state;
	snprintf(name, sizeof(name), ".enc_mnist-%ld-0.tmp", (long)getpid());
	scratch_write(name, "left", 4);
	assert_true(enc_out_open(&out, path, 0644, &e));
	fputs("new", out.stream);
	assert_true(enc_out_commit(&out, &e));
	assert_content(path, "new");
	assert_content(scratch_path(name), "left");
	unlink(scratch_path(name));
}

/* A limit on the size of files simulates a full disk. */
static void disk_full(size_t bytes, bool room_again)
{
	const char *path = scratch_write("out", "old", 3);
	size_t before = scratch_count();
	struct rlimit old = { 0 };
	struct rlimit small = { 0 };
	struct enc_out_file out = { 0 };
	struct enc_error e = { 0 };

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = 100;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_true(enc_out_open(&out, path, 0644, &e));
	for (size_t i = 0; i < bytes; i++)
		putc('x', out.stream);
	if (room_again)
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_false(enc_out_commit(&out, &e));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_error(e, ENC_ERR_IO, "out: cannot write: ");
	assert_content(path, "old");
	assert_int_equal(scratch_count(), before);
}

static void a_full_disk_keeps_the_old_file(void **state)
{
	(void)state;
	disk_full(101, false);	  /* noticed at the flush */
	disk_full(100000, false); /* noticed while writing */
	disk_full(100000, true);  /* too late: the data is lost */
}

static void a_symbolic_link_stays_one(void **state)
{
	const char *target = scratch_write("target", "old", 3);
	const char *link = scratch_path("link");
	struct enc_out_file out = { 0 };
	struct enc_error e = { 0 };
	struct stat st = { 0 };

	(void)state;
	assert_int_equal(symlink("target", link), 0);
	assert_true(enc_out_open(&out, link, 0644, &e));
	fputs("new", out.stream);
	assert_true(enc_out_commit(&out, &e));
	assert_content(target, "new");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));

	unlink(target); /* the link now points nowhere */
	assert_false(enc_out_open(&out, link, 0644, &e));
	assert_error(e, ENC_ERR_IO, "link: cannot write: No such file");
}

static void what_is_no_file_is_not_written(void **state)
{
	struct enc_out_file out = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	assert_false(enc_out_open(&out, "/dev/null", 0644, &e));
	assert_error(e, ENC_ERR_IO, "not a regular file");
	assert_false(enc_out_open(&out, scratch_dir, 0644, &e));
	assert_error(e, ENC_ERR_IO, "not a regular file");
	assert_false(enc_out_open(&out, scratch_path("no/dir"), 0644, &e));
	assert_error(e, ENC_ERR_IO, "cannot create: No such file");
}

/* A name without a directory is in the current one. */
static void a_plain_name_is_in_the_current_directory(void **state)
{
	struct enc_out_file out = { 0 };
	struct enc_error e = { 0 };

	(void)state;
	assert_int_equal(chdir(scratch_dir), 0);
	assert_true(enc_out_open(&out, "plain", 0600, &e));
	fputs("here", out.stream);
	assert_true(enc_out_commit(&out, &e));
	assert_content(scratch_path("plain"), "here");
	assert_int_equal(chdir("/"), 0);
}

/* When two files are written at once, only the first gets the name. */
static void a_new_file_replaces_none(void **state)
{
	const char *path = scratch_path("only");
	struct enc_out_file first = { 0 };
	struct enc_out_file second = { 0 };
	struct enc_error e = { 0 };
	uint8_t *data = NULL;
	size_t len = 0;

	(void)state;
	assert_true(enc_out_open_new(&first, path, 0600, &e));
	assert_true(enc_out_open_new(&second, path, 0600, &e));
	fputs("first", first.stream);
	fputs("second", second.stream);
	assert_true(enc_out_commit(&first, &e));
	assert_false(enc_out_commit(&second, &e));
	assert_error(e, ENC_ERR_IO, "File exists");
	assert_true(enc_file_read(path, 100, &data, &len, &e));
	assert_int_equal(len, 5);
	assert_memory_equal(data, "first", 5);
	free(data);
	assert_false(enc_out_open_new(&first, path, 0600, &e));
	assert_error(e, ENC_ERR_IO, "already exists");
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_any_size_are_read),
		cmocka_unit_test(larger_files_are_refused),
		cmocka_unit_test(a_pipe_is_read_to_its_end),
		cmocka_unit_test(a_missing_file_is_an_error),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(pipes_that_are_open_have_names),
		cmocka_unit_test(a_file_appears_when_it_is_committed),
		cmocka_unit_test(an_abort_keeps_the_old_file),
		cmocka_unit_test(a_leftover_does_not_disturb),
		cmocka_unit_test(a_full_disk_keeps_the_old_file),
		cmocka_unit_test(a_symbolic_link_stays_one),
		cmocka_unit_test(what_is_no_file_is_not_written),
		cmocka_unit_test(a_plain_name_is_in_the_current_directory),
		cmocka_unit_test(a_new_file_replaces_none),
	};

	return cmocka_run_group_tests_name("file", tests, scratch_setup,
					   scratch_teardown);
}
