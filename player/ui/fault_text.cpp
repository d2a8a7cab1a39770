// SPDX-License-Identifier: GPL-3.0-or-later
// The sentences of the player's faults.
#include "player/ui/fault_text.h"

#include "core/archive/archive.h"
#include "core/codec/payload_decoder.h"
#include "core/crypto/errors.h"
#include "player/engine/audio_output.h"

#include <QCoreApplication>

namespace sr::player {

namespace {

struct Texts {
    Q_DECLARE_TR_FUNCTIONS(sr::player::FaultText)
public:
    static FaultText archive(archive::ArchiveErrc code);
    static FaultText crypto(crypto::CryptoErrc code);
    static FaultText stopped();
    static FaultText base(BaseErrc code);
    static FaultText play(PlayErrc code);
    static FaultText codec()
    {
        return {tr("The sound of this recording cannot be decoded."),
                tr("Its file may be damaged: run “switchroomctl verify” on the archive.")};
    }
    static FaultText other()
    {
        return {tr("That did not work."),
                tr("Try it again; if it stays, check the archive with “switchroomctl verify”.")};
    }
};

FaultText Texts::archive(archive::ArchiveErrc code)
{
    using archive::ArchiveErrc;
    switch (code) {
    case ArchiveErrc::NotAnArchive:
        return {tr("This folder is not an archive."),
                tr("Start the player with the folder that holds the archive's months and “TMP”, for example: "
                   "switchroom-player --archive /path/to/archive. A first import makes a new archive.")};
    case ArchiveErrc::NewerVersion:
        return {tr("This archive was written by a newer program."),
                tr("Nothing was changed. Update this program, then open the archive again.")};
    case ArchiveErrc::NotFound:
        return {tr("This recording is no longer in the archive."),
                tr("It may have been deleted or moved meanwhile. Choose another one.")};
    case ArchiveErrc::Altered:
        return {tr("This recording was changed after it was made."),
                tr("“switchroomctl verify” names what was changed.")};
    case ArchiveErrc::BadSidecar:
        return {tr("The data file beside this recording cannot be read."),
                tr("Run “switchroomctl verify” to see what is wrong with it.")};
    case ArchiveErrc::BadArchiveXml:
        return {tr("The archive's description “archive.xml” is damaged."),
                tr("Restore this file from a backup, then open the archive again.")};
    case ArchiveErrc::Duplicate:
    case ArchiveErrc::RingLocked: // the player writes nothing
        break;
    }
    return other();
}

FaultText Texts::crypto(crypto::CryptoErrc code)
{
    using crypto::CryptoErrc;
    switch (code) {
    case CryptoErrc::UnknownKey:
    case CryptoErrc::WrongKey:
        return {tr("The key for these recordings is not on this machine."),
                tr("Import the archive's key (“switchroomctl key”), or open it with the configuration folder "
                   "that holds it: --config DIR.")};
    case CryptoErrc::WrongPassphrase:
        return {tr("The passphrase does not open the archive's keys."),
                tr("Check the passphrase, capitals included, and try again.")};
    case CryptoErrc::Altered:
        return {tr("This sealed file was changed or is damaged."),
                tr("It cannot be opened. “switchroomctl verify” names every changed file.")};
    case CryptoErrc::NewerVersion:
        return {tr("This file was sealed by a newer program."), tr("Update this program, then try again.")};
    case CryptoErrc::DamagedSecrets:
        return {tr("The key file of this machine is damaged."),
                tr("Put a copy of “keys/secrets” back, or bring the keys here again with “switchroomctl key "
                   "import”.")};
    case CryptoErrc::NotSealed:
    case CryptoErrc::BadCertificate: // the player has none
    case CryptoErrc::BadKey:
    case CryptoErrc::KeyOfAnother:
    case CryptoErrc::Library:
        break;
    }
    return other();
}

FaultText Texts::stopped()
{
    return {tr("Playing stopped where this sealed file was changed or is damaged."),
            tr("The sound before that place is what was sealed. “switchroomctl verify” names every changed "
               "file.")};
}

FaultText Texts::base(BaseErrc code)
{
    switch (code) {
    case BaseErrc::NotFound:
        return {tr("The folder or file is not there."),
                tr("Check the path, and whether the drive or network share is connected.")};
    case BaseErrc::Denied:
        return {tr("You have no permission to read this archive."),
                tr("Ask the administrator for read access to the folder and its files.")};
    case BaseErrc::DiskFull:
        return {tr("The disk is full."), tr("Free some space on the disk of the configuration folder.")};
    case BaseErrc::Truncated:
    case BaseErrc::Malformed:
    case BaseErrc::TooLarge:
        return {tr("This file is damaged or not what its name says."),
                tr("Run “switchroomctl verify” on the archive to find every such file.")};
    case BaseErrc::Locked:
        return {tr("Another program keeps this archive locked."),
                tr("Close the other program and try again.")};
    case BaseErrc::Io:
        return {tr("The disk or network share does not answer."),
                tr("Check the drive or the connection and try again.")};
    case BaseErrc::Exists:
    case BaseErrc::Cancelled:
        break;
    }
    return other();
}

FaultText Texts::play(PlayErrc code)
{
    switch (code) {
    case PlayErrc::NoDevice:
        return {tr("This machine has no sound output."),
                tr("Connect a headset or loudspeaker: Play becomes available by itself.")};
    case PlayErrc::DeviceFailed:
        return {
            tr("The sound output cannot be opened."),
            tr("Another program may hold it. Close that program or choose another device, then press Play.")};
    case PlayErrc::NoAudio:
        return {tr("There is no sound in this recording."),
                tr("The call was not answered, or no audio was captured.")};
    }
    return other();
}

} // namespace

FaultText faultText(const Error& error, FaultMoment moment)
{
    if (moment == FaultMoment::Playing && error.code == make_error_code(crypto::CryptoErrc::Altered))
        return Texts::stopped();
    const std::error_category& kind = error.code.category();
    const int value = error.code.value();
    FaultText fault = Texts::other();
    if (kind == make_error_code(archive::ArchiveErrc::NotFound).category())
        fault = Texts::archive(static_cast<archive::ArchiveErrc>(value));
    else if (kind == make_error_code(crypto::CryptoErrc::Altered).category())
        fault = Texts::crypto(static_cast<crypto::CryptoErrc>(value));
    else if (kind == make_error_code(PlayErrc::NoDevice).category())
        fault = Texts::play(static_cast<PlayErrc>(value));
    else if (kind == make_error_code(codec::CodecErrc::BadFile).category())
        fault = Texts::codec();
    else if (kind == make_error_code(BaseErrc::Io).category())
        fault = Texts::base(static_cast<BaseErrc>(value));
    return fault;
}

bool tellsOfChange(const Error& error)
{
    return error.code == make_error_code(archive::ArchiveErrc::Altered) ||
           error.code == make_error_code(crypto::CryptoErrc::Altered);
}

} // namespace sr::player
