// SPDX-License-Identifier: GPL-3.0-or-later
// Reading sealed files at any offset: whole runs of segments go straight to the reader, the odd ends through
// a cache of a few segments.
#include "core/crypto/sealed_layout.h"
#include "core/crypto/wipe.h"

#include <algorithm>

namespace sr::crypto {
namespace {

constexpr std::size_t kCachedSegments = 4;  // chosen: a WAV reader's two places and a seek's neighbour
constexpr std::size_t kSegmentsPerRead = 4; // chosen: 256 KiB still lies in the second-level cache

/// Clear bytes of one segment.
struct CachedSegment {
    std::uint64_t number = kMaxSegments; ///< kMaxSegments: empty
    std::uint64_t lastUse = 0;
    Bytes clear;
    std::size_t size = 0;
};

} // namespace

struct UnsealingSource::Impl {
    Impl(std::unique_ptr<ByteSource> source, Preamble read, const StreamHeader& streamHeader, GcmCipher gcm)
        : sealed(std::move(source))
        , preamble(std::move(read))
        , stream(streamHeader)
        , cipher(std::move(gcm))
        , incoming(kSegmentsPerRead * kSegmentBytes)
    {}
    ~Impl()
    {
        for (CachedSegment& segment : cache)
            wipe(segment.clear);
    }

    // Segment 0 begins with the stream header, which counts as its first octets.
    std::uint64_t firstClear(std::uint64_t segment) const
    {
        return segment == 0 ? 0 : segment * kClearPerSegment - kStreamHeaderBytes;
    }
    std::uint64_t segmentOf(std::uint64_t clearOffset) const
    {
        return (clearOffset + kStreamHeaderBytes) / kClearPerSegment;
    }
    std::size_t clearIn(std::uint64_t segment) const
    {
        const std::uint64_t end = std::min(clearBytes, firstClear(segment + 1));
        return static_cast<std::size_t>(end - firstClear(segment));
    }
    Status measure();
    Status loadRun(std::uint64_t first, std::uint64_t count, std::byte* out);
    Status decrypt(std::uint64_t segment, ByteView bytes, std::byte* out);
    Result<const CachedSegment*> cached(std::uint64_t segment);

