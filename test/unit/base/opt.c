/* opt: a command line, in a child for each, for it may exit. */
#include "unit.h"

#include "base/opt.h"

#define USAGE "usage: tool [-q] [-n N] [FILE...]\nTry 'tool --help'.\n"

enum word { ON, OFF, AUTO, UNSET };
static const char *const states[] = {"on", "off", "auto", NULL};

static bool quiet, only_long;
static int64_t number = INT64_MIN, most, seconds;
static enum word choice = UNSET;
static const char *label = "unset", *folder;

/* The function of an option that only code can read is called each time. */
static void read_pair(const struct opt_tool *tool, char *value)
{
	if (!value || !strchr(value, '/'))
		opt_refuse(tool, "option -p: '%s' is no pair", value);
	*strchr(value, '/') = ' ';
	printf("pair=%s,", value);
}

static void hear(const struct opt_tool *tool, char *value)
{
	printf("%s hears%s,", tool->name, value ? "?" : "");
}

static const struct opt_row rows[] = {
	{'q', "quiet", NULL, "say less", .flag = &quiet},
	{'n', "number", "N", "so many", .number = {&number, 1, -5, 99}},
	{'c', "choice", "WORD", "one of three", .choice = {&choice, states}},
	{'p', "pair", "A/B", "two of them", .read = read_pair},
	{'f', "folder", "DIR", "where", .text = &folder},
	{'x', "nothing", NULL, "accepted", .flag = NULL},
	{0, "call", NULL, "calls", .read = hear},
	{0, "only-long", NULL, "has no letter", .flag = &only_long},
	{0, "only-long-arg", "X", "has no letter either", .text = &label},
	{0, "seconds", "SEC", "a time", .number = {&seconds, 1000, 1, 3600}},
	{0, "most", "N", "as far as it goes", .number = {&most, 1, 0, INT64_MAX}},
};

static const struct opt_tool tool = {
	"tool", "[-q] [-n N] [FILE...]", "Does nothing.", rows, UNIT_COUNT(rows)};

/* A tool that prints what is set now. */
static _Noreturn void run(int argc, char **argv)
{
	opt_begin(&tool);
	char **operands = opt_read(&tool, argc, argv);
	if (quiet)
		printf("q,");
	if (only_long)
		printf("long,");
	if (number != INT64_MIN)
		printf("n=%lld,", (long long)number);
	if (choice != UNSET)
		printf("c=%d,", (int)choice);
	if (strcmp(label, "unset") != 0)
		printf("text=%s,", label);
	if (folder)
		printf("folder=%s,", folder);
	if (seconds)
		printf("ms=%lld,", (long long)seconds);
	if (most)
		printf("most=%lld,", (long long)most);
	for (; *operands; operands++)
		printf("[%s]", *operands);
	exit(opt_finish(0));
}

struct outcome {
	int code;
	char out[4096], err[4096];
};

static void slurp(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
}

/* Runs the words in a child; standard output goes to out, or is kept if that is -1. */
static void run_words(const char *const *words, int out, struct outcome *outcome)
{
	char *argv[16] = {strdup("tool")};
	int argc = 1, kept = memfd_create("out", MFD_CLOEXEC);
	int err = memfd_create("err", MFD_CLOEXEC);

	for (; words[argc - 1]; argc++)
		argv[argc] = strdup(words[argc - 1]);
	pid_t pid = unit_fork();
	if (pid == 0) {
		dup2(out < 0 ? kept : out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		run(argc, argv);
	}
	outcome->code = unit_wait(pid);
	slurp(kept, outcome->out, sizeof outcome->out);
	slurp(err, outcome->err, sizeof outcome->err);
	while (argc > 0)
		free(argv[--argc]);
}

UNIT_TEST(test_understood)
{
	static const struct {
		const char *words[8], *out;
	} cases[] = {{{NULL}, ""}, {{"-q", "-n", "7", "a"}, "q,n=7,[a]"},
		{{"-qn7", "-qq"}, "q,n=7,"}, {{"-n", "-5"}, "n=-5,"},
		{{"--quiet", "--number=99"}, "q,n=99,"}, {{"--number", "0"}, "n=0,"},
		{{"--only-long", "--only-long-arg=", "--only-long"}, "long,text=,"},
		{{"--only-long-arg", "-q"}, "text=-q,"}, {{"-fa"}, "folder=a,"},
		{{"--num=3", "--qui"}, "q,n=3,"}, {{"a", "-q", "b"}, "q,[a][b]"},
		{{"-q", "--", "-q", "--no"}, "q,[-q][--no]"}, {{"-", ""}, "[-][]"},
		{{"-c", "on"}, "c=0,"}, {{"-cauto"}, "c=2,"},
		{{"--seconds=1"}, "ms=1000,"}, {{"--seconds", "3600"}, "ms=3600000,"},
		{{"--most", "9223372036854775807"}, "most=9223372036854775807,"},
		{{"-p", "a/b", "--call"}, "pair=a b,tool hears,"}, {{"-xq"}, "q,"},
		{{"-v", "-q"}, "q,"}, {{"--verbose"}, ""},
		/* The last one counts, but code sees each. */
		{{"-n1", "--number", "2"}, "n=2,"}, {{"-n1", "-n", "1"}, "n=1,"},
		{{"-c", "on", "-coff", "--choice=auto"}, "c=2,"},
		{{"-fa", "--folder", "b", "-f", ""}, "folder=,"},
		{{"-p1/2", "-p3/4"}, "pair=1 2,pair=3 4,"}};
	struct outcome got;

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		run_words(cases[i].words, -1, &got);
		if (got.code != 0 || strcmp(got.out, cases[i].out) != 0 || *got.err)
			fail_msg("case %zu: %d '%s' '%s'", i, got.code, got.out, got.err);
	}
}

