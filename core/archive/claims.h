// SPDX-License-Identifier: GPL-3.0-or-later
// REC/claims: who is committing which uid just now, so that two programs never take one suffix.
#pragma once

#include "core/base/file.h"

namespace sr::archive {

/// One uid, taken until the object goes.
class Claim {
public:
    enum class Taken { ByMe, ByOther, BySameCall };
    struct Outcome;
    /// `staging` is this program's work folder. BySameCall: another is committing the very same fingerprint.
    static Result<Outcome> take(const Path& recDir, const Path& staging, const std::string& instance,
                                const std::string& uid, const std::string& fingerprint);
    ~Claim();
    Claim(Claim&& other) noexcept;
    Claim& operator=(Claim&&) = delete;
    void keep() { m_path.clear(); } ///< stays: its job is not done yet

private:
    explicit Claim(Path path)
        : m_path(std::move(path))
    {}
    Path m_path;
};
struct Claim::Outcome {
    Taken taken = Taken::ByOther;
    std::unique_ptr<Claim> claim;
};

/// Removes what a dead program claimed.
void dropClaims(const Path& recDir, const std::string& deadInstance);
void dropClaim(const Path& recDir, const std::string& uid);
/// Only if it is that instance's.
void dropClaim(const Path& recDir, const std::string& uid, const std::string& instance);

/// Which instance made this claim; empty if it is none or gone.
std::string claimant(const Path& recDir, const std::string& name);

constexpr const char* kClaimsFolder = "claims";

} // namespace sr::archive
