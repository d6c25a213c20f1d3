// The C++ twin of M1: what a programmer would write by hand for this one model and the same contract.
//
// Same luck, same whole seconds, same order (second, resident), same bins of dates, one line of cache a resident, queues
// as linked lists through the residents. Built only by `benchmarks/m1/twin.py` with
//     g++ -O3 -march=native -ffp-contract=off -shared -fPIC
// -ffp-contract=off keeps a*b+c two roundings, so that the rows equal those of the other tellers byte for byte.
//
// Two tellings of the same life: `run_trace` writes the rows that lacsim's engine writes (24 bytes each), `run_counts`
// keeps only counts by ward, month and transition and the time in each stage, as the prototype did.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

namespace {

enum Stage : uint8_t { COMM, WSTS, STS, WLTC, LTC, WASS, ASS, HCP, HOSP, RES, DEAD, N_STAGES, NOWHERE = 255 };
enum Has : uint8_t { NOTHING, WAITING, HOLDING };
enum What : uint8_t { HAPPENED, RELEASED, LEFT_QUEUE, JOINED, GRANTED };
enum Purpose : uint64_t { P_HOSP, P_ASSESS, P_STS, P_LTC, P_RES, P_END, P_ROUTE, P_DEATH };

constexpr int64_t DAY = 86400, HORIZON = 315576000, MONTH = 2629800, NEVER = int64_t(1) << 62;
constexpr int N_WARDS = 17, N_MONTHS = 120, N_POOLS = 35;
constexpr double YEAR = 365.25;
constexpr double R_HOSP = 0.10 / YEAR, R_ASSESS = 0.02 / YEAR, R_STS = 0.035 / YEAR, R_LTC = 0.002 / YEAR,
                 R_RES = 0.0008 / YEAR, A_DEATH = 0.005 / YEAR, B_DEATH = 0.09 / YEAR, AGE_SLOPE = 0.03;
constexpr double NEED_RATIO[4] = {1.0, 2.0, 4.0, 6.0}, DEATH_RATIO[4] = {1.0, 1.3, 1.8, 2.5};
const double STS_MU = std::log(14.0), HOSP_MU = std::log(4.0);
constexpr double STS_SIGMA = 0.8, ASS_MU = 0.0, ASS_SIGMA = 0.5, HOSP_SIGMA = 1.0;
constexpr double LTC_SCALE = 550.0, LTC_POWER = 1.0 / 1.5, HCP_SCALE = 700.0, HCP_POWER = 1.0 / 0.8;
constexpr double LTC_HOSP = 0.7, LTC_RES = 0.6, HCP_HOSP = 1.5, HCP_RES = 4.0, HCP_DEATH = 1.5, RES_HOSP = 1.2,
                 RES_DEATH = 3.0;

struct alignas(64) Person {
    int64_t next_time;
    uint64_t key;
    double age;
    int64_t since;
    int32_t k, before, after;
    int16_t ward;
    uint8_t stage, goes_to, group, has, pool;
};
static_assert(sizeof(Person) == 64);

struct Row {
    int64_t seconds;
    int32_t resident, occasion;
    uint8_t what, cause, because, left, entered, outcome;
    uint16_t holds;
};
static_assert(sizeof(Row) == 24);

inline uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}
inline double share(uint64_t key, uint64_t purpose, uint64_t k) {
    return (double(mix(key + 0x9E3779B97F4A7C15ull * (((k << 5) | purpose) + 1)) >> 12) + 0.5) * 0x1p-52;
}

double normal_quantile(double p) {  // Wichura (1988), AS 241 PPND16
    const double q = p - 0.5;
    if (std::fabs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q *
               (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r +
                    45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r +
                 133.14166789178437745) * r + 3.387132872796366608) /
               (((((((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r +
                    21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r +
                 42.313330701600911252) * r + 1.0);
    }
    double r = std::sqrt(-std::log(q < 0.0 ? p : 1.0 - p)), x;
    if (r <= 5.0) {
        r -= 1.6;
        x = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r +
                 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r +
              4.6303378461565452959) * r + 1.42343711074968357734) /
            (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r +
                 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r +
              2.05319162663775882187) * r + 1.0);
    } else {
        r -= 5.0;
        x = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r +
                 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r +
              5.4637849111641143699) * r + 6.6579046435011037772) /
            (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r +
                 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r +
              0.59983220655588793769) * r + 1.0);
    }
    return q < 0.0 ? -x : x;
}

