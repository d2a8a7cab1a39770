// SPDX-License-Identifier: GPL-3.0-or-later
// Small secrets in the rows of a database: AES-256-GCM under a key of their own. Layout: README.md beside
// this.
#pragma once

#include "core/crypto/key_ring.h"

namespace sr::crypto {

/// Far cheaper than seal() in sealed.h, which wraps a data key for each file: thousands of rows are read at
/// once. Any thread.
class FieldSeal {
public:
    /// `purpose` keeps the kinds of fields under one machine key apart. Errors: Library.
    static Result<FieldSeal> create(const Secret& machineKey, std::string_view purpose);

    /// `uid` names the row and is authenticated, so that no field opens in another row. At most 2^32 fields
    /// a key, as their nonces are drawn.
    Result<Bytes> seal(ByteView clear, std::string_view uid) const;
    /// Altered (also under another key, or for another uid), NewerVersion. The caller wipes what it gets.
    Result<Bytes> open(ByteView sealed, std::string_view uid) const;

private:
    explicit FieldSeal(const Secret& key)
        : m_key(key)
    {}
    Secret m_key;
};

} // namespace sr::crypto
