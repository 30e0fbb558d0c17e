/* deck: each once before any twice, whatever is edited; what a file keeps, and what
 * spoils one. */
#include "unit.h"

#include "deck.h"

static struct deck deck;
static struct list list = {.folder = ""};
static int folder;

static int enter(void **state)
{
	int code = unit_enter(state);

	folder = open(unit_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return code;
}

static int leave(void **state)
{
	deck_close(&deck);
	list_free(&list);
	close(folder);
	return unit_leave(state);
}

/* A list of so many entries from first on: "100", "101" ... */
static void make(int first, int count)
{
	char name[16];

	list_free(&list);
	for (int i = first; i < first + count; i++) {
		snprintf(name, sizeof name, "%d", i);
		assert_int_equal(list_add(&list, name), 0);
	}
}

/* Deals one; -1: the round is over. */
static int deal(const char *last)
{
	char path[64];
	size_t entry;

	if (!deck_find(&deck, &list, list.parts, last, &entry))
		return -1;
	list_path(&list, entry, path, sizeof path);
	assert_int_equal(deck_deal(&deck, path), 0);
	return atoi(path);
}

UNIT_TEST(test_rounds)
{
	enum { COUNT = 50, ROUNDS = 40 };
	static int dealt[ROUNDS][COUNT];
	char last[16] = "";
	int equal = 0;

	assert_int_equal(deck_open(&deck, -1, "", 5), 0);
	make(0, COUNT);
	for (int round = 0; round < ROUNDS; round++) {
		bool seen[COUNT] = {false};
		for (int i = 0; i < COUNT; i++) {
			int n = dealt[round][i] = deal(last);
			assert_true(n >= 0 && !seen[n]);
			if (i == 0)
				assert_true(atoi(last) != n || !*last);
			seen[n] = true;
			snprintf(last, sizeof last, "%d", n);
		}
		assert_int_equal(deal(last), -1);
		assert_int_equal(deck_again(&deck), 0);
	}
	for (int i = 0; i < COUNT; i++)
		equal += dealt[0][i] == dealt[1][i];
	assert_true(equal < COUNT / 4);
}

UNIT_TEST(test_edits)
{
	bool seen[40] = {false};

	assert_int_equal(deck_open(&deck, -1, "", 6), 0);
	make(0, 20);
	for (int i = 0; i < 10; i++)
		seen[deal("")] = true;
	make(10, 30); /* half of it is another */
	for (int n; (n = deal("")) >= 0;) {
		assert_false(seen[n]);
		seen[n] = true;
	}
	for (int n = 10; n < 40; n++)
		assert_true(seen[n]);
}

UNIT_TEST(test_one)
{
	assert_int_equal(deck_open(&deck, -1, "", 7), 0);
	make(3, 1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(deal("3"), 3);
		assert_int_equal(deal("3"), -1);
		deck_again(&deck);
	}
}

UNIT_TEST(test_kept)
{
	int order[20];

	assert_int_equal(deck_open(&deck, folder, "deck", 8), 0);
	make(0, 20);
	for (int i = 0; i < 20; i++)
		order[i] = deal("");
	deck_again(&deck);
	for (int i = 0; i < 9; i++)
		order[i] = deal("");
	deck_close(&deck);
	/* Another seed does not count: the deck has its own. */
	assert_int_equal(deck_open(&deck, folder, "deck", 9), 0);
	assert_true(deck.round == 2 && deck.count == 9);
	assert_int_equal(deck_back(&deck, 2, 5), 0);
	for (int i = 5; i < 9; i++)
		assert_int_equal(deal(""), order[i]);
	/* Of a round that is over nothing is known: this one begins. */
	assert_int_equal(deck_back(&deck, 1, 15), 0);
	assert_true(deck.round == 2 && deck.count == 0);
	assert_int_equal(deal(""), order[0]);
}

UNIT_TEST(test_spoilt)
{
	static const char whole[] =
		"0000000000000001\n0000000000000003\n0123456789abcdef\n";
	static const struct {
		const char *text;
		int64_t round;
		size_t count;
	} rows[] = {{whole, 3, 1}, {"", 1, 0}, {"x", 1, 0},
		{"0000000000000001\n0000000000000000\n", 1, 0},
		{"0000000000000001\nffffffffffffffff\n", 1, 0},
		{"0000000000000001\n000000000000000G\n", 1, 0},
		{"0000000000000001\n0000000000000003\n01234", 3, 0},
		{"0000000000000001\n0000000000000003\n0123456789abcdef\n01234567\n9abcdef"
		 "\n",
			3, 1},
		{"0000000000000001\n0000000000000003\n0123456789abcdef\n0123456789abcdef"
		 "\n",
			3, 1}};

	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unit_put_text("deck", rows[i].text);
		assert_int_equal(deck_open(&deck, folder, "deck", 5), 0);
		if (deck.round != rows[i].round || deck.count != rows[i].count)
			fail_msg("row %zu: round %d, %zu dealt", i, (int)deck.round,
				deck.count);
		deck_close(&deck);
		/* It has been put right. */
		assert_int_equal(deck_open(&deck, folder, "deck", 5), 0);
		assert_true(deck.round == rows[i].round && deck.count == rows[i].count);
		deck_close(&deck);
	}
	assert_int_equal(unlinkat(folder, "deck", 0), 0);
	assert_int_equal(mkdirat(folder, "deck", 0700), 0);
	assert_int_equal(deck_open(&deck, folder, "deck", 5), -1);
}

#define ENTERED(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ENTERED(test_rounds),
		ENTERED(test_edits),
		ENTERED(test_one),
		ENTERED(test_kept),
		ENTERED(test_spoilt),
	};

	return cmocka_run_group_tests_name("deck", tests, NULL, NULL);
}