    std::unique_ptr<ByteSource> sealed;
    Preamble preamble;
    StreamHeader stream;
    GcmCipher cipher;
    std::uint64_t clearBytes = 0;
    std::uint64_t segments = 0;
    Bytes incoming;
    std::array<CachedSegment, kCachedSegments> cache;
    std::uint64_t uses = 0;
};

/// Derives the clear size from the sealed one.
Status UnsealingSource::Impl::measure()
{
    const std::uint64_t total = sealed->size();
    const std::uint64_t streamBytes = total < preamble.size() ? 0 : total - preamble.size();
    const std::uint64_t lastBytes = streamBytes % kSegmentBytes;
    segments = streamBytes / kSegmentBytes + (lastBytes > 0 ? 1 : 0);
    const std::size_t least = kTagBytes + (segments == 1 ? kStreamHeaderBytes : 1);
    if (segments == 0 || (lastBytes > 0 && lastBytes < least))
        return fail(CryptoErrc::Altered, "cut at offset " + std::to_string(total));
    if (segments > kMaxSegments)
        return fail(BaseErrc::TooLarge, "sealed file of more than 2^32 segments");
    clearBytes = streamBytes - kStreamHeaderBytes - segments * kTagBytes;
    return {};
}

Status UnsealingSource::Impl::decrypt(std::uint64_t segment, ByteView bytes, std::byte* out)
{
    const bool last = segment + 1 == segments;
    const auto number = static_cast<std::uint32_t>(segment);
    if (cipher.open(segmentNonce(stream, number, last), {}, bytes, out))
        return {};
    const std::string where = "segment " + std::to_string(segment) + " at offset " +
                              std::to_string(preamble.size() + segment * kSegmentBytes);
    // Only to say more: good as a middle segment means that the rest is gone.
    if (last && cipher.open(segmentNonce(stream, number, false), {}, bytes, out)) {
        wipe(std::span(out, bytes.size() - kTagBytes));
        return fail(CryptoErrc::Altered, where + " is not the last: the file was cut behind it");
    }
    return fail(CryptoErrc::Altered, where);
}

/// Decrypts `count` neighbours, at most kSegmentsPerRead, one after the other to `out`.
Status UnsealingSource::Impl::loadRun(std::uint64_t first, std::uint64_t count, std::byte* out)
{
    const std::size_t skip = first == 0 ? kStreamHeaderBytes : 0;
    std::size_t want = 0;
    for (std::uint64_t i = first; i < first + count; ++i)
        want += clearIn(i) + kTagBytes;
    const std::uint64_t at = preamble.size() + first * kSegmentBytes + skip;
    const auto got = sealed->readAt(at, std::span(incoming).first(want));
    if (!got)
        return got.error();
    if (*got != want)
        return fail(CryptoErrc::Altered, "cut at offset " + std::to_string(at + *got));
    ByteView rest(incoming.data(), want);
    for (std::uint64_t i = first; i < first + count; ++i) {
        const std::size_t clear = clearIn(i);
        if (auto opened = decrypt(i, rest.first(clear + kTagBytes), out); !opened)
            return opened;
        rest = rest.subspan(clear + kTagBytes);
        out += clear;
    }
    return {};
}

Result<const CachedSegment*> UnsealingSource::Impl::cached(std::uint64_t segment)
{
    CachedSegment* slot = &cache[0];
    for (CachedSegment& candidate : cache) {
        if (candidate.number == segment) {
            candidate.lastUse = ++uses;
            return &candidate;
        }
        if (candidate.lastUse < slot->lastUse)
            slot = &candidate;
    }
    slot->clear.resize(kClearPerSegment);
    slot->number = kMaxSegments; // until the tag has been checked
    slot->lastUse = 0;
    if (auto loaded = loadRun(segment, 1, slot->clear.data()); !loaded)
        return loaded.error();
    slot->number = segment;
    slot->size = clearIn(segment);
    slot->lastUse = ++uses;
    return slot;
}

UnsealingSource::UnsealingSource(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}
UnsealingSource::~UnsealingSource() = default;

namespace {

struct OpenedPreamble {
    Preamble preamble;
    Secret dataKey;
};

Result<OpenedPreamble> openOnce(ByteSource& sealed, const KeyRing& ring)
{
    auto preamble = readPreamble(sealed);
    if (!preamble)
        return preamble.error();
    const Key* key = ring.find(preamble->header.keyId);
    if (key == nullptr || key->purpose != KeyPurpose::Archive)
        return fail(CryptoErrc::UnknownKey, "key " + toHex(preamble->header.keyId));
    auto dataKey = unwrapKey(key->secret, preamble->wrapped);
    if (!dataKey)
        return Error{dataKey.error().code, "key " + toHex(key->id)};
    return OpenedPreamble{std::move(*preamble), *dataKey};
}

/// A rotation may rewrite id and wrapped key between our reading of the one and the other: then once more.
Result<OpenedPreamble> openPreamble(ByteSource& sealed, const KeyRing& ring)
{
    auto opened = openOnce(sealed, ring);
    if (opened ||
        (opened.error().code != CryptoErrc::WrongKey && opened.error().code != CryptoErrc::UnknownKey))
        return opened;
    return openOnce(sealed, ring);
}

} // namespace

Result<std::unique_ptr<UnsealingSource>> UnsealingSource::open(std::unique_ptr<ByteSource> sealed,
                                                               const KeyRing& ring)
{
    auto opened = openPreamble(*sealed, ring);
    if (!opened)
        return opened.error();
    Preamble& preamble = opened->preamble;
    std::array<std::byte, kStreamHeaderBytes> bytes{};
    const auto got = sealed->readAt(preamble.size(), bytes);
    if (!got)
        return got.error();
    if (*got != bytes.size())
        return fail(CryptoErrc::Altered, "cut at offset " + std::to_string(preamble.size() + *got));
    if (bytes[0] != std::byte{kStreamHeaderBytes})
        return fail(CryptoErrc::Altered, "stream header at offset " + std::to_string(preamble.size()));
    StreamHeader stream;
    std::copy_n(bytes.begin() + 1, kSaltBytes, stream.salt.begin());
    std::copy_n(bytes.begin() + 1 + kSaltBytes, kNoncePrefixBytes, stream.noncePrefix.begin());
    auto cipher =
        streamCipher(GcmCipher::Direction::Open, opened->dataKey, stream, preamble.associatedData());
    if (!cipher)
        return cipher.error();
    auto impl = std::make_unique<Impl>(std::move(sealed), std::move(preamble), stream, std::move(*cipher));
    if (auto measured = impl->measure(); !measured)
        return measured.error();
    // An empty file has nothing to read later, so its only segment is checked now.
    if (impl->clearBytes == 0) {
        if (auto checked = impl->cached(0); !checked)
            return checked.error();
    }
    return std::unique_ptr<UnsealingSource>(new UnsealingSource(std::move(impl)));
}

std::uint64_t UnsealingSource::size() const
{
    return m_impl->clearBytes;
}

const SealedHeader& UnsealingSource::header() const
{
    return m_impl->preamble.header;
}

Result<std::size_t> UnsealingSource::readAt(std::uint64_t offset, std::span<std::byte> out)
{
    Impl& s = *m_impl;
    if (offset >= s.clearBytes)
        return std::size_t{0};
    out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), s.clearBytes - offset)));
    std::size_t done = 0;
    while (done < out.size()) {
        const std::uint64_t at = offset + done;
        const std::uint64_t segment = s.segmentOf(at);
        std::uint64_t whole = 0; // segments that fit completely into what is still wanted
        std::size_t bytes = 0;
        if (at == s.firstClear(segment)) {
            while (whole < kSegmentsPerRead && segment + whole < s.segments &&
                   bytes + s.clearIn(segment + whole) <= out.size() - done)
                bytes += s.clearIn(segment + whole++);
        }
        if (whole > 0) {
            if (auto loaded = s.loadRun(segment, whole, out.data() + done); !loaded) {
                wipe(out); // an error leaves nothing that might be taken for content
                return loaded.error();
            }
            done += bytes;
            continue;
        }
        const auto held = s.cached(segment);
        if (!held) {
            wipe(out);
            return held.error();
        }
        const auto within = static_cast<std::size_t>(at - s.firstClear(segment));
        const std::size_t count = std::min((*held)->size - within, out.size() - done);
        std::copy_n((*held)->clear.begin() + static_cast<std::ptrdiff_t>(within), count,
                    out.begin() + static_cast<std::ptrdiff_t>(done));
        done += count;
    }
    return done;
}

} // namespace sr::crypto
