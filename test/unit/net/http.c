/* http: addresses, and a stream that is taken piece by piece. What it does with
 * redirects, TLS and bad answers is in test/e2e/ssecat-*.t. */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "net/http.h"

static struct http http;
static const struct http_options options = {.token = "", .connect = 5 * CLOCK_SECOND};
static const char *const no_headers[] = {NULL};

UNIT_TEST(test_addresses)
{
	static const struct {
		const char *url, *server, *trouble;
	} rows[] = {
		{"http://host/", "host:80", NULL},
		{"https://host", "host:443", NULL},
		{"HTTP://HOST:8080/x?y#z", "HOST:8080", NULL},
		{"http://u:p@host:1/", "host:1", NULL},
		{"https://[::1]:8443/", "[::1]:8443", NULL},
		{"http://host:65535/", "host:65535", NULL},
		{"ftp://host/", NULL, "is neither http nor https"},
		{"file:///etc/passwd", NULL, "is neither http nor https"},
		{"host/x", NULL, "is no address"},
		{"", NULL, "is no address"},
		{"http://", NULL, "is no address"},
		{"http://host:65536/", NULL, "is no address"},
		{"http://ho st/", NULL, "is no address"},
		{"http://host/a b", NULL, "is no address"},
		{"http://host/\r\nX: y", NULL, "is no address"},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		int code = http_open(&http, rows[i].url, &options);
		if ((code == 0) != !rows[i].trouble)
			fail_msg("'%s': %d, '%s'", rows[i].url, code, http.trouble);
		if (rows[i].trouble)
			assert_string_equal(http.trouble, rows[i].trouble);
		else
			assert_string_equal(http.server, rows[i].server);
		assert_int_equal(http.state, HTTP_IDLE);
		http_close(&http);
	}
	/* Too long for its parts, and as a whole. */
	static char url[HTTP_URL_MAX + 64];
	memset(url, 'x', sizeof url - 1);
	memcpy(url, "http://h/", 9);
	assert_int_equal(http_open(&http, url, &options), -1);
	assert_string_equal(http.trouble, "is too long");
	http_close(&http);
}

/* A child that answers one request with the head and so many bytes, which count up. */
static pid_t serve(const char *head, size_t len)
{
	static unsigned char block[4096];
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	char url[64], request[4096];

	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, size) == 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", ntohs(at.sin_port));
	assert_int_equal(http_open(&http, url, &options), 0);
	pid_t pid = unit_fork();
	if (pid > 0) {
		close(fd);
		return pid;
	}
	signal(SIGPIPE, SIG_IGN);
	int client = accept(fd, NULL, NULL);
	if (client < 0 || read(client, request, sizeof request) <= 0)
		_exit(2);
	for (size_t i = 0; i < sizeof block; i++)
		block[i] = (unsigned char)i;
	if (write(client, head, strlen(head)) < 0)
		_exit(3);
	for (size_t n; len > 0; len -= n) {
		n = len < sizeof block ? len : sizeof block;
		if (write(client, block, n) != (ssize_t)n)
			_exit(4); /* the client is gone */
	}
	_exit(0);
}

/* One round of a loop. False: nothing is to be waited for, or nothing came for so long.
 */
static bool go_round(int most)
{
	struct pollfd fds[HTTP_FDS];
	size_t count = http_fds(&http, fds);
	int timeout = clock_timeout(http_due(&http));

	if (timeout < 0 || timeout > most)
		timeout = most;
	int ready = poll(fds, count, timeout);
	assert_true(ready >= 0);
	http_work(&http, fds, count);
	return ready > 0 || timeout < most;
}

static bool is_over(void)
{
	return http.state == HTTP_ENDED || http.state == HTTP_FAILED;
}

/* Takes all of it, at most so many bytes at a time. Returns how many. */
static size_t take_all(size_t most)
{
	const char *bytes;
	size_t taken = 0, len;
	int64_t deadline = clock_now() + UNIT_SECONDS * CLOCK_SECOND;

	for (;;) {
		while ((len = http_body(&http, &bytes)) > 0) {
			len = len < most ? len : most;
			for (size_t i = 0; i < len; i++)
				if (bytes[i] != (char)(unsigned char)(taken + i))
					fail_msg("byte %zu", taken + i);
			http_took(&http, len);
			taken += len;
		}
		if (is_over())
			return taken;
		assert_true(clock_now() < deadline);
		go_round(100);
	}
}

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nX-Two: 1\r\nX-Two: 2\r\n"

