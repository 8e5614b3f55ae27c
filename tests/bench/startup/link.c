// A phone's link in user space: IP packets go between two TUN devices in two network namespaces, each way with a rate, a
// delay, a queue that drops at its end, and loss.
//   link PHONE EDGE DOWN_KBIT UP_KBIT RTT_MS LOSS_PERCENT SEED
//   link PHONE EDGE TRACE
// PHONE and EDGE are NAMESPACE or NAMESPACE/DEVICE, the device being "wire" where none is named; "down" is to the phone.
// TRACE is a file of lines SECONDS DOWN_KBIT UP_KBIT RTT_MS, one after the other from SIGUSR1 on; before it the first one
// holds, at the end the last. Whole IP packets count. Ends on SIGTERM.
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { PACKETS = 4096, LARGEST = 1500, QUEUE = 150000, STEPS = 4096 };

// What the link is until a time, in nanoseconds since it began: bits per nanosecond down and up, and the delay each way.
struct step {
    double rate[2];
    uint64_t until, delay;
};

struct packet {
    uint64_t due;
    uint64_t leaves;
    int size;
    unsigned char bytes[LARGEST];
};

struct way {
    int from, to;
    int direction; // of struct step's rates
    double loss;
    uint64_t free_at, last; // when the last bit in the queue will have left, and when it will be there
    uint32_t first, next;
    struct packet packets[PACKETS];
};

static struct way down, up;
static struct step steps[STEPS];
static int count;
static volatile sig_atomic_t ended, begins;
static uint64_t begun; // 0 before

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

// An open TUN device stays in the namespace it was opened in.
static int device_in(const char *namespace) {
    char path[160];
    const char *device = strchr(namespace, '/');
    int length = device ? device - namespace : (int)strlen(namespace);
    snprintf(path, sizeof path, "/var/run/netns/%.*s", length, namespace);
    int ns = open(path, O_RDONLY);
    if (ns < 0 || setns(ns, CLONE_NEWNET)) err(1, "%s", path);
    close(ns);
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = ""};
    snprintf(request.ifr_name, IFNAMSIZ, "%s", device ? device + 1 : "wire");
    int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    if (tun < 0 || ioctl(tun, TUNSETIFF, &request)) err(1, "the device of %s", namespace);
    return tun;
}

// The step at a time; *end is when it is over.
static const struct step *at(uint64_t time, uint64_t *end) {
    int k = 0;
    if (begun) while (k < count - 1 && begun + steps[k].until <= time) k++;
    *end = begun && k < count - 1 ? begun + steps[k].until : UINT64_MAX;
    return &steps[k];
}

// When the last of these bits leaves, the first one leaving at a time. Times are whole nanoseconds, so that a step that is over
// is never met again.
static uint64_t leaves(int direction, uint64_t time, double bits) {
    for (;;) {
        uint64_t end;
        const struct step *step = at(time, &end);
        double rate = step->rate[direction], most = rate * (double)(end - time);
        if (end == UINT64_MAX || most >= bits) return time + (uint64_t)(bits / rate);
        bits -= most;
        time = end;
    }
}

static void accept_packets(struct way *way) {
    for (;;) {
        struct packet *packet = &way->packets[way->next % PACKETS];
        int size = read(way->from, packet->bytes, LARGEST);
        if (size <= 0) return;
        uint64_t time = now(), start = way->free_at > time ? way->free_at : time;
        if (way->loss > 0 && drand48() < way->loss) continue;
        double waiting = size;
        for (uint32_t k = way->first; k != way->next; k++)
            if (way->packets[k % PACKETS].leaves > time) waiting += way->packets[k % PACKETS].size;
        if (waiting > QUEUE || way->next - way->first == PACKETS) continue;
        uint64_t end;
        packet->leaves = way->free_at = leaves(way->direction, start, size * 8);
        packet->due = packet->leaves + at(packet->leaves, &end)->delay;
        if (packet->due < way->last) packet->due = way->last; // none overtakes another
        way->last = packet->due;
        packet->size = size;
        way->next++;
    }
}

// Delivers what is due, and says when the next packet is.
static uint64_t deliver(struct way *way) {
    for (; way->first != way->next; way->first++) {
        struct packet *packet = &way->packets[way->first % PACKETS];
        if (packet->due > now()) return packet->due;
        if (write(way->to, packet->bytes, packet->size) < 0) continue; // as a full device drops
    }
    return UINT64_MAX;
}

static void on(int signal) {
    if (signal == SIGTERM) ended = 1;
    else begins = 1;
}

static struct step step(uint64_t until, double down_kbit, double up_kbit, double rtt_ms) {
    return (struct step){.until = until, .rate = {down_kbit / 1e6, up_kbit / 1e6}, .delay = rtt_ms / 2 * 1e6};
}

static void read_trace(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) err(1, "%s", path);
    double seconds, down_kbit, up_kbit, rtt;
    uint64_t until = 0;
    while (count < STEPS && fscanf(file, "%lf %lf %lf %lf", &seconds, &down_kbit, &up_kbit, &rtt) == 4)
        steps[count++] = step(until += (uint64_t)(seconds * 1e9), down_kbit, up_kbit, rtt);
    if (!feof(file) || count == 0) errx(2, "%s:%d: not SECONDS DOWN_KBIT UP_KBIT RTT_MS", path, count + 1);
    if (steps[count - 1].rate[0] <= 0 || steps[count - 1].rate[1] <= 0) errx(2, "%s: the last rate is 0", path);
    fclose(file);
}

int main(int n, char **arg) {
    if (n != 4 && n != 8) errx(2, "usage: link PHONE EDGE (TRACE | DOWN_KBIT UP_KBIT RTT_MS LOSS_PERCENT SEED)");
    up.direction = 1;
    if (n == 4) read_trace(arg[3]);
    else {
        steps[count++] = step(0, atof(arg[3]), atof(arg[4]), atof(arg[5]));
        down.loss = up.loss = atof(arg[6]) / 100;
        srand48(atol(arg[7]));
    }
    down.to = up.from = device_in(arg[1]);
    up.to = down.from = device_in(arg[2]);
    // other programs must not add to the delay
    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 10});
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = on}, NULL);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on}, NULL);
    struct pollfd files[] = {{.fd = down.from, .events = POLLIN}, {.fd = up.from, .events = POLLIN}};
    while (!ended) {
        if (begins && !begun) begun = now();
        uint64_t a = deliver(&down), b = deliver(&up), next = a < b ? a : b, time = now();
        uint64_t wait = next == UINT64_MAX ? 1000000000 : next > time ? next - time : 0;
        ppoll(files, 2, &(struct timespec){wait / 1000000000, wait % 1000000000}, NULL);
        accept_packets(&down);
        accept_packets(&up);
    }
}
