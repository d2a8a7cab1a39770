// SPDX-License-Identifier: GPL-3.0-or-later
// Call data records of any content, for tests of what must hold for all.
#pragma once

#include "core/cdr/call_data_record.h"

#include <random>

namespace sr::test {

class RandomRecords {
public:
    explicit RandomRecords(unsigned seed)
        : m_random(seed)
    {}

    cdr::CallDataRecord next()
    {
        cdr::CallDataRecord r{text(), text(), text(), text(), text(), text(), text(), text(), text()};
        r.utc = number();
        r.local = number();
        r.id = text();
        r.pseudo = text();
        for (unsigned i = below(4); i > 0; --i)
            r.groups.push_back({text(), others()});
        for (unsigned i = below(8); i > 0; --i)
            r.events.push_back(event());
        r.other = others();
        return r;
    }

    unsigned below(unsigned end) { return static_cast<unsigned>(m_random() % end); }

private:
    std::int64_t number()
    {
        return static_cast<std::int64_t>((std::uint64_t{m_random()} << 32U | m_random()) >> below(60));
    }
    /// Often nothing; else pieces that XML has to escape.
    std::string text()
    {
        static constexpr const char* kPieces[] = {"7", "anna", " ",          "  ",  "&",    "<",
                                                  ">", "\"",   "'",          "\n",  "\r",   "\t",
                                                  "ß", "日",   "\U0001f4de", "]]>", "<!--", "&amp;"};
        std::string result;
        for (unsigned i = below(5); i > 0; --i)
            result += kPieces[below(std::size(kPieces))];
        return result;
    }
    cdr::OtherAttributes others()
    {
        static constexpr const char* kNames[] = {"fake", "email", "obj-h323", "more", "_x.1"};
        cdr::OtherAttributes result;
        for (const char* name : kNames)
            if (below(8) == 0)
                result.emplace_back(name, text());
        return result;
    }
    cdr::CdrParty party() { return {text(), text(), text()}; }
    cdr::CdrEvent event()
    {
        cdr::CdrEvent e;
        e.msg = "x" + text();
        e.time = number();
        e.type = text();
        e.e164 = text();
        e.root = text();
        e.h323 = text();
        e.conf = text();
        if (below(2) == 0)
            e.cause = static_cast<int>(below(128));
        if (below(3) == 0)
            e.to = party();
        if (below(3) == 0)
            e.ep = party();
        for (unsigned i = below(3); i > 0; --i)
            e.cf.push_back(party());
        for (unsigned i = below(3); i > 0; --i)
            e.ct.push_back(party());
        if (below(5) == 0)
            e.makecall = text();
        e.other = others();
        return e;
    }

    std::mt19937 m_random;
};

} // namespace sr::test