inline double sooner(double u, double rate, double best) {
    const double x = 1.0 - u, limit = rate * best;
    if (x >= limit || x * (1.0 + x * (0.5 + x * (1.0 / 3.0))) >= limit) return best;
    return std::min(-std::log(u) / rate, best);
}
inline double death_sooner(double u, double a, double best) {
    const double x = 1.0 - u, z = B_DEATH * best;
    const double limit = a * (z * (1.0 + z * (0.5 + z * (1.0 / 6.0 + z * 0.051))));
    if (B_DEATH * (x * (1.0 + x * (0.5 + x * (1.0 / 3.0)))) >= limit) return best;
    return std::min(std::log1p(B_DEATH * -std::log(u) / a) / B_DEATH, best);
}
inline double end_sooner(double u, double scale, double power, double best) {
    return std::min(scale * std::pow(-std::log(u), power), best);
}

// Dates in bins of equal width, a bin sorted when it is reached; dates for the bin being read go to a small heap.
struct Agenda {
    static constexpr int CHUNK = 30, AHEAD = 12, N_BINS = 1024;
    struct alignas(64) Chunk {
        int64_t dates[CHUNK];
        int32_t older, filled;
    };
    std::vector<Chunk> chunks;
    std::vector<int32_t> head;
    std::vector<int64_t> heap, sorted;
    int32_t free_chunk = -1;
    int id_bits = 1, bin_bits = 0, bin = 0;
    size_t at = 0;
    int64_t mask = 0;

    void reset(int64_t n) {
        id_bits = std::max(1, 64 - __builtin_clzll(uint64_t(n - 1)));
        mask = (int64_t(1) << id_bits) - 1;
        bin_bits = std::max(0, (64 - __builtin_clzll(uint64_t(HORIZON - 1))) - (64 - __builtin_clzll(uint64_t(N_BINS - 1))));
        head.assign((HORIZON >> bin_bits) + 2, -1);
        chunks.clear();
        free_chunk = -1;
        heap.clear();
        sorted.clear();
        at = 0;
        bin = 0;
    }
    void push(int64_t time, int64_t id) {
        const int64_t key = (time << id_bits) | id;
        const int b = int(time >> bin_bits);
        if (b <= bin) {
            heap.push_back(key);
            std::push_heap(heap.begin(), heap.end(), std::greater<>());
            return;
        }
        int32_t c = head[b];
        if (c < 0 || chunks[c].filled == CHUNK) {
            int32_t fresh = free_chunk;
            if (fresh >= 0) {
                free_chunk = chunks[fresh].older;
            } else {
                fresh = int32_t(chunks.size());
                chunks.emplace_back();
            }
            chunks[fresh].older = c;
            chunks[fresh].filled = 0;
            head[b] = c = fresh;
        }
        chunks[c].dates[chunks[c].filled++] = key;
    }
    // The smallest date, removed; -1 if there is none. Fetches the record of the one AHEAD places later.
    int64_t pop(const Person* people) {
        while (at == sorted.size() && heap.empty()) {
            if (++bin >= int(head.size())) return -1;
            sorted.clear();
            at = 0;
            for (int32_t c = head[bin]; c >= 0;) {
                sorted.insert(sorted.end(), chunks[c].dates, chunks[c].dates + chunks[c].filled);
                const int32_t older = chunks[c].older;
                chunks[c].older = free_chunk;
                free_chunk = c;
                c = older;
            }
            head[bin] = -1;
            std::sort(sorted.begin(), sorted.end());
        }
        if (at < sorted.size() && (heap.empty() || sorted[at] <= heap.front())) {
            if (at + AHEAD < sorted.size()) __builtin_prefetch(people + (sorted[at + AHEAD] & mask), 1);
            return sorted[at++];
        }
        const int64_t key = heap.front();
        std::pop_heap(heap.begin(), heap.end(), std::greater<>());
        heap.pop_back();
        return key;
    }
};

struct Pool {
    int64_t places, in_use;
    int32_t head, tail;
};

struct City {
    std::vector<Person> people;
    Pool pools[N_POOLS];
    Agenda agenda;
    Row* rows = nullptr;
    int64_t n_rows = 0, n_transitions = 0;
    std::vector<int32_t> counts;     // (ward, month, from, to)
    std::vector<int64_t> in_stage;   // (ward, stage), seconds

