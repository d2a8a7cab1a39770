// SPDX-License-Identifier: GPL-3.0-or-later
// Scripts and fragments by HTTP, on a thread of its own.
#pragma once

#include "core/base/clock.h"
#include "core/base/error.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sr::pbx {

/// Needs a QCoreApplication. Any thread, one at a time; its end drops what is under way.
class ScriptFetch {
public:
    using Done = std::function<void(Result<std::string>)>; ///< on its thread
    static constexpr std::size_t kMost = 100;              ///< at once; further ones are refused

    /// `timeout`: for a whole answer. `bytes`: the most that it may have.
    explicit ScriptFetch(milliseconds timeout = seconds(5), std::size_t bytes = std::size_t{256} * 1024);
    ~ScriptFetch();
    ScriptFetch(const ScriptFetch&) = delete;
    ScriptFetch& operator=(const ScriptFetch&) = delete;

    /// Whether `url` is one of http or https whose host is among `hosts`, parted by blanks or commas, each
    /// with `:port` if that is not the scheme's own.
    static bool isAllowed(const std::string& url, std::string_view hosts);
    /// The body of an answer 2xx. Redirections are not followed, as they might lead elsewhere. Errors:
    /// BaseErrc::Io with the reason, TooLarge.
    void get(const std::string& url, Done done);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::pbx
