// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps who is registered over a restart, so that phones can be called before they register anew.
#pragma once

#include "core/base/file.h"
#include "core/crypto/digest.h"
#include "core/pbx/directory.h"
#include "core/pbx/kept_bindings.h"
#include "core/pbx/registrar.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace sr::pbx {

/// What the keeper is made of. Without a file nothing is kept.
struct BindingParts {
    Path file = {};
    std::vector<KeptBinding> kept = {};   ///< from the file, as BindingKeeper::load() has read it
    std::vector<Endpoint> listeners = {}; ///< for UDP, by sip::Source::listener
    crypto::Secret key = {};              ///< the same after a restart, and nowhere else
    std::function<void(const std::string& line)> say = {}; ///< any thread; troubles of the file
};

/// Of devices that registered by UDP: connections are gone with the service. The file is for its owner alone,
/// and written by a thread of its own, as a whole, at most once in kEvery and at the end; a crash loses what
/// changed since. A device counts only while its user has the password with which it registered, which is
/// kept as an HMAC.
///
/// Control thread, load() excepted.
class BindingKeeper {
public:
    static constexpr std::chrono::seconds kEvery{5};

    /// `registrar` and `clock` outlive it. Nothing is written before restore().
    BindingKeeper(BindingParts parts, Registrar& registrar, const Clock& clock);
    /// Writes what has changed.
    ~BindingKeeper();
    BindingKeeper(const BindingKeeper&) = delete;
    BindingKeeper& operator=(const BindingKeeper&) = delete;

    /// A file that is not there is an empty one, and so is one that cannot be read, of which `say` hears. Any
    /// thread; waits for the disk.
    static std::vector<KeptBinding> load(const Path& file,
                                         const std::function<void(const std::string&)>& say);

    /// Binds what was kept; the users that have a device by that. Once.
    std::set<std::string> restore(const Directory& directory);
    void changed(const std::string& user) { m_changed.insert(user); }
    void onSecond(const Directory& directory);
    void flush(const Directory& directory); ///< orders what has changed

private:
    using Users = std::map<std::string, std::vector<KeptBinding>>;
    std::string proofOf(const Object& user) const;
    std::optional<std::size_t> listenerFor(const KeptBinding& kept) const;
    std::vector<KeptBinding> keptOf(const Object& user) const;
    void run();
    void write(Users& users, UtcTime now);

    BindingParts m_parts;
    Registrar& m_registrar;
    const Clock& m_clock;
    std::set<std::string> m_changed; ///< users
    TimePoint m_written{};
    std::mutex m_mutex;
    std::condition_variable m_wake;
    Users m_ordered;         ///< under m_mutex: what the thread has not taken yet; empty: the user has none
    UtcTime m_orderedAt{};   ///< under m_mutex
    bool m_stopping = false; ///< under m_mutex
    bool m_failed = false;   ///< the thread's: the last write did, which was said
    std::thread m_thread;    ///< last: it uses the others
};

} // namespace sr::pbx