    template <bool TRACE>
    void log(int64_t now, int64_t i, What what, uint8_t cause, uint8_t left) {
        Person& p = people[i];
        if constexpr (TRACE) {
            rows[n_rows++] = Row{now, int32_t(i), what == HAPPENED ? p.k : 0, what, cause, 0, left, p.stage, 0, 0};
        }
        if (what == HAPPENED || what == GRANTED) {
            ++n_transitions;
            if constexpr (!TRACE) {
                const int64_t month = std::min<int64_t>(N_MONTHS - 1, now / MONTH);
                ++counts[((p.ward * N_MONTHS + month) * N_STAGES + left) * N_STAGES + p.stage];
                in_stage[p.ward * N_STAGES + left] += now - p.since;
                p.since = now;
            }
        }
    }

    double race(Person& p, int64_t now) {
        const uint64_t key = p.key, k = uint64_t(p.k);
        const double ea = std::exp(AGE_SLOPE * (p.age + double(now) / DAY / YEAR - 60.0));
        const double gm = NEED_RATIO[p.group];
        double a = A_DEATH * DEATH_RATIO[p.group] * (ea * ea * ea);
        double hosp = R_HOSP * gm * ea;
        const double res = R_RES * gm * (ea * ea);
        double best = double(HORIZON - now) / DAY + 1.0, t;
        switch (p.stage) {
            case LTC: hosp *= LTC_HOSP; break;
            case HCP: hosp *= HCP_HOSP; a *= HCP_DEATH; break;
            case RES: hosp *= RES_HOSP; a *= RES_DEATH; break;
            default: break;
        }
        uint8_t to = NOWHERE;
        if ((t = sooner(share(key, P_HOSP, k), hosp, best)) < best) best = t, to = HOSP;
        if (p.stage == COMM) {
            if ((t = sooner(share(key, P_ASSESS, k), R_ASSESS * gm * ea, best)) < best) best = t, to = WASS;
            if ((t = sooner(share(key, P_STS, k), R_STS * gm, best)) < best) best = t, to = WSTS;
            if ((t = sooner(share(key, P_LTC, k), R_LTC * gm, best)) < best) best = t, to = WLTC;
            if ((t = sooner(share(key, P_RES, k), res, best)) < best) best = t, to = RES;
        } else if (p.stage == LTC || p.stage == HCP) {
            const bool ltc = p.stage == LTC;
            t = end_sooner(share(key, P_END, k), ltc ? LTC_SCALE : HCP_SCALE, ltc ? LTC_POWER : HCP_POWER, best);
            if (t < best) best = t, to = COMM;
            if ((t = sooner(share(key, P_RES, k), res * (ltc ? LTC_RES : HCP_RES), best)) < best) best = t, to = RES;
        }
        if ((t = death_sooner(share(key, P_DEATH, k), a, best)) < best) best = t, to = DEAD;
        p.goes_to = to;
        return to == NOWHERE ? -1.0 : best;
    }

    void draw(int64_t i, int64_t now) {
        Person& p = people[i];
        p.next_time = NEVER;
        if (p.stage == DEAD) return;
        double days;
        if (p.stage == STS || p.stage == ASS || p.stage == HOSP) {
            const double mu = p.stage == STS ? STS_MU : p.stage == ASS ? ASS_MU : HOSP_MU;
            const double sigma = p.stage == STS ? STS_SIGMA : p.stage == ASS ? ASS_SIGMA : HOSP_SIGMA;
            days = std::exp(mu + sigma * normal_quantile(share(p.key, P_END, uint64_t(p.k))));
        } else if ((days = race(p, now)) < 0.0) {
            return;
        }
        p.next_time = now + int64_t(std::floor(days * DAY + 0.5));
        if (p.next_time < HORIZON) agenda.push(p.next_time, i);
    }

    uint8_t route(const Person& p) const {
        const double u = share(p.key, P_ROUTE, uint64_t(p.k));
        if (p.stage == STS) return u < 0.15 ? WASS : u < 0.20 ? WLTC : COMM;
        if (p.stage == ASS) return u < 0.10 ? RES : u < 0.40 ? HCP : u < 0.55 ? WLTC : COMM;
        return u < 0.04 ? DEAD : u < 0.07 ? RES : u < 0.27 ? WASS : u < 0.34 ? HCP : COMM;
    }

