// SPDX-License-Identifier: GPL-3.0-or-later
// Whom dialled digits reach: overlapping numbers, prefixes, nodes in one another, and groups.
#include "core/base/error.h"
#include "core/pbx/directory.h"

#include <QTest>

#include <random>
#include <set>

using namespace sr::pbx;

namespace {

Object object(const std::string& name, const std::string& number, Kind kind = Kind::User,
              const std::string& node = {}, std::vector<Membership> groups = {})
{
    Object out;
    out.name = out.longName = name;
    out.number = number;
    out.kind = kind;
    out.node = node;
    out.groups = std::move(groups);
    return out;
}

Membership active(const char* group)
{
    Membership out(group);
    out.active = true;
    return out;
}

/// A head office, a branch behind 7, a shop behind 73 within it, and a gateway behind 0.
Directory office()
{
    return Directory("r", {object("anna", "12"), object("otto", "123"), object("door", "1299"),
                           object("line", "0", Kind::Gateway), object("abroad", "00", Kind::Gateway),
                           object("berlin", "7", Kind::Node), object("eva", "12", Kind::User, "berlin"),
                           object("shop", "3", Kind::Node, "berlin"), object("max", "1", Kind::User, "shop"),
                           object("short", "80", Kind::NumberMap)});
}

QString reached(const Directory& directory, const char* node, const char* digits)
{
    const Reached one = directory.reach(node, digits);
    if (one.object == nullptr)
        return one.incomplete ? QStringLiteral("more") : QStringLiteral("nobody");
    return QString::fromStdString(one.object->name + (one.rest.empty() ? "" : " " + std::string(one.rest)));
}

QString names(const std::vector<const Object*>& objects)
{
    QStringList all;
    for (const Object* one : objects)
        all << QString::fromStdString(one->name);
    return all.join(QLatin1Char(' '));
}

} // namespace

class TestDirectoryNumbers : public QObject {
    Q_OBJECT

private slots:
    void digitsReach_data()
    {
        QTest::addColumn<QByteArray>("node");
        QTest::addColumn<QByteArray>("digits");
        QTest::addColumn<QString>("who");
        const auto row = [](const char* node, const char* digits, const char* who) {
            QTest::addRow("%s in %s", digits, node) << QByteArray(node) << QByteArray(digits) << who;
        };
        row("", "12", "anna");
        row("", "123", "otto");
        row("", "129", "more");
        row("", "1", "more");
        row("", "124", "nobody");
        row("", "", "nobody");
        row("", "0", "line");
        row("", "04711", "line 4711");
        row("", "0039471", "abroad 39471"); // the longest number counts
        row("", "7", "more");
        row("", "712", "eva");
        row("", "731", "max");
        row("", "73", "more");
        row("", "732", "nobody");
        row("berlin", "12", "eva");   // its own first
        row("berlin", "123", "otto"); // then those around it
        row("berlin", "31", "max");
        row("shop", "1", "max");
        row("shop", "12", "eva");
        row("shop", "1299", "door");
        row("shop", "0471", "line 471");
        row("shop", "712", "eva");
        row("nowhere", "12", "nobody");
        row("", "8055", "short 55");
        row("", "*#", "nobody");
    }

    void digitsReach()
    {
        QFETCH(QByteArray, node);
        QFETCH(QByteArray, digits);
        QTEST(reached(office(), node.constData(), digits.constData()), "who");
    }

    void aNumberCountsBeforeAName()
    {
        const Directory directory("r", {object("anna", "12"), object("12", "13"),
                                        object("berlin", "7", Kind::Node),
                                        object("eva", "12", Kind::User, "berlin")});
        const auto meant = [&](const char* node, const char* text) {
            const Reached one = directory.meant(node, text);
            return one.object == nullptr ? std::string("nobody") : one.object->name;
        };
        QCOMPARE(meant("", "12"), std::string("anna"));
        QCOMPARE(meant("berlin", "12"), std::string("eva"));
        QCOMPARE(meant("berlin", "anna"), std::string("anna"));
        QCOMPARE(meant("", "eva"), std::string("eva"));
        QCOMPARE(meant("", "99"), std::string("nobody"));
    }

    void numbersAreToldAsTheyAreDialled()
    {
        const Directory directory = office();
        const auto from = [&](const char* node, const char* name) {
            return QString::fromStdString(directory.numberFrom(node, *directory.byName(name)));
        };
        QCOMPARE(directory.node("shop")->number, std::string("73"));
        QCOMPARE(directory.node("shop")->around, directory.node("berlin"));
        QVERIFY(!directory.node({}) && !directory.node("anna"));
        QCOMPARE(from("", "anna"), QStringLiteral("12"));
        QCOMPARE(from("", "max"), QStringLiteral("731"));
        QCOMPARE(from("berlin", "max"), QStringLiteral("31"));
        QCOMPARE(from("shop", "max"), QStringLiteral("1"));
        QCOMPARE(from("shop", "eva"), QStringLiteral("12"));
        QCOMPARE(from("shop", "anna"), QStringLiteral("12")); // eva's, who is nearer: no digits reach anna
        const NumberNode* const shop = directory.node("shop").get();
        QCOMPARE(numberFrom(shop, shop, "7312"), std::string("12"));
        QCOMPARE(numberFrom(shop, shop, "73anna"), std::string("73anna")); // a name
    }

    /// In the root whatever an object's number is told as reaches it again.
    void toldNumbersReachTheirObjects()
    {
        std::mt19937 random(4711);
        for (int round = 0; round < 200; ++round) {
            std::vector<Object> objects;
            std::vector<std::string> nodes{""};
            std::set<std::pair<std::string, std::string>> taken;
            for (int i = 0; i < 12; ++i) {
                const bool isNode = i < 3;
                const std::string node = nodes[random() % nodes.size()];
                const std::string number = std::to_string(random() % 900 + 100); // of one length: no prefix
                if (!taken.insert({node, number}).second)
                    continue;
                const std::string name = "o" + std::to_string(i);
                objects.push_back(object(name, number, isNode ? Kind::Node : Kind::User, node));
                if (isNode)
                    nodes.push_back(name);
            }
            const Directory directory("r", std::move(objects));
            for (const Object& one : directory.objects())
                if (one.kind == Kind::User)
                    QCOMPARE(directory.reach({}, directory.numberFrom({}, one)).object, &one);
        }
    }

    void groupsRing()
    {
        Membership left("sales");
        left.dynamic = Membership::Dynamic::In;
        left.joined = false;
        Membership joined("sales");
        joined.dynamic = Membership::Dynamic::Out;
        const Directory directory(
            "r", {object("all", "1", Kind::Broadcast, {}, {active("sales"), active("help")}),
                  object("anna", "2", Kind::User, {}, {"sales", "help"}),
                  object("otto", "3", Kind::User, {}, {left}), object("eva", "4", Kind::User, {}, {joined}),
                  object("carl", "5", Kind::User, {}, {"other"})});
        QCOMPARE(names(directory.membersOf("sales")), QStringLiteral("anna eva"));
        QCOMPARE(names(directory.servedBy(*directory.byName("all"))), QStringLiteral("anna eva"));
        QCOMPARE(names(directory.servedBy(*directory.byName("anna"))), QString());
        QVERIFY(directory.shareGroup(*directory.byName("anna"), *directory.byName("otto")));
        QVERIFY(!directory.shareGroup(*directory.byName("anna"), *directory.byName("carl")));
    }
};

QTEST_GUILESS_MAIN(TestDirectoryNumbers)
#include "tst_directory_numbers.moc"