#define CHOICE(v) "option -c: '" v "' is none of on off auto"
#define RANGE(v) "option -n: '" v "' is not a whole number from -5 to 99"
#define SECONDS(v) "option --seconds: '" v "' is not a whole number from 1 to 3600"

UNIT_TEST(test_refused)
{
	static const struct {
		const char *words[4], *err;
	} cases[] = {{{"-z"}, "unknown option '-z'"}, {{"-qz"}, "unknown option '-z'"},
		{{"-:"}, "unknown option '-:'"}, {{"-:q"}, "unknown option '-:'"},
		{{"-?"}, "unknown option '-?'"}, {{"-\x1b"}, "unknown option '-\\x1b'"},
		{{"-\xc3\xa9"}, "unknown option '-\\xc3'"},
		{{"--zoo"}, "unknown or ambiguous option '--zoo'"},
		{{"a", "--zoo", "b"}, "unknown or ambiguous option '--zoo'"},
		{{"--zoo=\n"}, "unknown or ambiguous option '--zoo=\\x0a'"},
		{{"--ver"}, "unknown or ambiguous option '--ver'"},
		{{"--on"}, "unknown or ambiguous option '--on'"},
		{{"--quiet=1"}, "option '--quiet=1' takes no argument"},
		{{"--help="}, "option '--help=' takes no argument"},
		{{"--only-long=1"}, "option '--only-long=1' takes no argument"},
		{{"-n"}, "option '-n' needs an argument"},
		{{"--number"}, "option '--number' needs an argument"},
		{{"--only-long-arg"}, "option '--only-long-arg' needs an argument"},
		{{"-n", "100"}, RANGE("100")}, {{"-n", "-6"}, RANGE("-6")},
		{{"-n", ""}, RANGE("")}, {{"-n", " 1"}, RANGE(" 1")},
		{{"-n", "1 "}, RANGE("1 ")}, {{"-n", "+1"}, RANGE("+1")},
		{{"-n", "1.5"}, RANGE("1.5")}, {{"--number=x"}, RANGE("x")},
		{{"-n", "99999999999999999999"}, RANGE("99999999999999999999")},
		{{"-n", "1\n2"}, RANGE("1\\x0a2")}, {{"-c", "o"}, CHOICE("o")},
		{{"-c", ""}, CHOICE("")}, {{"--choice=On"}, CHOICE("On")},
		{{"-c", "on off"}, CHOICE("on off")}, {{"-c", "on "}, CHOICE("on ")},
		{{"-c", "\n"}, CHOICE("\\x0a")},
		{{"-c"}, "option '-c' needs an argument"},
		{{"-n1", "-nx", "-n2"}, RANGE("x")}, {{"--seconds=0"}, SECONDS("0")},
		{{"--seconds=3601"}, SECONDS("3601")}, {{"--seconds="}, SECONDS("")},
		{{"--most=9223372036854775808"},
			"option --most: '9223372036854775808' is not a whole number "
			"from 0 to 9223372036854775807"},
		{{"-p", "ab"}, "option -p: 'ab' is no pair"},
		{{"--call=1"}, "option '--call=1' takes no argument"},
		{{"-x1"}, "unknown option '-1'"}};
	char expected[256];
	struct outcome got;

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		run_words(cases[i].words, -1, &got);
		snprintf(expected, sizeof expected, "] [ERROR] [tool] %s\n" USAGE,
			cases[i].err);
		const char *head = strstr(got.err, "] [ERROR]");
		if (got.code != 64 || !head || strcmp(head, expected) != 0)
			fail_msg("case %zu: %d '%s' '%s'", i, got.code, got.out, got.err);
	}
}

