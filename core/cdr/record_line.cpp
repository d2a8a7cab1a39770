// SPDX-License-Identifier: GPL-3.0-or-later
// `<base> <xml>`.
#include "core/cdr/record_line.h"

#include <algorithm>
#include <charconv>

namespace sr::cdr {

std::string lineOf(const CallDataRecord& record)
{
    return std::to_string(record.base != 0 ? record.base : record.utc) + " " + toXml(record);
}

RecordLine readLine(std::string_view line)
{
    const std::size_t begin = std::min(line.find('<'), line.size());
    RecordLine read{0, line.substr(begin)};
    (void)std::from_chars(line.data(), line.data() + begin, read.base);
    return read;
}

} // namespace sr::cdr
