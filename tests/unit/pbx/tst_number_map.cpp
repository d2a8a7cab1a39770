// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers in every form: by tables, and by what holds for every number.
#include "core/base/error.h" // before <algorithm>, whose <compare> moc cannot read first
#include "core/pbx/number_map.h"
#include "core/pbx/pbx_error.h"

#include <QTest>

#include <random>

using namespace sr;
using namespace sr::pbx;
using namespace std::string_literals;

namespace {

const DialPlan kBerlin{.country = "49", .area = "30"};
const DialPlan kNewYork{.country = "1", .area = "212", .international = "011", .national = "1"};
const DialPlan kRome{.country = "39", .area = "", .international = "00", .national = ""};

/// Random texts of few letters, so that prefixes meet often.
class Numbers {
public:
    std::string next(std::size_t most, const std::string& letters = "0149")
    {
        std::string number;
        for (std::size_t i = pick(most + 1); i > 0; --i)
            number += letters[pick(letters.size())];
        return number;
    }
    std::size_t pick(std::size_t below) { return m_engine() % below; }

private:
    std::mt19937 m_engine{20261126};
};

} // namespace

class TestNumberMap : public QObject {
    Q_OBJECT
private slots:
    void rules_data();
    void rules();
    void longestPrefixWinsForEveryNumber();
    void forms_data();
    void forms();
    void formsAreStable();
    void rulesComeBeforeTheForm();
    void checks();
};

void TestNumberMap::rules_data()
{
    QTest::addColumn<std::string>("number");
    QTest::addColumn<std::string>("expected");
    QTest::newRow("no rule") << "7"s
                             << "7"s;
    QTest::newRow("taken off") << "0123"s
                               << "123"s;
    QTest::newRow("the longer one") << "00123"s
                                    << "+123"s;
    QTest::newRow("once only") << "12012"s
                               << "0012"s;
    QTest::newRow("the first of two for one prefix") << "55"s
                                                     << "a5"s;
    QTest::newRow("nothing behind it") << "00"s
                                       << "+"s;
}

void TestNumberMap::rules()
{
    QFETCH(std::string, number);
    QFETCH(std::string, expected);
    const std::vector<PrefixRule> rules{{"0", ""}, {"00", "+"}, {"120", "00"}, {"5", "a"}, {"5", "b"}};
    QCOMPARE(mapped(rules, number), expected);
}

void TestNumberMap::longestPrefixWinsForEveryNumber()
{
    Numbers numbers;
    for (int i = 0; i < 5000; ++i) {
        std::vector<PrefixRule> rules;
        for (std::size_t n = numbers.pick(6); n > 0; --n)
            rules.push_back({numbers.next(3), numbers.next(3)});
        const std::string number = numbers.next(6);
        std::string expected = number;
        for (std::size_t length = number.size() + 1; length-- > 0;) { // from the longest prefix down
            const auto fits = [&](const PrefixRule& rule) { return rule.prefix == number.substr(0, length); };
            const auto found = std::find_if(rules.begin(), rules.end(), fits);
            if (found == rules.end())
                continue;
            expected = found->replacement + number.substr(length);
            break;
        }
        QCOMPARE(mapped(rules, number), expected);
    }
}

void TestNumberMap::forms_data()
{
    QTest::addColumn<std::string>("number");
    QTest::addColumn<std::string>("plus");
    QTest::addColumn<std::string>("international");
    QTest::addColumn<std::string>("country");
    QTest::addColumn<std::string>("national");
    const auto row = [](const char* name, const char* number, const char* plus, const char* international,
                        const char* country, const char* national) {
        QTest::newRow(name) << std::string(number) << std::string(plus) << std::string(international)
                            << std::string(country) << std::string(national);
    };
    row("local", "1234567", "+49301234567", "0049301234567", "49301234567", "0301234567");
    row("national", "0891234", "+49891234", "0049891234", "49891234", "0891234");
    row("international", "00121255501", "+121255501", "00121255501", "121255501", "00121255501");
    row("own country, international", "0049891234", "+49891234", "0049891234", "49891234", "0891234");
    row("with a plus", "+49891234", "+49891234", "0049891234", "49891234", "0891234");
    row("emergency", "112", "112", "112", "112", "112");
    row("service", "116117", "116117", "116117", "116117", "116117");
    row("a feature code", "*21*5#", "*21*5#", "*21*5#", "*21*5#", "*21*5#");
    row("a name", "anna", "anna", "anna", "anna", "anna");
    row("nothing", "", "", "", "", "");
    row("prefixes alone", "00", "+490", "00490", "490", "00");
}

