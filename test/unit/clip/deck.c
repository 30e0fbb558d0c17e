/* deck: each once before any twice, whatever is edited; what a file keeps, and what
 * spoils one. */
#include "unit.h"

#include "clip/deck.h"

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

/* The next one; -1: the round is over. */
static int next(const char *last)
{
	char path[64];
	size_t entry;

	int found = deck_find(&deck, &list, list.parts, last, &entry);
	assert_true(found >= 0);
	if (!found)
		return -1;
	list_path(&list, entry, path, sizeof path);
	return atoi(path);
}

/* Deals it. */
static int deal(const char *last)
{
	int n = next(last);

	if (n >= 0)
		assert_int_equal(deck_deal(&deck), 0);
	return n;
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
		deck_again(&deck);
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

/* An entry that was left out comes again in the next round; after deck_forget, in this.
 */
UNIT_TEST(test_left)
{
	int order[6];

	assert_int_equal(deck_open(&deck, folder, "deck", 8), 0);
	make(0, 6);
	for (int i = 0; i < 6; i++) {
		order[i] = next("");
		deck_leave(&deck);
	}
	assert_int_equal(next(""), -1);
	deck_again(&deck);
	assert_true(next("") >= 0 && deck.now.number == 2);
	deck_forget(&deck);
	assert_true(deck.now.number == 1 && deck.now.count == 0);
	assert_int_equal(faccessat(folder, "deck", F_OK, 0), -1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(deal(""), order[i]);
	deck_leave(&deck); /* the fourth: its file is away */
	assert_int_equal(deal(""), order[4]);
	assert_int_equal(deal(""), order[5]);
	assert_int_equal(deal(""), -1);
	/* A round that was begun in vain. */
	deck_again(&deck);
	for (int i = 0; i < 6; i++) {
		next("");
		deck_leave(&deck);
	}
	deck_forget(&deck);
	assert_true(deck.now.number == 1 && deck.now.count == 6);
	deck_close(&deck);
	assert_int_equal(deck_open(&deck, folder, "deck", 9), 0);
	assert_true(deck.now.number == 1 && deck.now.count == 6);
}

UNIT_TEST(test_kept)
{
	int order[20];

	assert_int_equal(deck_open(&deck, folder, "deck", 8), 0);
	make(0, 20);
	for (int i = 0; i < 20; i++)
		order[i] = deal("");
	deck_again(&deck);
	for (int i = 0; i < 20; i++) {
		if (i == 9) { /* another seed does not count: the deck has its own */
			deck_close(&deck);
			assert_int_equal(deck_open(&deck, folder, "deck", 9), 0);
			assert_true(deck.now.number == 2 && deck.now.count == 9);
		}
		order[i] = deal("");
		for (int j = 0; j < i; j++)
			assert_int_not_equal(order[i], order[j]);
	}
	assert_int_equal(deal(""), -1);
}

/* A write that fails is made good with the next one. */
UNIT_TEST(test_behind)
{
	assert_int_equal(deck_open(&deck, folder, "deck", 8), 0);
	make(0, 9);
	deal("");
	assert_int_equal(unlinkat(folder, "deck", 0), 0);
	assert_int_equal(mkdirat(folder, "deck", 0700), 0);
	assert_true(next("") >= 0);
	assert_int_equal(deck_deal(&deck), -1);
	assert_int_equal(unlinkat(folder, "deck", AT_REMOVEDIR), 0);
	deal("");
	deck_close(&deck);
	assert_int_equal(deck_open(&deck, folder, "deck", 1), 0);
	assert_true(deck.now.count == 3);
}

UNIT_TEST(test_spoilt)
{
	static const char whole[] =
		"0000000000000001\n0000000000000003\n0123456789abcdef\n";
	static const struct {
		const char *text;
		int64_t round;
		size_t count;
		bool none;
	} rows[] = {{whole, 3, 1, false}, {"", 1, 0, true}, {"x", 1, 0, true},
		{"0000000000000001\n0000000000000000\n", 1, 0, true},
		{"0000000000000001\nffffffffffffffff\n", 1, 0, true},
		{"0000000000000001\n000000000000000G\n", 1, 0, true},
		{"0000000000000001\n0000000000000003\n01234", 3, 0, false},
		{"0000000000000001\n0000000000000003\n0123456789abcdef\n01234567\n9abcdef"
		 "\n",
			3, 1, false},
		{"0000000000000001\n0000000000000003\n0123456789abcdef\n0123456789abcdef"
		 "\n",
			3, 1, false}};

	make(0, 3);
	for (size_t i = 0; i < UNIT_COUNT(rows); i++) {
		unit_put_text("deck", rows[i].text);
		int code = deck_open(&deck, folder, "deck", 5);
		if (!unit_ended(code, rows[i].none ? EBADMSG : 0) ||
			deck.now.number != rows[i].round ||
			deck.now.count != rows[i].count)
			fail_msg("row %zu: round %d, %zu dealt", i, (int)deck.now.number,
				deck.now.count);
		deal("");
		deck_close(&deck);
		/* It has been put right. */
		assert_int_equal(deck_open(&deck, folder, "deck", 5), 0);
		assert_true(deck.now.number == rows[i].round &&
			deck.now.count == rows[i].count + 1);
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
		ENTERED(test_left),
		ENTERED(test_kept),
		ENTERED(test_behind),
		ENTERED(test_spoilt),
	};

	return cmocka_run_group_tests_name("deck", tests, NULL, NULL);
}
