/*
 * Times a CPU by items of one habit each: `engine-bench REPETITIONS [ITEM ...]`, every item when none is named. An item is a
 * fixed piece of work from a fixed start, so that each of its repetitions comes to the same checksum on every machine, and
 * whoever repeats it less often can still be compared. Prints, each time by CLOCK_MONOTONIC:
 *
 *   bench-begin <nanoseconds>
 *   item <name> <operations> <nanoseconds> <checksum>
 *   bench-error <sentence>
 *   bench-end <nanoseconds>
 */
#include "items.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * (uint64_t)1000000000 + time.tv_nsec;
}

/* Waits until the console has sent it: its interrupts fall into no item's time. */
static void send(void)
{
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
}

/* Until no other process is runnable: what init started behind the prompt has ended. */
static void wait_for_quiet(void)
{
	struct timespec pause = { .tv_nsec = 10000000 };
	int runnable = 0;

	while (runnable != 1) {
		FILE *load = fopen("/proc/loadavg", "r");

		if (!load || fscanf(load, "%*s %*s %*s %d/", &runnable) != 1)
			runnable = 1;
		if (load)
			fclose(load);
		if (runnable != 1)
			nanosleep(&pause, NULL);
	}
}

static void measure(const struct item *item, uint64_t repetitions)
{
	uint64_t first = 0, started;

	if (item->prepare)
		item->prepare();
	started = now();
	for (uint64_t n = 0; n < repetitions; n++) {
		uint64_t sum = item->work();

		if (n == 0)
			first = sum;
		if (sum == first)
			continue;
		printf("bench-error %s: repetition %" PRIu64 " came to %016" PRIx64 ", the first to %016" PRIx64 ".\n",
		       item->name, n + 1, sum, first);
		return;
	}
	printf("item %s %" PRIu64 " %" PRIu64 " %016" PRIx64 "\n", item->name, repetitions * item->operations,
	       now() - started, first);
}

/* In a process of its own: no item finds another's pages mapped, and each may crash. */
static void run(const struct item *item, uint64_t repetitions)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		measure(item, repetitions);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("bench-error %s: died of signal %d.\n", item->name, WTERMSIG(status));
	else if (status != 0)
		printf("bench-error %s: ended with %d.\n", item->name, WEXITSTATUS(status));
	send();
}

static const struct item *find(const char *name)
{
	for (const struct item *item = items; item->name; item++) {
		if (strcmp(item->name, name) == 0)
			return item;
	}
	printf("bench-error There is no item %s, but:", name);
	for (const struct item *item = items; item->name; item++)
		printf(" %s", item->name);
	printf("\n");
	exit(1);
}

int main(int count, char **arguments)
{
	uint64_t repetitions = count > 1 ? strtoull(arguments[1], NULL, 10) : 0;

	if (count == 3 && strcmp(arguments[1], "exit") == 0)
		return atoi(arguments[2]);
	if (repetitions == 0) {
		printf("bench-error Usage: engine-bench REPETITIONS [ITEM ...]\n");
		return 1;
	}
	for (int i = 2; i < count; i++)
		find(arguments[i]);
	wait_for_quiet();
	printf("bench-begin %" PRIu64 "\n", now());
	send();
	for (const struct item *item = items; item->name && count == 2; item++)
		run(item, repetitions);
	for (int i = 2; i < count; i++)
		run(find(arguments[i]), repetitions);
	printf("bench-end %" PRIu64 "\n", now());
	return 0;
}