void TestNumberMap::forms()
{
    QFETCH(std::string, number);
    QTEST(inForm(kBerlin, number, NumberForm::Plus), "plus");
    QTEST(inForm(kBerlin, number, NumberForm::International), "international");
    QTEST(inForm(kBerlin, number, NumberForm::CountryCode), "country");
    QTEST(inForm(kBerlin, number, NumberForm::National), "national");
    QCOMPARE(inForm(kBerlin, number, NumberForm::AsItIs), number);
    QCOMPARE(inForm(DialPlan{}, number, NumberForm::Plus), number);
}

/// Every number that has a form with `+` keeps it through all the forms from which it can be told.
void TestNumberMap::formsAreStable()
{
    Numbers numbers;
    for (const DialPlan& plan : {kBerlin, kNewYork, kRome}) {
        QVERIFY(checkDialPlan(plan));
        for (int i = 0; i < 5000; ++i) {
            const std::string plus = withPlus(plan, numbers.next(12, "0123456789+*"));
            QCOMPARE(withPlus(plan, plus), plus);
            if (!plus.starts_with('+') || plus.find_first_of("+*", 1) != plus.npos || plus.size() < 9)
                continue;
            QCOMPARE(withPlus(plan, inForm(plan, plus, NumberForm::International)), plus);
            QCOMPARE(inForm(plan, plus, NumberForm::CountryCode), plus.substr(1));
            const bool isNational = plus.starts_with("+" + plan.country) && !plan.national.empty();
            const std::string rest = isNational ? plus.substr(1 + plan.country.size()) : ""s;
            if (isNational && !rest.empty() && !(plan.national + rest).starts_with(plan.international))
                QCOMPARE(withPlus(plan, inForm(plan, plus, NumberForm::National)), plus);
        }
    }
}

void TestNumberMap::rulesComeBeforeTheForm()
{
    const NumberChange change{{{"", "4930555"}, {"9", ""}}, NumberForm::AsItIs};
    QCOMPARE(changed(change, kBerlin, "21"), "493055521"s);
    QCOMPARE(changed({{{"9", ""}}, NumberForm::CountryCode}, kBerlin, "9089123456"), "4989123456"s);
}

void TestNumberMap::checks()
{
    const auto isBad = [](const Status& status) {
        return !status && status.error().code == PbxErrc::BadNumber;
    };
    QVERIFY(checkPrefix("") && checkPrefix("+49") && checkPrefix("*0#"));
    QVERIFY(isBad(checkPrefix("4+9")) && isBad(checkPrefix("x")) && isBad(checkPrefix(std::string(32, '1'))));
    QVERIFY(checkChange({{{"0", "+49"}}, NumberForm::Plus}));
    QVERIFY(isBad(checkChange({{{"0", "a"}}, NumberForm::Plus})));
    QVERIFY(isBad(checkChange({std::vector<PrefixRule>(kMaxPrefixRules + 1), NumberForm::Plus})));
    QVERIFY(checkDialPlan({}) && checkDialPlan(kBerlin) && checkDialPlan(kNewYork) && checkDialPlan(kRome));
    QVERIFY(isBad(checkDialPlan({.country = "049"})) && isBad(checkDialPlan({.country = "4", .area = "x"})));
    QVERIFY(isBad(checkDialPlan({.country = "49", .area = "", .international = "0", .national = "00"})));
    QVERIFY(isBad(checkDialPlan({.country = "49", .area = "", .international = ""})));
}

QTEST_GUILESS_MAIN(TestNumberMap)
#include "tst_number_map.moc"
