// SPDX-License-Identifier: GPL-3.0-or-later
// Words for codec errors.
#include "core/codec/payload_decoder.h"

namespace sr::codec {
namespace {

const char* text(CodecErrc error) noexcept
{
    switch (error) {
    case CodecErrc::Unsupported:
        return "this sound format is not supported";
    case CodecErrc::BadPayload:
        return "the sound data of a packet is damaged";
    case CodecErrc::Library:
        return "the sound library refused";
    case CodecErrc::BadFile:
        return "not a sound file, or damaged";
    }
    return "sound error";
}

} // namespace

const std::error_category& codecCategory() noexcept
{
    static const EnumCategory<CodecErrc> category("codec", text);
    return category;
}

} // namespace sr::codec
