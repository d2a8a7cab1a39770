// SPDX-License-Identifier: GPL-3.0-or-later
// `own/` holds what we made, `given/` what is copied from the administrator's files at each start.
#include "core/sip/tls_identity.h"

#include "core/crypto/wipe.h"
#include "core/sip/sip_error.h"

namespace sr::sip {
namespace {

constexpr std::uint64_t kMaxPem = 256U << 10U; ///< [octets], of one file; chosen
constexpr auto kRenewBefore = std::chrono::days(30);

Result<std::string> textOf(const Path& path)
{
    auto bytes = readFile(path, kMaxPem);
    if (!bytes)
        return bytes.error();
    const std::span<std::byte> all(*bytes);
    std::string text(reinterpret_cast<const char*>(all.data()), all.size());
    crypto::wipe(all);
    return text;
}

Error at(const Path& path, const Error& error)
{
    return {error.code, utf8Of(path)};
}

/// `chain`: what proves the leaf.
Status writeTrust(const Path& folder, const std::string& chain, const TlsOptions& options)
{
    const std::string all = chain + options.trusted;
    return writeFileAtomic(folder / "cafile.pem", std::as_bytes(std::span(all)), true);
}

Status write(const Path& folder, const std::string& leaf, const std::string& key)
{
    if (auto made = makeDirs(folder); !made)
        return made;
    std::string agent = leaf + key;
    const crypto::WipeLater wipe(agent);
    return writeFileAtomic(folder / "agent.pem", std::as_bytes(std::span(agent)), true);
}

Result<TlsIdentity> given(const TlsOptions& options, const Clock& clock)
{
    const auto certificates = textOf(options.certificate);
    if (!certificates)
        return certificates.error();
    auto key = textOf(options.key);
    if (!key)
        return key.error();
    const crypto::WipeLater wipe(*key);
    const auto split = crypto::splitCertificates(*certificates);
    if (!split)
        return at(options.certificate, split.error());
    if (auto good = crypto::checkKey(*certificates, *key); !good)
        return at(options.key, good.error());
    auto facts = crypto::readCertificate(*certificates);
    if (!facts)
        return at(options.certificate, facts.error());
    if (facts->until <= clock.utcNow())
        return fail(SipErrc::CertificateExpired, utf8Of(options.certificate));
    std::string chain;
    for (std::size_t i = 1; i < split->size(); ++i)
        chain += (*split)[i];
    TlsIdentity identity{options.folder / "given", std::move(facts).value(), false};
    if (auto written = write(identity.sofiaFolder, split->front(), *key); !written)
        return written.error();
    if (auto written = writeTrust(identity.sofiaFolder, chain.empty() ? split->front() : chain, options);
        !written)
        return written.error();
    return identity;
}

struct Made {
    std::string certificate; ///< PEM
    crypto::CertificateFacts facts;
};

/// The one that was made before, if it is whole and lasts.
std::optional<Made> lasting(const Path& agent, const Clock& clock)
{
    auto pem = textOf(agent);
    if (!pem)
        return std::nullopt;
    const crypto::WipeLater wipe(*pem);
    auto facts = crypto::readCertificate(*pem);
    if (!facts || !crypto::checkKey(*pem, *pem) || facts->until - clock.utcNow() < kRenewBefore)
        return std::nullopt;
    const auto certificates = crypto::splitCertificates(*pem);
    if (!certificates)
        return std::nullopt;
    return Made{certificates->front(), std::move(facts).value()};
}

Result<TlsIdentity> own(const TlsOptions& options, const Clock& clock)
{
    TlsIdentity identity{options.folder / "own", {}, false};
    if (auto before = lasting(identity.sofiaFolder / "agent.pem", clock)) {
        identity.facts = std::move(before->facts);
        if (auto written = writeTrust(identity.sofiaFolder, before->certificate, options); !written)
            return written.error();
        return identity;
    }
    auto made = crypto::makeCertificate(options.names, clock.utcNow());
    if (!made)
        return made.error();
    const crypto::WipeLater wipe(made->key);
    auto facts = crypto::readCertificate(made->certificate);
    if (!facts)
        return facts.error();
    identity.facts = std::move(facts).value();
    identity.isNew = true;
    if (auto written = write(identity.sofiaFolder, made->certificate, made->key); !written)
        return written.error();
    if (auto written = writeTrust(identity.sofiaFolder, made->certificate, options); !written)
        return written.error();
    return identity;
}

} // namespace

Result<TlsIdentity> prepareTls(const TlsOptions& options, const Clock& clock)
{
    if (options.certificate.empty() != options.key.empty())
        return fail(SipErrc::HalfIdentity, {});
    if (auto made = makeDirs(options.folder); !made)
        return made.error();
    if (auto hidden = makePrivate(options.folder); !hidden)
        return hidden.error();
    return options.certificate.empty() ? own(options, clock) : given(options, clock);
}

} // namespace sr::sip