UNIT_TEST(test_stream)
{
	static const struct {
		const char *head;
		size_t len, most;
		enum http_state state;
	} rows[] = {
		{HEAD "\r\n", 0, 1, HTTP_ENDED},
		{HEAD "\r\n", 1, 1, HTTP_ENDED},
		{HEAD "\r\n", 1000000, 1000000, HTTP_ENDED},
		{HEAD "\r\n", 300000, 7, HTTP_ENDED},
		{HEAD "Content-Length: 300000\r\n\r\n", 300000, 5000, HTTP_ENDED},
		{HEAD "Content-Length: 300001\r\n\r\n", 300000, 5000, HTTP_FAILED},
		{HEAD "Content-Encoding: br\r\n\r\n", 0, 1, HTTP_FAILED},
		{"nonsense\r\n\r\n", 0, 1, HTTP_FAILED},
	};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		bool answers = strncmp(rows[i].head, HEAD "C", strlen(HEAD)) == 0;
		pid_t pid = serve(rows[i].head, rows[i].len);
		assert_true(http_heard(&http) == CLOCK_NEVER);
		http_get(&http, no_headers);
		assert_int_equal(http.state, HTTP_ASKING);
		assert_int_equal(take_all(rows[i].most), rows[i].len);
		assert_int_equal(unit_wait(pid), 0);
		if (http.state != rows[i].state)
			fail_msg("row %zu: '%s'", i, http.trouble);
		assert_int_equal(http.status, answers ? 200 : 0);
		if (answers) {
			assert_string_equal(http_header(&http, "content-TYPE"), "text/x");
			assert_string_equal(http_header(&http, "x-two"), "1");
		}
		assert_null(http_header(&http, "X-Three"));
		assert_true(http_heard(&http) == CLOCK_NEVER);
		http_close(&http);
	}
}

/* A piece that is not taken stops everything: nothing is polled, the server waits, and
 * nobody blames it. */
UNIT_TEST(test_pressure)
{
	const char *bytes;
	pid_t pid = serve(HEAD "\r\n", 50000000);

	http_get(&http, no_headers);
	while (http_body(&http, &bytes) == 0)
		assert_true(go_round(UNIT_SECONDS * 1000) && !is_over());
	size_t len = http_body(&http, &bytes);
	int rounds = 0;
	while (go_round(300))
		assert_true(++rounds < 100);
	assert_int_equal(http_body(&http, &bytes), len);
	assert_int_equal(http.state, HTTP_ANSWERED);
	assert_true(http_heard(&http) == CLOCK_NEVER);
	assert_int_equal(take_all(SIZE_MAX), 50000000);
	assert_int_equal(http.state, HTTP_ENDED);
	assert_int_equal(unit_wait(pid), 0);
	http_close(&http);
}

/* Broken off in the middle: no descriptor stays, and the server notices. */
UNIT_TEST(test_stop)
{
	const char *bytes;
	int before = unit_free_descriptor();
	pid_t pid = serve(HEAD "\r\n", 50000000);

	http_get(&http, no_headers);
	while (http_body(&http, &bytes) == 0)
		assert_true(go_round(UNIT_SECONDS * 1000) && !is_over());
	http_stop(&http);
	assert_int_equal(http.state, HTTP_IDLE);
	assert_int_equal(http_body(&http, &bytes), 0);
	assert_true(http_due(&http) == CLOCK_NEVER);
	assert_int_equal(unit_wait(pid), 4);
	http_get(&http, no_headers); /* nobody listens any more */
	assert_int_equal(take_all(1), 0);
	assert_int_equal(http.state, HTTP_FAILED);
	assert_string_equal(http.trouble, strerror(ECONNREFUSED));
	assert_false(http.refused);
	http_close(&http);
	assert_int_equal(unit_free_descriptor(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_pressure),
		cmocka_unit_test(test_stop),
	};

	unsetenv("http_proxy"); /* the servers are here */
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