UNIT_TEST(test_help_and_version)
{
	static const char *const help[] = {"-h", "--help", "--h", "-qh"};
	struct outcome got;

	for (size_t i = 0; i < UNIT_COUNT(help); i++) {
		run_words((const char *[]){help[i], "--zoo", NULL}, -1, &got);
		assert_int_equal(got.code, 0);
		assert_string_equal(got.err, "");
		const char *text = strstr(got.out, "usage: ");
		assert_string_equal(text,
			"usage: tool [-q] [-n N] [FILE...]\n"
			"Does nothing.\n\n"
			"  -q, --quiet                 say less\n"
			"  -n, --number N              so many\n"
			"  -c, --choice WORD           one of three\n"
			"  -p, --pair A/B              two of them\n"
			"  -f, --folder DIR            where\n"
			"  -x, --nothing               accepted\n"
			"      --call                  calls\n"
			"      --only-long             has no letter\n"
			"      --only-long-arg X       has no letter either\n"
			"      --seconds SEC           a time\n"
			"      --most N                as far as it goes\n"
			"  -h, --help                  show this help and exit\n"
			"  -V, --version               show the version and exit\n"
			"  -v, --verbose               say more, as DEBUG=1 does\n");
	}
	run_words((const char *[]){"-V", NULL}, -1, &got);
	assert_int_equal(got.code, 0);
	assert_string_equal(got.out, "tool " STREAMHUB_VERSION "\n");
	run_words((const char *[]){"--version", NULL}, -1, &got);
	assert_string_equal(got.out, "tool " STREAMHUB_VERSION "\n");
}

UNIT_TEST(test_operand)
{
	static const struct {
		const char *operands[3];
		int code;
	} cases[] = {{{"a"}, 0}, {{""}, 0}, {{NULL}, 64}, {{"a", "b"}, 64}};

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		int err = memfd_create("err", MFD_CLOEXEC);
		struct outcome got;

		pid_t pid = unit_fork();
		if (pid == 0) {
			char *operands[3] = {NULL};

			for (size_t n = 0; cases[i].operands[n]; n++)
				operands[n] = strdup(cases[i].operands[n]);
			dup2(err, STDERR_FILENO);
			opt_begin(&tool);
			_exit(opt_operand(&tool, operands, "DIR") != operands[0]);
		}
		assert_int_equal(unit_wait(pid), cases[i].code);
		slurp(err, got.err, sizeof got.err);
		if (cases[i].code)
			assert_non_null(strstr(got.err,
				cases[i].operands[0] ? "] more than one DIR\nusage: "
						     : "] no DIR\nusage: "));
	}
}

/* Output that does not arrive is never a success. */
UNIT_TEST(test_lost_output)
{
	static char big[65536];
	const char *const few[][4] = {{"a"}, {"--help"}, {"-V"}, {big, big}};
	struct outcome got;
	int ends[2];

	memset(big, 'x', sizeof big - 1);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	for (size_t i = 0; i < UNIT_COUNT(few); i++) {
		run_words(few[i], full, &got);
		assert_int_equal(got.code, 74);
		assert_non_null(strstr(got.err,
			*few[i] == big ? "output: a write to it failed\n"
				       : "output: No space left on device\n"));
		run_words(few[i], ends[1], &got);
		assert_int_equal(got.code, 75);
		assert_non_null(strstr(got.err, "reader of standard output is gone\n"));
	}
	/* Nothing to lose: */
	run_words((const char *[]){NULL}, full, &got);
	assert_int_equal(got.code, 0);
	close(full);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_understood),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_help_and_version),
		cmocka_unit_test(test_operand),
		cmocka_unit_test(test_lost_output),
	};

	return cmocka_run_group_tests_name("opt", tests, NULL, NULL);
}
