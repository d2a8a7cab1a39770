// SPDX-License-Identifier: GPL-3.0-or-later
// All forms go by way of the one with `+`.
#include "core/pbx/number_map.h"

#include "core/pbx/object_settings.h"
#include "core/pbx/pbx_error.h"

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::pair<std::string_view, NumberForm> kForms[] = {{"plus", NumberForm::Plus},
                                                              {"international", NumberForm::International},
                                                              {"country", NumberForm::CountryCode},
                                                              {"national", NumberForm::National}};

bool isDigits(std::string_view text)
{
    return !text.empty() && text.find_first_not_of(kDigits) == std::string_view::npos;
}

/// `text` without `front`; nothing if it does not begin so or nothing is behind it.
std::string_view behind(std::string_view text, std::string_view front)
{
    return !front.empty() && text.starts_with(front) ? text.substr(front.size()) : std::string_view();
}

Error refuse(std::string_view text, const char* rule)
{
    return fail(PbxErrc::BadNumber, "`" + std::string(text.substr(0, kMaxNumberDigits)) + "` " + rule);
}

} // namespace

std::string mapped(const std::vector<PrefixRule>& rules, std::string_view number)
{
    const PrefixRule* best = nullptr;
    for (const PrefixRule& rule : rules)
        if (number.starts_with(rule.prefix) && (best == nullptr || rule.prefix.size() > best->prefix.size()))
            best = &rule;
    if (best == nullptr)
        return std::string(number);
    return best->replacement + std::string(number.substr(best->prefix.size()));
}

std::string withPlus(const DialPlan& plan, std::string_view number)
{
    const std::string asItIs(number);
    if (plan.country.empty() || !isDigits(number))
        return asItIs; // with a plus as well
    if (const auto rest = behind(number, plan.international); !rest.empty())
        return "+" + std::string(rest);
    if (const auto rest = behind(number, plan.national); !rest.empty())
        return "+" + plan.country + std::string(rest);
    if (number.size() <= plan.shortDigits)
        return asItIs;
    return "+" + plan.country + plan.area + asItIs;
}

std::string inForm(const DialPlan& plan, std::string_view number, NumberForm form)
{
    if (form == NumberForm::AsItIs)
        return std::string(number);
    const std::string plus = withPlus(plan, number);
    const auto digits = behind(plus, "+");
    if (form == NumberForm::Plus || !isDigits(digits))
        return plus;
    if (form == NumberForm::CountryCode)
        return std::string(digits);
    const auto national = behind(digits, plan.country);
    if (form == NumberForm::National && !national.empty())
        return plan.national + std::string(national);
    return plan.international + std::string(digits);
}

std::string changed(const NumberChange& change, const DialPlan& plan, std::string_view number)
{
    return inForm(plan, mapped(change.rules, number), change.form);
}

Result<NumberChange> parseNumberChange(std::string_view text)
{
    NumberChange change;
    for (const std::string_view word : wordsIn(text)) {
        const auto form = std::ranges::find(kForms, word, &std::pair<std::string_view, NumberForm>::first);
        const std::size_t equals = word.find('=');
        if (equals != word.npos)
            change.rules.push_back(
                {std::string(word.substr(0, equals)), std::string(word.substr(equals + 1))});
        else if (form != std::end(kForms) && change.form == NumberForm::AsItIs)
            change.form = form->second;
        else
            return refuse(word, "is neither a rule `0=+49` nor the one form of a number");
    }
    if (auto good = checkChange(change); !good)
        return good.error();
    return change;
}

Status checkPrefix(std::string_view prefix)
{
    const std::string_view digits = prefix.starts_with('+') ? prefix.substr(1) : prefix;
    if (prefix.size() > kMaxNumberDigits)
        return refuse(prefix, "is too long for the beginning of a number");
    if (digits.find_first_not_of("0123456789*#") != std::string_view::npos)
        return refuse(prefix, "has more than a `+` first, the digits 0 to 9, `*` and `#`");
    return {};
}

Status checkChange(const NumberChange& change)
{
    if (change.rules.size() > kMaxPrefixRules)
        return fail(PbxErrc::BadNumber, std::to_string(change.rules.size()) + " rules, at most " +
                                            std::to_string(kMaxPrefixRules) + " are possible");
    for (const PrefixRule& rule : change.rules) {
        if (auto good = checkPrefix(rule.prefix); !good)
            return good;
        if (auto good = checkPrefix(rule.replacement); !good)
            return good;
    }
    return {};
}

/// E.164: country codes have up to three digits, a whole number fifteen.
Status checkDialPlan(const DialPlan& plan)
{
    if (!plan.country.empty() &&
        (!isDigits(plan.country) || plan.country.size() > 3 || plan.country.front() == '0'))
        return refuse(plan.country, "is no country code");
    if (!plan.area.empty() && (!isDigits(plan.area) || plan.area.size() > 12))
        return refuse(plan.area, "is no area code");
    for (const std::string* prefix : {&plan.international, &plan.national})
        if (!prefix->empty() && (!isDigits(*prefix) || prefix->size() > 8))
            return refuse(*prefix, "is nothing that is dialled before a country or area code");
    if (!plan.country.empty() && plan.international.empty())
        return refuse(plan.international, "is nothing that is dialled before a country code");
    if (plan.national.starts_with(plan.international) && !plan.country.empty())
        return refuse(plan.national, "begins like what is dialled before a country code");
    return {};
}

} // namespace sr::pbx
