// SPDX-License-Identifier: GPL-3.0-or-later
// Lines come out as they went in, however the stream was cut; one that is too long is found, not kept.
#include "app/control/line_framer.h"
#include "core/base/bytes.h"

#include <QTest>

#include <algorithm>
#include <random>

using namespace sr;
using control::LineFramer;

namespace {

/// Feeds `stream` in pieces; the lines that came, and whether it ended with one too long.
std::pair<std::vector<std::string>, bool> framed(const std::string& stream, std::size_t most,
                                                 std::mt19937& random)
{
    LineFramer framer(most);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < stream.size();) {
        const std::size_t room = framer.room();
        const std::size_t piece = std::min({room, stream.size() - at, std::size_t{1} + random() % 9});
        framer.add(std::string_view(stream).substr(at, piece));
        at += piece;
        while (const auto line = framer.next())
            lines.push_back(*line);
        if (framer.tooLong())
            return {lines, true};
        if (room == 0)
            break; // would never go on
    }
    return {lines, false};
}

/// The same by looking at the whole.
std::pair<std::vector<std::string>, bool> expected(const std::string& stream, std::size_t most)
{
    std::vector<std::string> lines;
    std::size_t from = 0;
    for (std::size_t end = stream.find('\n'); end != std::string::npos; end = stream.find('\n', from)) {
        std::string line = stream.substr(from, end - from);
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        if (line.size() > most)
            return {lines, true};
        lines.push_back(line);
        from = end + 1;
    }
    const std::string rest = stream.substr(from);
    return {lines, rest.size() > most + 1 || (rest.size() == most + 1 && rest.back() != '\r')};
}

} // namespace

class LineFramerTest : public QObject {
    Q_OBJECT

private slots:
    void takesTheLongestLineAndNoLonger()
    {
        for (const char* end : {"\n", "\r\n"}) {
            LineFramer framer(8);
            framer.add(std::string("12345678") + end);
            QCOMPARE(framer.next().value_or("-"), std::string("12345678"));
            QVERIFY(!framer.tooLong());
        }
        LineFramer framer(8);
        framer.add("123456789\n");
        QVERIFY(!framer.next());
        QVERIFY(framer.tooLong());
    }

    void keepsNoMoreThanOneLine()
    {
        LineFramer framer(8);
        framer.add(std::string(1000, 'x'));
        QCOMPARE(framer.room(), std::size_t(0));
        QVERIFY(framer.tooLong());
    }

    void anyStreamInAnyPieces()
    {
        std::mt19937 random(108);
        for (int round = 0; round < 20'000; ++round) {
            std::string stream;
            for (auto i = random() % 60; i > 0; --i)
                stream += "ab\n\r\0"[random() % 5];
            const std::size_t most = random() % 12;
            const auto [lines, tooLong] = framed(stream, most, random);
            const auto [wantedLines, wantedTooLong] = expected(stream, most);
            QCOMPARE(tooLong, wantedTooLong);
            QVERIFY(lines == wantedLines);
        }
    }
};

QTEST_GUILESS_MAIN(LineFramerTest)
#include "tst_line_framer.moc"