    void unlink(Pool& pool, int64_t i) {
        Person& p = people[i];
        (p.before < 0 ? pool.head : people[p.before].after) = p.after;
        (p.after < 0 ? pool.tail : people[p.after].before) = p.before;
    }
    template <bool TRACE>
    void grant(int64_t now, int64_t i, int pool) {
        Person& p = people[i];
        const uint8_t left = p.stage;
        ++pools[pool].in_use;
        p.has = HOLDING;
        ++p.k;
        ++p.stage;
        log<TRACE>(now, i, GRANTED, kind_of(pool), left);
    }
    static uint8_t kind_of(int pool) { return pool < N_WARDS ? 0 : pool < 2 * N_WARDS ? 1 : 2; }

    template <bool TRACE>
    void run() {
        const int64_t n = int64_t(people.size());
        n_rows = n_transitions = 0;
        agenda.reset(n);
        for (int64_t i = 0; i < n; ++i) draw(i, 0);
        for (int64_t key; (key = agenda.pop(people.data())) >= 0;) {
            const int64_t now = key >> agenda.id_bits, i = key & agenda.mask;
            Person& p = people[i];
            if (p.next_time != now) continue;
            p.next_time = -1;
            const uint8_t left = p.stage;
            const uint8_t to = left == STS || left == ASS || left == HOSP ? route(p) : p.goes_to;
            ++p.k;
            p.stage = to;
            log<TRACE>(now, i, HAPPENED, to, left);
            int freed = -1;
            if (p.has == HOLDING) {
                freed = p.pool;
                --pools[freed].in_use;
                p.has = NOTHING;
                log<TRACE>(now, i, RELEASED, kind_of(freed), p.stage);
            } else if (p.has == WAITING) {
                unlink(pools[p.pool], i);
                p.has = NOTHING;
                log<TRACE>(now, i, LEFT_QUEUE, kind_of(p.pool), p.stage);
            }
            if (to == WSTS || to == WLTC || to == WASS) {
                const int number = to == WASS ? 2 * N_WARDS : p.ward + (to == WLTC ? N_WARDS : 0);
                Pool& pool = pools[number];
                p.pool = uint8_t(number);
                if (pool.in_use < pool.places && pool.head < 0) {
                    grant<TRACE>(now, i, number);
                } else {
                    p.before = pool.tail;
                    p.after = -1;
                    (pool.tail < 0 ? pool.head : people[pool.tail].after) = int32_t(i);
                    pool.tail = int32_t(i);
                    p.has = WAITING;
                    log<TRACE>(now, i, JOINED, kind_of(number), p.stage);
                }
            }
            draw(i, now);
            if (freed >= 0) {
                Pool& pool = pools[freed];
                while (pool.in_use < pool.places && pool.head >= 0) {
                    const int64_t j = pool.head;
                    unlink(pool, j);
                    grant<TRACE>(now, j, freed);
                    draw(j, now);
                }
            }
        }
    }
};

City city;

}  // namespace

extern "C" {

// Residents on the first day; not part of the time that is compared.
void load(int64_t n, const uint64_t* key, const double* age, const uint8_t* group, const int16_t* ward,
          const int64_t* places) {
    city.people.resize(size_t(n));
    for (int64_t i = 0; i < n; ++i) {
        city.people[size_t(i)] = Person{NEVER, key[i], age[i], 0, 1, -1, -1, ward[i], COMM, NOWHERE, group[i], NOTHING, 0};
    }
    for (int p = 0; p < N_POOLS; ++p) city.pools[p] = Pool{places[p], 0, -1, -1};
}

// Writes rows (room for them is the caller's); returns how many. `transitions` gets the number of transitions.
int64_t run_trace(void* rows, int64_t* transitions) {
    city.rows = static_cast<Row*>(rows);
    city.run<true>();
    *transitions = city.n_transitions;
    return city.n_rows;
}

// Counts (17, 120, 11, 11) and seconds in each stage (17, 11) until left; returns the number of transitions.
int64_t run_counts(int32_t* counts, int64_t* in_stage) {
    city.counts.assign(size_t(N_WARDS) * N_MONTHS * N_STAGES * N_STAGES, 0);
    city.in_stage.assign(size_t(N_WARDS) * N_STAGES, 0);
    city.run<false>();
    for (const Person& p : city.people) city.in_stage[size_t(p.ward) * N_STAGES + p.stage] += HORIZON - p.since;
    std::memcpy(counts, city.counts.data(), city.counts.size() * sizeof(int32_t));
    std::memcpy(in_stage, city.in_stage.data(), city.in_stage.size() * sizeof(int64_t));
    return city.n_transitions;
}
}
