/* A clerk in another process counts divisors: hired for each question, or once for all.
 *
 *     cc -std=gnu11 -O1 docs/examples/05_pool.c -o build/05_pool -pthread && build/05_pool
 */
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIMES = 100, NUMBER = 360, THE_END = -1 };

struct desk {
	sem_t asked, answered; /* each counts what nobody has taken yet */
	int question, answer;  /* written before a post, read after the wait that took it */
};

static void check(int failed, const char *what)
{
	if (failed) {
		perror(what);
		_exit(1);
	}
}

static int divisors(int n)
{
	int count = 0;
	for (int i = 1; i <= n; i++)
		count += n % i == 0;
	return count;
}

static void serve(struct desk *d)
{
	for (;;) {
		while (sem_wait(&d->asked) != 0)
			check(errno != EINTR, "sem_wait");
		if (d->question == THE_END)
			return;
		d->answer = divisors(d->question);
		check(sem_post(&d->answered) != 0, "sem_post");
	}
}

static pid_t hire(struct desk *d)
{
	pid_t caller = getpid(), pid = fork();
	check(pid == -1, "fork");
	if (pid == 0) {
		check(prctl(PR_SET_PDEATHSIG, SIGKILL) != 0, "prctl");
		if (getppid() == caller) /* or it died before prctl, and nobody will tell */
			serve(d);
		_exit(0);
	}
	return pid;
}

/* Returns 0, or -1 if there will be no answer. */
static int ask(struct desk *d, pid_t clerk, int question)
{
	struct timespec until;
	d->question = question;
	check(sem_post(&d->asked) != 0, "sem_post");
	check(clock_gettime(CLOCK_REALTIME, &until) != 0, "clock_gettime");
	for (until.tv_sec++; sem_timedwait(&d->answered, &until) != 0; until.tv_sec++) {
		check(errno != EINTR && errno != ETIMEDOUT, "sem_timedwait");
		if (waitpid(clerk, NULL, WNOHANG) == clerk)
			return -1;
	}
	return 0;
}

static void dismiss(struct desk *d, pid_t clerk)
{
	d->question = THE_END;
	check(sem_post(&d->asked) != 0, "sem_post");
	check(waitpid(clerk, NULL, 0) != clerk, "waitpid");
}

static double now_us(void)
{
	struct timespec t;
	check(clock_gettime(CLOCK_MONOTONIC, &t) != 0, "clock_gettime");
	return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

int main(void)
{
	struct desk *d = mmap(NULL, sizeof *d, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	                      0);
	check(d == MAP_FAILED, "mmap");
	check(sem_init(&d->asked, 1, 0) != 0 || sem_init(&d->answered, 1, 0) != 0, "sem_init");

	double start = now_us();
	for (int i = 0; i < TIMES; i++) {
		pid_t clerk = hire(d);
		check(ask(d, clerk, NUMBER) != 0, "ask");
		dismiss(d, clerk);
	}
	printf("a clerk for each   %8.1f us a question\n", (now_us() - start) / TIMES);

	pid_t clerk = hire(d);
	check(ask(d, clerk, NUMBER) != 0, "ask"); /* he is there now */
	start = now_us();
	for (int i = 0; i < TIMES; i++)
		check(ask(d, clerk, NUMBER) != 0, "ask");
	printf("a clerk who stays  %8.1f us a question\n", (now_us() - start) / TIMES);
	printf("%d has %d divisors\n", NUMBER, d->answer);
	check(kill(clerk, SIGKILL) != 0, "kill");
	printf("the clerk is killed: ask returns %d\n", ask(d, clerk, NUMBER));
	return 0;
}
