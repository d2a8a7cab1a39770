// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog with a million recordings beside a plain table of the same rows (index on start, GLOB), in one
// run: bench_catalog [ROWS] [DIR...]. Every question is asked of a catalog that has just been changed, so
// nothing it remembers helps, except where the line says so.
#include "core/archive/catalog.h"
#include "core/store/database.h"
#include "tests/bench/synthetic_calls.h"

#include <QCoreApplication>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <optional>

using namespace sr;
using archive::Catalog;
using archive::RecordingFilter;
using archive::RecordingRow;

namespace {

const std::string kId = "bench";
constexpr int kRepeats = 15;

[[noreturn]] void stop(const Error& error)
{
    std::fprintf(stderr, "bench_catalog: %s\n", error.text().c_str());
    std::exit(1);
}
template <typename T>
T must(Result<T> result)
{
    if (!result)
        stop(result.error());
    return std::move(result).value();
}
void must(const Status& status)
{
    if (!status)
        stop(status.error());
}

double secondsOf(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Times {
    double cpu = 0;               ///< median processor time [ms]: what an idle machine would take
    double median = 0, worst = 0; ///< by the clock [ms]
};
double cpuSeconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

Times timesOf(const std::function<void()>& before, const std::function<void()>& work, int repeats)
{
    std::vector<double> all, cpu;
    for (int i = 0; i < repeats; ++i) {
        before();
        const double start = cpuSeconds();
        all.push_back(secondsOf(work) * 1000);
        cpu.push_back((cpuSeconds() - start) * 1000);
    }
    std::sort(all.begin(), all.end());
    std::sort(cpu.begin(), cpu.end());
    return {cpu[cpu.size() / 2], all[all.size() / 2], all.back()};
}

/// The plain way: one table as the rows come, an index on the order.
class Naive {
public:
    explicit Naive(const Path& file)
    {
        store::DatabaseOptions options;
        options.file = file;
        options.migrations = {[](store::Connection& c) -> Status {
            if (const auto made =
                    c.run("CREATE TABLE r(uid TEXT PRIMARY KEY, file TEXT, internal TEXT, external TEXT,"
                          " direction INTEGER, answered INTEGER, start INTEGER, local TEXT, owner TEXT,"
                          " tan TEXT, format INTEGER, names TEXT, fingerprint TEXT)");
                !made)
                return made;
            return c.run("CREATE INDEX r_start ON r(start)");
        }};
        m_database = must(store::Database::open(options));
        m_connection = must(m_database->connection());
    }
    void add(const std::vector<RecordingRow>& rows)
    {
        auto transaction = must(store::Transaction::begin(*m_connection, store::Transaction::Mode::Write));
        for (const auto& row : rows) {
            auto insert = must(m_connection->prepare("INSERT INTO r VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)"));
            const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(
                row.start + std::chrono::minutes(row.utcOffsetMinutes)));
            char local[16];
            std::snprintf(local, sizeof local, "%04d-%02u-%02u", static_cast<int>(date.year()),
                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
            must(insert.bind(row.uid)
                     .bind(row.file)
                     .bind(row.internal)
                     .bind(row.external)
                     .bind(static_cast<std::int64_t>(row.direction))
                     .bind(std::int64_t{row.answered})
                     .bind(std::int64_t{row.start.time_since_epoch().count()})
                     .bind(std::string_view(local))
                     .bind(row.owner)
                     .bind(row.tan)
                     .bind(static_cast<std::int64_t>(row.format))
                     .bind(row.internalName + row.externalName)
                     .bind(row.fingerprint)
                     .run());
        }
        must(transaction.commit());
    }
    static std::string where(const RecordingFilter& f)
    {
        std::string sql = " FROM r WHERE answered=" + std::string(f.unanswered ? "0" : "1");
        char local[16] = "";
        if (f.day != 0)
            std::snprintf(local, sizeof local, "%04d-%02d-%02d", f.year, f.month, f.day);
        else if (f.month != 0)
            std::snprintf(local, sizeof local, "%04d-%02d-*", f.year, f.month);
        else if (f.year != 0)
            std::snprintf(local, sizeof local, "%04d-*", f.year);
        const auto glob = [&](const char* column, const std::string& pattern) {
            if (!pattern.empty())
                sql += std::string(" AND ") + column + " GLOB '" + pattern + "'";
        };
        glob("local", local);
        glob("internal", f.internal);
        glob("external", f.external.empty() ? "" : f.external + "*");
        glob("owner", f.owner);
        glob("tan", f.tan);
        if (f.direction)
            sql += " AND direction=" + std::to_string(static_cast<int>(*f.direction));
        if (f.format)
            sql += " AND format=" + std::to_string(static_cast<int>(*f.format));
        return sql;
    }
    std::uint64_t page(const RecordingFilter& filter, std::uint64_t offset)
    {
        auto query = must(m_connection->prepare(
            "SELECT *" + where(filter) + " ORDER BY start DESC LIMIT 100 OFFSET " + std::to_string(offset)));
        std::uint64_t rows = 0;
        while (must(query.next()))
            rows += query.text(0).empty() ? 0 : 1;
        return rows;
    }
    std::uint64_t count(const RecordingFilter& filter)
    {
        return static_cast<std::uint64_t>(must(m_connection->number("SELECT count(*)" + where(filter))));
    }

private:
    std::unique_ptr<store::Database> m_database;
    store::Connection* m_connection = nullptr;
};

struct Question {
    const char* name;
    RecordingFilter filter;
    double pageGoal = 50; ///< [ms], numbers.md
    std::uint64_t offset = 0;
};

struct Bench {
    std::unique_ptr<Catalog> catalog;
    std::unique_ptr<Naive> naive;
    Path dir;
    std::uint64_t rows = 0;
    UtcTime end;
    bool missed = false;

    void line(const char* name, Times product, Times plain, double goal)
    {
        const bool late = product.cpu > goal;
        missed = missed || late;
        std::printf("  %-50s %8.2f %8.2f %8.2f   %8.2f %8.2f   %6.1fx   %4.0f%s\n", name, product.cpu,
                    product.median, product.worst, plain.cpu, plain.worst,
                    plain.cpu / std::max(product.cpu, 0.01), goal, late ? "  MISSED" : "");
    }
    void forget() { must(catalog->apply({})); } // a new revision: nothing remembered counts
    void ask(const Question& q);
    void scroll();
    void fillBoth();
    void insertMore();
};

void Bench::ask(const Question& q)
{
    std::uint64_t mine = 0, theirs = 0;
    const auto nothing = [] {};
    const auto page = timesOf([&] { forget(); },
                              [&] { mine = must(catalog->page(q.filter, q.offset, 100)).size(); }, kRepeats);
    const auto plain = timesOf(
        nothing, [&] { theirs = naive->page(q.filter, q.offset); }, 3);
    if (mine != theirs)
        stop(fail(BaseErrc::Malformed, std::string(q.name) + ": rows differ"));
    line((std::string("page  ") + q.name).c_str(), page, plain, q.pageGoal);
    if (q.offset != 0)
        return;
    const auto count = timesOf([&] { forget(); }, [&] { mine = must(catalog->count(q.filter)); }, kRepeats);
    const auto plainCount = timesOf(
        nothing, [&] { theirs = naive->count(q.filter); }, 3);
    if (mine != theirs)
        stop(fail(BaseErrc::Malformed, std::string(q.name) + ": counts differ"));
    line((std::string("count ") + q.name + " = " + std::to_string(mine)).c_str(), count, plainCount, 150);
}

/// A person drags and scrolls through a filtered list: the count is known, pages follow each other.
void Bench::scroll()
{
    for (const bool jump : {true, false}) {
        RecordingFilter filter;
        filter.direction = archive::CallDirection::In;
        filter.external = "0";
        forget();
        const auto total = must(catalog->count(filter));
        std::uint64_t offset = total / 3;
        must(catalog->page(filter, offset, 100));
        const auto move = [&] { offset = jump ? (offset + total * 7 / 16) % total : offset + 100; };
        const auto mine = timesOf(
            move, [&] { must(catalog->page(filter, offset, 100)); }, kRepeats);
        const auto plain = timesOf(
            move, [&] { naive->page(filter, offset); }, 3);
        line(jump ? "jumping in external 0* + in, count known" : "scrolling on in external 0* + in", mine,
             plain, 100);
    }
}

void Bench::fillBoth()
{
    constexpr std::uint64_t kBatch = 1000;
    test::SyntheticCalls calls(1, rows, end);
    double mine = 0, mineCpu = 0, plainCpu = 0;
    for (std::uint64_t done = 0; done < rows;) {
        Catalog::Batch batch;
        for (; batch.upserts.size() < kBatch && done < rows; ++done)
            batch.upserts.push_back(calls.next());
        const double before = cpuSeconds();
        mine += secondsOf([&] { must(catalog->apply(batch)); });
        const double between = cpuSeconds();
        naive->add(batch.upserts);
        mineCpu += between - before;
        plainCpu += cpuSeconds() - between;
    }
    const auto all = static_cast<double>(rows);
    const bool late = all / mineCpu < 10'000;
    missed = missed || late;
    std::printf("  insert, durable batches of 1000: %.0f/cpu s (%.0f/s by the clock), plain table %.0f/cpu "
                "s, goal 10000/s%s\n",
                all / mineCpu, all / mine, all / plainCpu, late ? "  MISSED" : "");
}

void Bench::insertMore()
{
    constexpr int kSingles = 2000;
    test::SyntheticCalls calls(2, 1000, end);
    std::vector<double> all;
    double plain = 0;
    for (int i = 0; i < kSingles; ++i) {
        Catalog::Batch batch;
        batch.upserts.push_back(calls.next());
        batch.positions["writer"] = static_cast<std::uint64_t>(i);
        all.push_back(secondsOf([&] { must(catalog->apply(batch)); }));
        plain += secondsOf([&] { naive->add(batch.upserts); });
    }
    double sum = 0;
    for (const double one : all)
        sum += one;
    std::sort(all.begin(), all.end());
    const double rate = kSingles / sum;
    missed = missed || rate < 1000;
    std::printf("  insert into the full catalog, each durable: %.0f/s (median %.2f ms, worst %.1f ms), plain "
                "table %.0f/s,"
                " goal 1000/s%s\n",
                rate, all[all.size() / 2] * 1000, all.back() * 1000, kSingles / plain,
                rate < 1000 ? "  MISSED" : "");
}

std::vector<Question> questions(const test::SyntheticCalls& calls, const RecordingRow& like,
                                std::uint64_t total, std::uint64_t inMonth)
{
    using F = RecordingFilter;
    const std::chrono::year_month_day date(
        std::chrono::floor<std::chrono::days>(like.start + std::chrono::minutes(like.utcOffsetMinutes)));
    const int year = static_cast<int>(date.year());
    const auto month = static_cast<int>(static_cast<unsigned>(date.month()));
    const auto day = static_cast<int>(static_cast<unsigned>(date.day()));
    const auto with = [](const std::function<void(F&)>& set) {
        F filter;
        set(filter);
        return filter;
    };
    const auto external = [&](const std::string& pattern) {
        return with([&](F& f) { f.external = pattern; });
    };
    const F inThisMonth = with([&](F& f) { f.year = year, f.month = month; });
    return {
        {"everything", {}},
        {"year", with([&](F& f) { f.year = year; })},
        {"month", inThisMonth},
        {"day", with([&](F& f) { f.year = year, f.month = month, f.day = day; })},
        {"internal, a busy one", with([](F& f) { f.internal = "100"; })},
        {"internal, a quiet one", with([](F& f) { f.internal = "590"; })},
        {"owner", with([](F& f) { f.owner = "180"; })},
        {"TAN", with([&](F& f) { f.tan = like.tan.empty() ? "123456" : like.tan; })},
        {"direction", with([](F& f) { f.direction = archive::CallDirection::Out; })},
        {"format pcap, one in 2000", with([](F& f) { f.format = archive::MediaFormat::Pcap; })},
        {"unanswered", with([](F& f) { f.unanswered = true; })},
        {"external 0", external("0")},
        {"external 07", external("07")},
        {"external 0703", external("0703")},
        {"external whole number", external(calls.caller(7))},
        {"external prefix of nobody", external("9")},
        {"external *730", external("*730"), 120},
        {"external *0703?730*", external("*0703?730*"), 120},
        {"external *0703?730x* (no match)", external("*0703?730x*"), 120},
        {"external *1?x (no match)", external("*1?x"), 120},
        {"external 0?0?9", external("0?0?9"), 120},
        {"internal 1*", with([](F& f) { f.internal = "1*"; }), 120},
        {"internal *9?9*", with([](F& f) { f.internal = "*9?9*"; }), 120},
        {"internal *x (no match)", with([](F& f) { f.internal = "*x"; }), 120},
        {"owner ?9?", with([](F& f) { f.owner = "?9?"; }), 120},
        {"internal *7 + external *77*", with([](F& f) { f.internal = "*7", f.external = "*77*"; }), 120},
        {"internal + month + out + external *12*", with([&](F& f) {
             f = inThisMonth;
             f.internal = "120";
             f.direction = archive::CallDirection::Out;
             f.external = "*12*";
         }),
         120},
        {"month + external *0703?730x* (no match)", with([&](F& f) {
             f = inThisMonth;
             f.external = "*0703?730x*";
         }),
         120},
        {"everything, last page", {}, 50, total - 100},
        {"everything, middle", {}, 50, total / 2},
        {"month, last page", inThisMonth, 50, inMonth - 100},
        {"year, deep", with([&](F& f) { f.year = year; }), 50, total / 5},
    };
}

bool measure(const Path& where, std::uint64_t rows)
{
    Bench bench;
    bench.rows = rows;
    bench.end = UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 3 / 20));
    bench.dir = where / "switchroom-bench-catalog";
    must(removeTree(bench.dir));
    must(makeDirs(bench.dir));
    std::printf("\n%s, %llu rows\n", utf8Of(where).c_str(), static_cast<unsigned long long>(rows));
    bench.catalog = must(Catalog::open(bench.dir, kId));
    bench.naive = std::make_unique<Naive>(bench.dir / "naive.sqlite");
    bench.fillBoth();
    bench.insertMore();
    std::printf("  %-50s %8s %8s %8s   %8s %8s   %7s   %s\n", "[ms]", "cpu", "median", "worst", "plain cpu",
                "worst", "ratio", "goal");
    const Times open = timesOf([&] { bench.catalog.reset(); },
                               [&] { bench.catalog = must(Catalog::open(bench.dir, kId)); }, kRepeats);
    bench.line("open", open, open, 300);
    const auto like = must(bench.catalog->page({}, rows / 3, 1)).at(0);
    RecordingFilter month;
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(like.start));
    month.year = static_cast<int>(date.year());
    month.month = static_cast<int>(static_cast<unsigned>(date.month()));
    const test::SyntheticCalls calls(1, rows, bench.end);
    for (const auto& question :
         questions(calls, like, must(bench.catalog->count({})), must(bench.catalog->count(month))))
        bench.ask(question);
    bench.scroll();
    bench.catalog.reset();
    bench.naive.reset();
    must(removeTree(bench.dir));
    return !bench.missed;
}

} // namespace

int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const std::uint64_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    if (rows < 10'000) {
        std::fputs("usage: bench_catalog [ROWS, at least 10000] [DIR...]\n", stderr);
        return 2;
    }
    std::vector<Path> dirs;
    for (int i = 2; i < argc; ++i)
        dirs.push_back(pathOf(argv[i]));
    if (dirs.empty()) {
        std::error_code none;
        if (std::filesystem::is_directory("/dev/shm", none))
            dirs.emplace_back("/dev/shm");
        dirs.push_back(std::filesystem::temp_directory_path());
    }
    bool good = true;
    for (const auto& dir : dirs)
        good = measure(dir, rows) && good;
    std::puts(good ? "\nall goals reached (medians)" : "\nsome goals missed");
    return good ? 0 : 1;
}
