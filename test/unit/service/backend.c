/* backend: which there is, and whom the one for processes finds; the rest is in
 * test/e2e/stationctl.t.
 */
#include "unit_station.h"

#include "proc/process.h"
#include "service/backend.h"

UNIT_TEST(test_choose)
{
	bool booted = access("/run/systemd/system", F_OK) == 0;

	setenv("STREAMHUB_ROOT", "/elsewhere", 1);
	assert_ptr_equal(backend_choose(NULL), &backend_process);
	unsetenv("STREAMHUB_ROOT");
	assert_ptr_equal(
		backend_choose(NULL), booted ? &backend_systemd : &backend_process);
	assert_ptr_equal(backend_choose("process"), &backend_process);
	assert_ptr_equal(backend_choose("systemd"), &backend_systemd);
	assert_null(backend_choose("sysv"));
	assert_null(backend_choose(""));
}

UNIT_TEST(test_find)
{
	struct process self;
	char text[200];
	pid_t pid = 0;

	assert_int_equal(backend_process.find("cam", &pid), 0);
	mkdirat(unit_folder, "run", 0755);
	mkdirat(unit_folder, "run/streamhub.d", 0755);
	assert_int_equal(backend_process.find("cam", &pid), 0);
	mkdirat(unit_folder, "run/streamhub.d/cam", 0755);
	assert_int_equal(backend_process.find("cam", &pid), 0);
	assert_int_equal(process_of(&self, getpid()), 0);
	for (int late = 0; late < 2; late++) {
		snprintf(text, sizeof text, "boot: %s\nmono: 1\npid: %d\nticks: %lld\n",
			self.boot, (int)self.pid, (long long)self.started + late);
		unit_put_text("run/streamhub.d/cam/stationrun", text);
		pid = 0;
		assert_int_equal(backend_process.find("cam", &pid), !late);
		assert_int_equal(pid, late ? 0 : getpid());
	}
	unit_put_text("run/streamhub.d/file", "");
	assert_true(unit_ended(backend_process.find("file", &pid), ENOTDIR));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choose),
		UNIT_IN_ROOT(test_find),
	};

	return cmocka_run_group_tests_name("backend", tests, NULL, NULL);
}
