// SPDX-License-Identifier: GPL-3.0-or-later
// Entries over a sealed stream.
#include "core/engine/backup_file.h"

#include "core/crypto/wipe.h"

#include <algorithm>
#include <array>

namespace sr::engine {
namespace {

constexpr std::string_view kMagic = "SRBACK1\n";
constexpr std::string_view kFamily = "SRBACK";
constexpr std::string_view kUid = "backup";
constexpr std::size_t kSaltDigits = 32;
constexpr std::size_t kHeaderBytes = kMagic.size() + kSaltDigits;
constexpr std::size_t kPassphraseLeast = 8; ///< chosen
constexpr std::size_t kNameMost = 1024;     ///< [octets]
constexpr std::size_t kChunkBytes = 256 * 1024;

Result<crypto::KeyRing> ringOf(std::string_view passphrase, std::string_view salt)
{
    const auto secret = crypto::keyFromPassphrase(passphrase, salt);
    if (!secret)
        return secret.error();
    crypto::KeyRing ring;
    ring.add(crypto::KeyPurpose::Archive, crypto::KeyOrigin::Passphrase, *secret, {});
    return ring;
}

/// What is behind the header.
class Behind final : public ByteSource {
public:
    explicit Behind(std::unique_ptr<ByteSource> source)
        : m_source(std::move(source))
    {}
    std::uint64_t size() const override { return m_source->size() - kHeaderBytes; }
    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out) override
    {
        return m_source->readAt(offset + kHeaderBytes, out);
    }

private:
    std::unique_ptr<ByteSource> m_source;
};

bool isDevice(std::string_view part)
{
    return part.find_first_of(":\\") != std::string_view::npos || part.find('\0') != std::string_view::npos;
}

/// Relative, and nowhere up.
bool isSafe(std::string_view name)
{
    std::size_t begin = 0;
    for (;;) {
        const std::size_t end = std::min(name.find('/', begin), name.size());
        const std::string_view part = name.substr(begin, end - begin);
        if (part.empty() || part == "." || part == ".." || isDevice(part))
            return false;
        if (end == name.size())
            return true;
        begin = end + 1;
    }
}

Error damaged(const Error& error)
{
    const bool ours = error.code.category() == crypto::cryptoCategory();
    return ours ? fail(BackupErrc::Damaged, error.text()) : error;
}

} // namespace

Result<std::unique_ptr<BackupWriter>> BackupWriter::create(ByteSink& out, std::string_view passphrase)
{
    if (passphrase.size() < kPassphraseLeast)
        return fail(BackupErrc::WeakPassphrase, "");
    const auto random = crypto::Secret::random();
    if (!random)
        return random.error();
    const std::string salt = toHex(random->bytes().first(kSaltDigits / 2));
    const auto ring = ringOf(passphrase, salt);
    if (!ring)
        return ring.error();
    if (auto written = out.write(bytesOf(std::string(kMagic) + salt)); !written)
        return written.error();
    auto sink = crypto::SealingSink::create(out, *ring->active(crypto::KeyPurpose::Archive),
                                            crypto::ContentType::Settings, kUid);
    if (!sink)
        return sink.error();
    return std::unique_ptr<BackupWriter>(new BackupWriter(std::move(*sink)));
}

Status BackupWriter::add(std::string_view name, ByteSource& content)
{
    if (name.size() > kNameMost || !isSafe(name))
        return fail(BaseErrc::Malformed, "a name that no backup can have: " + std::string(name));
    const std::uint64_t bytes = content.size();
    Bytes head(2 + name.size() + 8);
    storeBe(head.data(), static_cast<std::uint16_t>(name.size()));
    std::ranges::copy(bytesOf(name), head.begin() + 2);
    storeBe(head.data() + 2 + name.size(), bytes);
    auto written = m_sink->write(head);
    Bytes chunk(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kChunkBytes)));
    const crypto::WipeLater wiped(chunk);
    for (std::uint64_t at = 0; at < bytes && written; at += chunk.size()) {
        chunk.resize(static_cast<std::size_t>(std::min<std::uint64_t>(bytes - at, kChunkBytes)));
        const auto count = content.readAt(at, chunk);
        if (!count)
            return count.error();
        if (*count < chunk.size())
            return fail(BaseErrc::Truncated, std::string(name));
        written = m_sink->write(chunk);
    }
    return written;
}

