/* opt: a command line, in a child for each, for it may exit. */
#include "unit.h"

#include "opt.h"

#define USAGE "usage: tool [-q] [-n N] [FILE...]\nTry 'tool --help'.\n"

enum { ONLY_LONG = 256 };

static const struct opt_row rows[] = {
	{'q', "quiet", NULL, "say less"},
	{'n', "number", "N", "so many"},
	{'c', "choice", "WORD", "one of three"},
	{ONLY_LONG, "only-long", NULL, "has no letter"},
	{ONLY_LONG + 1, "only-long-arg", "X", "has no letter either"},
};
static const char *const choices[] = {"on", "off", "auto", NULL};

static const struct opt_tool tool = {
	"tool", "[-q] [-n N] [FILE...]", "Does nothing.", rows, UNIT_COUNT(rows)};

/* A tool that prints what it understood. */
static _Noreturn void run(int argc, char **argv)
{
	int key;

	opt_begin(&tool);
	while ((key = opt_next(&tool, argc, argv)) != -1) {
		if (key == 'n')
			printf("n=%lld,", opt_number(&tool, "-n", optarg, -5, 99));
		else if (key == 'c')
			printf("c=%d,", opt_choice(&tool, "-c", optarg, choices));
		else if (key == ONLY_LONG + 1)
			printf("long=%s,", optarg);
		else
			printf("%s,", key == 'q' ? "q" : key == ONLY_LONG ? "long" : "?");
	}
	for (int i = optind; i < argc; i++)
		printf("[%s]", argv[i]);
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
		{{"-qn7", "-qq"}, "q,n=7,q,q,"}, {{"-n", "-5"}, "n=-5,"},
		{{"--quiet", "--number=99"}, "q,n=99,"}, {{"--number", "0"}, "n=0,"},
		{{"--only-long", "--only-long-arg=", "--only-long-arg", "-q"},
			"long,long=,long=-q,"},
		{{"--num=3", "--qui"}, "n=3,q,"}, {{"a", "-q", "b"}, "q,[a][b]"},
		{{"-q", "--", "-q", "--no"}, "q,[-q][--no]"}, {{"-", ""}, "[-][]"},
		{{"-c", "on", "-coff", "--choice=auto"}, "c=0,c=1,c=2,"},
		{{"-v", "-q"}, "q,"}, {{"--verbose"}, ""}};
	struct outcome got;

	for (size_t i = 0; i < UNIT_COUNT(cases); i++) {
		run_words(cases[i].words, -1, &got);
		if (got.code != 0 || strcmp(got.out, cases[i].out) != 0 || *got.err)
			fail_msg("case %zu: %d '%s' '%s'", i, got.code, got.out, got.err);
	}
}

#define CHOICE(v) "option -c: '" v "' is none of on off auto"
#define RANGE(v) "option -n: '" v "' is not a whole number from -5 to 99"

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
		{{"-c"}, "option '-c' needs an argument"}};
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
			"      --only-long             has no letter\n"
			"      --only-long-arg X       has no letter either\n"
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
		cmocka_unit_test(test_lost_output),
	};

	return cmocka_run_group_tests_name("opt", tests, NULL, NULL);
}
