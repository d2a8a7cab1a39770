// SPDX-License-Identifier: GPL-3.0-or-later
// One folder, one name.
#include "app/control/socket_name.h"

#include "core/crypto/digest.h"

#include <QString>

namespace sr::control {
namespace {

#ifdef _WIN32
constexpr Case kLetters = Case::Folded;
#else
constexpr Case kLetters = Case::Matters;
#endif
constexpr std::size_t kNameBytes = 16; ///< of the hash: long enough that no two folders ever meet

std::string folded(std::string_view path)
{
    QString text = QString::fromUtf8(path.data(), static_cast<qsizetype>(path.size())).toCaseFolded();
    text.replace(QLatin1Char('\\'), QLatin1Char('/'));
    if (text.startsWith(QLatin1String("//?/"))) // only how Windows is asked for long paths
        text.remove(0, 4);
    return text.toStdString();
}

} // namespace

std::string hashedName(std::string_view canonical, Case letters)
{
    const std::string text = letters == Case::Folded ? folded(canonical) : std::string(canonical);
    const crypto::Sha256 hash = crypto::sha256(bytesOf(text));
    return toHex(ByteView(hash).first(kNameBytes));
}

std::string socketNameOf(const Path& configDir)
{
    return hashedName(utf8Of(realPath(configDir)), kLetters);
}

} // namespace sr::control