Status BackupWriter::add(std::string_view name, ByteView content)
{
    MemorySource source(content);
    return add(name, source);
}

Status BackupWriter::finish()
{
    const std::array<std::byte, 2> end{};
    auto written = m_sink->write(end);
    return written ? m_sink->finish() : written;
}

Result<std::unique_ptr<BackupReader>> BackupReader::open(std::unique_ptr<ByteSource> file,
                                                         std::string_view passphrase)
{
    std::array<std::byte, kHeaderBytes> header{};
    const auto count = file->readAt(0, header);
    if (!count)
        return count.error();
    const std::string_view text = textOf(ByteView(header).first(*count));
    const bool ours = text.size() == kHeaderBytes && text.starts_with(kFamily);
    if (ours && text[kFamily.size()] > '1' && text[kFamily.size()] <= '9' && text[kMagic.size() - 1] == '\n')
        return fail(BackupErrc::NewerVersion, "");
    if (!ours || !text.starts_with(kMagic))
        return fail(BackupErrc::NoBackup, "");
    if (passphrase.size() < kPassphraseLeast)
        return fail(BackupErrc::WrongPassphrase, "");
    const auto ring = ringOf(passphrase, text.substr(kMagic.size()));
    if (!ring)
        return ring.error();
    auto source = crypto::UnsealingSource::open(std::make_unique<Behind>(std::move(file)), *ring);
    if (!source && source.error().code == crypto::CryptoErrc::UnknownKey)
        return fail(BackupErrc::WrongPassphrase, "");
    if (!source)
        return damaged(source.error());
    if ((*source)->header().content != crypto::ContentType::Settings || (*source)->header().uid != kUid)
        return fail(BackupErrc::NoBackup, "");
    return std::unique_ptr<BackupReader>(new BackupReader(std::move(*source)));
}

Result<Bytes> BackupReader::take(std::uint64_t bytes)
{
    Bytes out(static_cast<std::size_t>(bytes));
    const auto count = m_source->readAt(m_at, out);
    if (!count)
        return damaged(count.error());
    if (*count < out.size())
        return fail(BackupErrc::Damaged, "it ends early");
    m_at += bytes;
    return out;
}

Result<std::optional<BackupReader::Entry>> BackupReader::next()
{
    m_at += m_left;
    m_left = 0;
    const auto length = take(2);
    if (!length)
        return length.error();
    const std::size_t count = loadBe<std::uint16_t>(length->data());
    if (count == 0 && m_at != m_source->size())
        return fail(BackupErrc::Damaged, "something is behind its end");
    if (count == 0)
        return std::optional<Entry>();
    const auto head = take(count + 8);
    if (!head)
        return head.error();
    Entry entry{std::string(textOf(ByteView(*head).first(count))),
                loadBe<std::uint64_t>(head->data() + count)};
    if (count > kNameMost || !isSafe(entry.name) || entry.bytes > m_source->size() - m_at)
        return fail(BackupErrc::Damaged, "an entry that cannot be");
    m_left = entry.bytes;
    return std::optional(std::move(entry));
}

Status BackupReader::copyTo(ByteSink& out)
{
    while (m_left > 0) {
        const std::uint64_t count = std::min<std::uint64_t>(m_left, kChunkBytes);
        auto chunk = take(count);
        if (!chunk)
            return chunk.error();
        const crypto::WipeLater wiped(*chunk);
        m_left -= count;
        if (auto written = out.write(*chunk); !written)
            return written;
    }
    return {};
}

Result<Bytes> BackupReader::read(std::uint64_t limit)
{
    if (m_left > limit)
        return fail(BaseErrc::TooLarge, "an entry of the backup");
    const std::uint64_t bytes = std::exchange(m_left, 0);
    return take(bytes);
}

} // namespace sr::engine
