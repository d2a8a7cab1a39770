// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as one side writes them, made into what the other side wants: prefixes replaced, national and
// international forms (E.164, E.123). Pure functions on values; any thread.
#pragma once

#include "core/base/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace sr::pbx {

inline constexpr std::size_t kMaxPrefixRules = 1024; ///< of one change; chosen

/// Numbers that begin with `prefix` begin with `replacement` instead.
struct PrefixRule {
    std::string prefix;      ///< `+` at most first, then `[0-9*#]`; empty: every number
    std::string replacement; ///< likewise; empty: the prefix is taken off
    bool operator==(const PrefixRule&) const = default;
};

/// How numbers are dialled where the exchange stands.
struct DialPlan {
    std::string country = {};         ///< country code, `49`; empty: forms cannot be told, numbers stay
    std::string area = {};            ///< area code without its prefix, `30`; empty: there are none
    std::string international = "00"; ///< what is dialled before a country code
    std::string national = "0";       ///< what is dialled before an area code; empty: nothing
    std::size_t shortDigits = 6; ///< numbers without a prefix that are no longer stay: 112, 116117; chosen
    bool operator==(const DialPlan&) const = default;
};

enum class NumberForm : std::uint8_t {
    AsItIs,
    Plus,          ///< `+49301234567` (E.123)
    International, ///< `0049301234567`
    CountryCode,   ///< `49301234567`, as many providers want it
    National,      ///< `0301234567`; of other countries as International
};

/// What becomes of a number in one direction: first the rules, then the form.
struct NumberChange {
    std::vector<PrefixRule> rules;
    NumberForm form = NumberForm::AsItIs;
    bool operator==(const NumberChange&) const = default;
};

/// By the rule with the longest prefix, once; of rules for the same prefix by the first. Without one it
/// stays.
std::string mapped(const std::vector<PrefixRule>& rules, std::string_view number);

/// `+` and country code; as it is where it is no number that can be dialled from outside (short ones, those
/// with
/// `*` or `#`, names) or the plan names no country. Twice is as good as once.
std::string withPlus(const DialPlan& plan, std::string_view number);

std::string inForm(const DialPlan& plan, std::string_view number, NumberForm form);
std::string changed(const NumberChange& change, const DialPlan& plan, std::string_view number);

/// As settings write it: rules `PREFIX=REPLACEMENT` and at most one of `plus`, `international`, `country` and
/// `national`, parted by blanks. PbxErrc::BadNumber; the context names the word.
Result<NumberChange> parseNumberChange(std::string_view text);

// PbxErrc::BadNumber; the context names the text and the rule that it breaks.

Status checkPrefix(std::string_view prefix); ///< of a PrefixRule, or what stands before a number
Status checkChange(const NumberChange& change);
Status checkDialPlan(const DialPlan& plan);

} // namespace sr::pbx
