// SPDX-License-Identifier: GPL-3.0-or-later
// Sealing: clear bytes come in portions of any size, whole runs of segments go out in one write.
#include "core/crypto/digest.h"
#include "core/crypto/sealed_layout.h"
#include "core/crypto/wipe.h"

#include <algorithm>

namespace sr::crypto {
namespace {

constexpr std::size_t kSegmentsPerWrite = 4; // chosen: 256 KiB still lies in the second-level cache
constexpr std::size_t kOutgoingBytes = kSegmentsPerWrite * kSegmentBytes + kFixedPreambleBytes + kMaxUidBytes;

} // namespace

//                  pending (at most one segment, because the last one is marked in its nonce)
//  write() --+---> [..........]--seal--> outgoing [seg][seg][seg][seg] --> out
//            +--- whole segments straight --^
struct SealingSink::Impl {
    Impl(ByteSink& sink, GcmCipher gcm, const StreamHeader& streamHeader)
        : out(sink)
        , cipher(std::move(gcm))
        , header(streamHeader)
        , pending(std::make_unique_for_overwrite<std::byte[]>(kClearPerSegment))
        , outgoing(std::make_unique_for_overwrite<std::byte[]>(kOutgoingBytes))
    {}
    ~Impl() { wipe(std::span(pending.get(), pendingMost)); }

    std::size_t capacity() const { return segment == 0 ? kClearInFirst : kClearPerSegment; } ///< [octets]
    Status sealSegment(ByteView clear, bool last);
    Status flush();

    ByteSink& out;
    GcmCipher cipher;
    StreamHeader header;
    std::uint64_t segment = 0; ///< number of the next one
    // Most sealed files are sidecars: memory that is not needed is not touched either.
    std::unique_ptr<std::byte[]> pending; ///< kClearPerSegment
    std::size_t pendingBytes = 0;
    std::size_t pendingMost = 0;           ///< so much of it was ever used
    std::unique_ptr<std::byte[]> outgoing; ///< kOutgoingBytes
    std::size_t outgoingBytes = 0;
    bool finished = false;
    std::optional<Error> broken; ///< after one failed write the file has a hole: nothing more may follow
};

Status SealingSink::Impl::sealSegment(ByteView clear, bool last)
{
    if (segment >= kMaxSegments)
        return fail(BaseErrc::TooLarge, "sealed file of more than 2^32 segments");
    if (kOutgoingBytes - outgoingBytes < clear.size() + kTagBytes) {
        if (auto flushed = flush(); !flushed)
            return flushed;
    }
    const Nonce nonce = segmentNonce(header, static_cast<std::uint32_t>(segment), last);
    if (!cipher.seal(nonce, {}, clear, outgoing.get() + outgoingBytes))
        return fail(CryptoErrc::Library, "seal segment " + std::to_string(segment));
    outgoingBytes += clear.size() + kTagBytes;
    ++segment;
    return {};
}

Status SealingSink::Impl::flush()
{
    auto written = out.write({outgoing.get(), outgoingBytes});
    outgoingBytes = 0;
    return written;
}

SealingSink::SealingSink(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}
SealingSink::~SealingSink() = default;

Result<std::unique_ptr<SealingSink>> SealingSink::create(ByteSink& out, const Key& archiveKey,
                                                         ContentType content, std::string_view uid)
{
    if (uid.size() > kMaxUidBytes)
        return fail(BaseErrc::TooLarge, "uid of " + std::to_string(uid.size()) + " octets");
    if (archiveKey.purpose != KeyPurpose::Archive)
        return fail(CryptoErrc::WrongKey, "an integrity key seals nothing");
    const auto dataKey = Secret::random();
    if (!dataKey)
        return dataKey.error();
    const auto wrapped = wrapKey(archiveKey.secret, *dataKey);
    if (!wrapped)
        return wrapped.error();
    StreamHeader header;
    for (std::span<std::byte> part :
         {std::span<std::byte>(header.salt), std::span<std::byte>(header.noncePrefix)}) {
        if (auto made = randomBytes(part); !made)
            return made.error();
    }
    const Preamble preamble{{archiveKey.id, content, std::string(uid)}, *wrapped};
    auto cipher = streamCipher(GcmCipher::Direction::Seal, *dataKey, header, preamble.associatedData());
    if (!cipher)
        return cipher.error();

    auto impl = std::make_unique<Impl>(out, std::move(*cipher), header);
    const auto put = [&](ByteView bytes) {
        std::copy(bytes.begin(), bytes.end(), impl->outgoing.get() + impl->outgoingBytes);
        impl->outgoingBytes += bytes.size();
    };
    const std::byte headerBytes{kStreamHeaderBytes};
    put(preamble.serialize());
    put(ByteView(&headerBytes, 1));
    put(header.salt);
    put(header.noncePrefix);
    return std::unique_ptr<SealingSink>(new SealingSink(std::move(impl)));
}

Status SealingSink::write(ByteView clear)
{
    Impl& s = *m_impl;
    if (s.broken)
        return *s.broken;
    if (s.finished)
        return fail(BaseErrc::Malformed, "write after the end of a sealed file");
    const auto seal = [&s](ByteView bytes) {
        auto sealed = s.sealSegment(bytes, false);
        if (!sealed)
            s.broken = sealed.error();
        return sealed;
    };
    while (!clear.empty()) {
        const std::size_t capacity = s.capacity();
        // More is to come, so a full segment is not the last one.
        if (s.pendingBytes == capacity) {
            if (auto sealed = seal({s.pending.get(), capacity}); !sealed)
                return sealed;
            s.pendingBytes = 0;
            continue;
        }
        if (s.pendingBytes == 0 && clear.size() > capacity) {
            if (auto sealed = seal(clear.first(capacity)); !sealed)
                return sealed;
            clear = clear.subspan(capacity);
            continue;
        }
        const std::size_t count = std::min(capacity - s.pendingBytes, clear.size());
        std::copy_n(clear.begin(), count, s.pending.get() + s.pendingBytes);
        s.pendingBytes += count;
        s.pendingMost = std::max(s.pendingMost, s.pendingBytes);
        clear = clear.subspan(count);
    }
    return {};
}

Status SealingSink::finish()
{
    Impl& s = *m_impl;
    if (s.broken)
        return *s.broken;
    if (s.finished)
        return {};
    auto done = s.sealSegment({s.pending.get(), s.pendingBytes}, true);
    if (done)
        done = s.flush();
    if (!done)
        s.broken = done.error();
    s.finished = true;
    return done;
}

} // namespace sr::crypto
